"""Small APIs, written for one test each, and their worlds."""

from pathlib import Path
from typing import Any

from drafts import load, openapi

from toolbench.world.world import Landscape, World

ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "issue": {"type": "string"}}},
        },
    },
}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: Any, media_type: str = "application/json") -> dict[str, Any]:
    """Return a required request body."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def answer(schema: Any = None, status: str = "200", **errors: Any) -> dict[str, Any]:
    """Return the responses of an operation; `e404=schema` documents a failure."""
    shown = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    failures = {
        code.removeprefix("e"): {"description": "Failure", "content": {"application/json": {"schema": failure}}}
        for code, failure in errors.items()
    }
    return {"responses": {status: {"description": "Fine", **shown}, **failures}}


def query(name: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """Return a query parameter."""
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}, **more}


def collection(path: str, shown: Any, sent: Any = None, *, key: str = "id", filters: Any = (), **errors: Any) -> Any:
    """Return the usual operations on a collection whose list is a bare array."""
    sent = shown if sent is None else sent
    name = path.strip("/").replace("/", "_").replace("{", "").replace("}", "")
    item = f"{path}/{{{key}}}"
    places = [part[1:-1] for part in item.split("/") if part.startswith("{")]
    spots = [{"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in places]
    return {
        path: {
            "parameters": spots[:-1],
            "get": {
                "operationId": f"list_{name}",
                "parameters": list(filters),
                **answer({"type": "array", "items": shown}, **errors),
            },
            "post": {"operationId": f"create_{name}", **body(sent), **answer(shown, "201", **errors)},
        },
        item: {
            "parameters": spots,
            "get": {"operationId": f"get_{name}", **answer(shown, **errors)},
            "patch": {"operationId": f"update_{name}", **body(sent), **answer(shown, **errors)},
            "put": {"operationId": f"replace_{name}", **body(sent), **answer(shown, **errors)},
            "delete": {"operationId": f"delete_{name}", **answer(None, "204", **errors)},
        },
    }


def shop(folder: Path, paths: Any, seed: int = 3, security: Any = None, **schemas: Any) -> World:
    """Return the world of one description, whose API is called `shop`."""
    schemes = {} if security is None else {"securitySchemes": security}
    document = openapi(paths, components={"schemas": schemas, **schemes})
    return World(Landscape([load(folder, document)]), seed)


def keys(world: World, resource: str, *ancestors: str) -> list[str]:
    """Return the own keys of the entities there are at the beginning under given ancestors."""
    found = world.behaviour.keys(world.landscape.resources[resource], ancestors, world.initial)
    return [key[-1] for key in found]
