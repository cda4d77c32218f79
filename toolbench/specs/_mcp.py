"""Connections to servers that speak the Model Context Protocol; the package `mcp` is loaded when one is made."""

import importlib.util
import shlex
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, TextIO, cast

import httpx2

from toolbench._version import __version__
from toolbench.errors import PluginError

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client import Transport

SCHEME = "bearer"
"""Name of the security scheme of servers with a URL: a token, which those that are open to all do not need."""


def is_url(server: str) -> bool:
    """Tell whether a server is reached at a URL, not started by a command line."""
    return server.startswith(("http://", "https://"))


def check_installed() -> None:
    """Raise PluginError unless the package is there."""
    if importlib.util.find_spec("mcp") is None:
        hint = "Install it: pip install 'toolbench-traces[mcp]'"
        raise PluginError("the package `mcp`, which speaks to MCP servers, is not installed", hint=hint)


def program_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for a program of somebody else's: all but our own, which hold credentials."""
    return {name: value for name, value in environ.items() if not name.startswith("TOOLBENCH_")}


def over_http(url: str, http: httpx2.AsyncClient, most: int) -> "Client":
    """Return a client, not connected yet, of a server at a URL.

    Args:
        url: the URL.
        http: sends the requests; stays open.
        most: bytes of a message that the server may send, where it streams.
    """
    from mcp.client.streamable_http import streamable_http_client

    return _client(streamable_http_client(url, http_client=http, max_sse_event_size=most))


def over_stdio(command: str, environment: Mapping[str, str], errors: IO[str] | int) -> "Client":
    """Return a client, not connected yet, of a server that is started by a command line.

    Args:
        command: the command line, split as a POSIX shell does; no shell runs it.
        environment: variables for the server; credentials of APIs are not handed on.
        errors: where what it writes to standard error goes: a real file, or `subprocess.DEVNULL`.

    Raises:
        ValueError: it is no command line.
    """
    from mcp import StdioServerParameters, stdio_client

    program, *arguments = shlex.split(command)
    server = StdioServerParameters(command=program, args=arguments, env=program_environment(environment))
    return _client(stdio_client(server, cast("TextIO", errors)))


def _client(transport: "Transport") -> "Client":
    from mcp import Client, Implementation

    return Client(transport, client_info=Implementation(name="toolbench", version=__version__))


def cause_of(error: BaseException) -> BaseException:
    """Return what went wrong first, where things may have gone wrong in several tasks at once."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error


def reason_of(error: BaseException) -> str:
    """Return in a few words what went wrong."""
    cause = cause_of(error)
    return f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
