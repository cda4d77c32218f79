"""The tools of a Model Context Protocol server: its command line (stdio) or its URL (streamable HTTP)."""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx2

from toolbench.errors import SpecError
from toolbench.model import JsonObject, McpBinding, SecurityScheme
from toolbench.model.tool import Safety, credential_variable
from toolbench.specs._functions import Function, Functions, rebased
from toolbench.specs._json import as_list, as_object, as_text
from toolbench.specs._mcp import SCHEME, check_installed, is_url, over_http, over_stdio, reason_of
from toolbench.specs._names import api_id_of
from toolbench.specs.base import Document, Reading, asked

if TYPE_CHECKING:
    from mcp import Client

__all__ = ["McpServer"]

SECONDS = 60.0
"""Longest time for a server to start and to list its tools."""

MOST_PAGES = 1000
"""Pages of tools that are asked for."""

_FILES = (".json", ".yaml", ".yml")


class McpServer:
    """Loader of MCP servers. A server is started, or connected to, and asked for its tools.

    A URL that wants a token gets it from the environment: `TOOLBENCH_<ID>_BEARER`.
    """

    def claims(self, source: str) -> bool:
        """Tell whether the source is a URL, or a program on this machine with arguments."""
        if is_url(source):
            return not httpx2.URL(source).path.endswith(_FILES)
        words = _words(source)
        return len(words) > 1 and shutil.which(words[0]) is not None

    def ask(self, source: str, api_id: str | None) -> Document:
        """Return what a server says of itself and its tools.

        Raises:
            SpecError: the server cannot be started or reached, or does not answer as one.
            PluginError: the package `mcp` is not installed.
        """
        check_installed()
        name = httpx2.URL(source).host if is_url(source) else Path((_words(source) or [source])[-1]).stem
        with tempfile.TemporaryFile("w+") as errors:
            try:
                content = _run(_listed(source, api_id or api_id_of(name, ""), errors))
            except Exception as error:
                hint = "Give the URL of a server that speaks streamable HTTP, or the command line of one on stdio"
                raise SpecError(f"no MCP server answers ({_reason(error, errors)})", where=source, hint=hint) from error
        return asked(name if is_url(source) else as_text(content["server"].get("name")) or name, content)

    def recognises(self, document: Document) -> bool:
        """Return false: no file is of this kind."""
        del document
        return False

    def title(self, document: Document) -> str:
        """Return the title that the server gives itself."""
        server = as_object(as_object(document.content).get("server"))
        return as_text(server.get("title")) or as_text(server.get("name"))

    def load(self, document: Document, api_id: str) -> Reading:
        """Return the API: a tool for each of the server's.

        Raises:
            SpecError: a reference in a schema leads nowhere.
        """
        content = as_object(document.content)
        source, server = as_text(content.get("source")), as_object(content.get("server"))
        functions = [_function(source, place, as_object(tool)) for place, tool in enumerate(as_list(content["tools"]))]
        at_url = is_url(source)
        return Functions(document, api_id, "mcp").reading(
            functions,
            f"MCP {as_text(content.get('protocol'))}",
            title=self.title(document),
            description=as_text(content.get("instructions")),
            api_version=as_text(server.get("version")),
            servers=(source,) if at_url else (),
            security_schemes={SCHEME: SecurityScheme(type="http", scheme="bearer")} if at_url else {},
        )


def _run(listing: Coroutine[Any, Any, JsonObject]) -> JsonObject:
    """Return what a coroutine gives, also where the caller has an event loop of its own, as notebooks do."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, listing).result()


def _words(source: str) -> list[str]:
    try:
        return shlex.split(source)
    except ValueError:
        return []


def _function(server: str, place: int, tool: JsonObject) -> Function:
    name = as_text(tool.get("name"))
    binding = McpBinding(server=server, tool=name)
    return Function(name, ("tools", str(place)), "inputSchema", "outputSchema", binding, _safety(tool))


def _safety(tool: JsonObject) -> Safety:
    """Return what a call does, as the server's hints say; without any it must be taken for destructive."""
    hints = as_object(tool.get("annotations"))
    if hints.get("readOnlyHint") is True:
        return "read"
    return "write" if hints.get("destructiveHint") is False else "destructive"


async def _listed(source: str, api_id: str, errors: IO[str]) -> JsonObject:
    """Return what a server says of itself, and all its tools."""
    async with asyncio.timeout(SECONDS):
        if not is_url(source):
            return await _described(source, over_stdio(source, os.environ, errors))
        async with httpx2.AsyncClient(headers=_authorization(api_id, os.environ), timeout=SECONDS) as http:
            return await _described(source, over_http(source, http, 1 << 24))


def _authorization(api_id: str, environ: Mapping[str, str]) -> dict[str, str]:
    token = environ.get(credential_variable(api_id, SCHEME))
    return {"Authorization": f"Bearer {token}"} if token else {}


async def _described(source: str, client: "Client") -> JsonObject:
    async with client:
        server = client.server_info
        return {
            "source": source,
            "protocol": client.protocol_version,
            "server": server.model_dump(mode="json", by_alias=True, exclude_none=True) if server else {},
            "instructions": client.instructions or "",
            "tools": await _tools(client),
        }


async def _tools(client: "Client") -> list[JsonObject]:
    tools: list[JsonObject] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            tools.append(_own(tool.model_dump(mode="json", by_alias=True, exclude_none=True), len(tools)))
        cursor = page.next_cursor
        if not cursor:
            break
    return tools


def _own(tool: JsonObject, place: int) -> JsonObject:
    """Return a tool whose schemas are parts of the list."""
    schemas = {key: tool[key] for key in ("inputSchema", "outputSchema") if key in tool}
    return tool | {key: rebased(schema, f"/tools/{place}/{key}") for key, schema in schemas.items()}


def _reason(error: BaseException, errors: IO[str]) -> str:
    """Return in a few words why a server could not be used, with what it wrote last to standard error."""
    errors.seek(0)
    lines = [line.strip() for line in errors if line.strip()]
    return f"{reason_of(error)}; it wrote: {lines[-1][:200]}" if lines else reason_of(error)
