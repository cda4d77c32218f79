"""A server on loopback that says exactly what a test tells it to, byte for byte, and an API that it serves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

from toolbench.model import Api, Argument, Call, HttpBinding, SecurityScheme, Source, Task, Tool, Turn

SOURCE = Source(spec="demo", kind="openapi", sha256="0" * 64)
TASK = Task(id="t0", kind="lookup", turns=(Turn(text="Do."),), apis=("demo",), world_seed=0)


@dataclass
class Seen:
    """A request as the server saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Write = Callable[[bytes], Awaitable[None]]
Handler = Callable[[Seen, Write], Awaitable[None]]


def response(body: bytes | str = b"", status: int = 200, /, **headers: str) -> bytes:
    """Return a whole response; underscores in names of headers stand for hyphens."""
    content = body.encode() if isinstance(body, str) else body
    fields = {"Content-Length": str(len(content)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + content


def json_response(body: str, status: int = 200, /, **headers: str) -> bytes:
    return response(body, status, Content_Type="application/json", **headers)


@dataclass
class Server:
    """Answers each path with its bytes, or by its handler; several in a row where a list is given."""

    answers: dict[str, bytes | Handler | list[bytes]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        try:
            seen = await _request(reader)
            self.seen.append(seen)
            await self._answer(seen, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(asyncio.current_task())

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        async def write(content: bytes) -> None:
            writer.write(content)
            await writer.drain()

        answer = self.answers.get(seen.target.partition("?")[0], response("nothing here", 404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            await answer(seen, write)
        else:
            await write(answer)


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body)


def tool(
    name: str, path: str, *, method: str = "GET", safety: str = "read", security: tuple = (), arguments: tuple = ()
) -> Tool:
    """Return a tool of the demo API; arguments are pairs of a name and a place, all of them texts."""
    return Tool(
        name=f"demo_{name}",
        api="demo",
        parameters={
            "type": "object",
            "properties": {each: {"type": "string"} for each, _ in arguments},
            "additionalProperties": False,
        },
        binding=HttpBinding(
            method=method,
            path=path,
            arguments=tuple(Argument(name=each, location=where, key=each) for each, where in arguments),
            media_type="application/json" if any(where == "body" for _, where in arguments) else "",
            security=security,
        ),
        safety=safety,
        source=SOURCE,
    )


SCHEMES = {
    "bearer": SecurityScheme(type="http", scheme="bearer"),
    "basic": SecurityScheme(type="http", scheme="basic"),
    "oauth": SecurityScheme(type="oauth2"),
    "header": SecurityScheme(type="apiKey", location="header", name="X-Api-Key"),
    "query": SecurityScheme(type="apiKey", location="query", name="api_key"),
    "cookie": SecurityScheme(type="apiKey", location="cookie", name="session"),
    "digest": SecurityScheme(type="http", scheme="digest"),
}


def demo(*tools: Tool, server: str = "") -> Api:
    """Return the demo API: `get` (q, x in the query), `put` (a body), `delete`, and one read per security scheme."""
    usual = (
        tool("get", "/get", arguments=(("q", "query"), ("x", "query"))),
        tool("put", "/put", method="POST", safety="write", arguments=(("a", "body"),)),
        tool("delete", "/delete", method="DELETE", safety="destructive"),
        *(tool(f"by_{name}", "/get", security=((name,),), arguments=(("q", "query"),)) for name in SCHEMES),
    )
    return Api(
        id="demo",
        title="Demo",
        servers=(server,) if server else (),
        security_schemes=SCHEMES,
        tools=(*usual, *tools),
        source=SOURCE,
    )


def call(name: str, **arguments: str) -> Call:
    return Call(id="c", tool=f"demo_{name}", arguments=arguments)
