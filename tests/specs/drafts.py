"""Small descriptions, written for one test each."""

import json
from pathlib import Path
from typing import Any

from toolbench.model import Api, HttpBinding, Tool
from toolbench.specs.base import Reading, read_spec


def openapi(paths: dict[str, Any], *, version: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """Return a document."""
    return {"openapi": version, "info": {"title": "Shop", "version": "1"}, "paths": paths, **more}


def swagger(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a Swagger 2.0 document."""
    return {"swagger": "2.0", "info": {"title": "Shop", "version": "1"}, "paths": paths, **more}


def post(schema: Any, *, required: bool = True, media_type: str = "application/json", **media: Any) -> dict[str, Any]:
    """Return the paths of an API with one operation, which takes a body."""
    content = {media_type: {"schema": schema, **media}}
    return {"/orders": {"post": {"operationId": "make", "requestBody": {"required": required, "content": content}}}}


def get(*parameters: Any, path: str = "/orders", **operation: Any) -> dict[str, Any]:
    """Return the paths of an API with one operation, which takes parameters."""
    return {path: {"get": {"operationId": "look", "parameters": list(parameters), **operation}}}


def reading(folder: Path, document: Any, name: str = "shop.json") -> Reading:
    """Return what reading a document gives."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return read_spec(path)


def load(folder: Path, document: Any, name: str = "shop.json") -> Api:
    """Return the API that a document describes."""
    return reading(folder, document, name).api


def only_tool(folder: Path, document: Any) -> Tool:
    """Return the one tool that a document describes, closed."""
    api = load(folder, document)
    (tool,) = api.tools
    return api.tool(tool.name)


def http(tool: Tool) -> HttpBinding:
    """Return a tool's binding."""
    assert isinstance(tool.binding, HttpBinding)
    return tool.binding


def places(tool: Tool) -> dict[str, tuple[str, str]]:
    """Return location and name on the wire of each argument."""
    return {each.name: (each.location, each.key) for each in http(tool).arguments}
