"""Carries calls to MCP servers: those that the user allows to be run, or to be reached."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, cast

import httpx2
import orjson

from toolbench.executors._access import Access, Limits
from toolbench.executors._carriers import Errand, result
from toolbench.executors._cassette import Answer, Sent
from toolbench.executors._credentials import Keyring, Placed
from toolbench.executors._desk import failure
from toolbench.executors._errors import RefusedError
from toolbench.executors._hosts import Hosts, named
from toolbench.executors._pace import Pace
from toolbench.executors._redaction import Redactor
from toolbench.executors._transport import GuardedTransport
from toolbench.llm.retry import Sleep
from toolbench.model import Api, Json, JsonObject, McpBinding, Tool, canonical, is_array, is_object
from toolbench.model.trace import ObservationStatus
from toolbench.specs._mcp import SCHEME, cause_of, check_installed, is_url, over_http, over_stdio, reason_of

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult, ContentBlock

LEAST_MESSAGE = 1 << 20
"""Bytes of a message that a server at a URL may always send: an answer is wrapped, and may be there twice."""

_TIMED_OUT = -32001
_SESSION_LOST = (-32000, -32600)
"""Codes of errors after which a new session is needed: the connection is closed, the server forgot the session."""
_OPEN_OR_TOKEN = ((SCHEME,), ())


class McpCarrier:
    """Carries calls to MCP servers, over one session for each server and API, opened when first needed.

    Args:
        access: what the user allows.
        keyring: the credentials, for servers at a URL.
        redactor: takes out secrets.
        limits: how much of a server is used.
        environ: environment variables for servers that are started; ours are not handed on.
        clock: seconds since some moment, for the rate limit.
        sleep: how to wait.

    Raises:
        PluginError: the package `mcp` is not installed.
    """

    def __init__(
        self,
        access: Access,
        keyring: Keyring,
        redactor: Redactor,
        limits: Limits,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        check_installed()
        self._access, self._keyring, self._redactor, self._limits = access, keyring, redactor, limits
        self._environ = environ
        self._hosts = Hosts(access.hosts)
        self._pace = Pace(limits.per_second, clock, sleep)
        self._sessions: dict[tuple[str, str], Session] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """End all sessions, and the servers that were started."""
        for key, session in list(self._sessions.items()):
            self._drop(key, session)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def prepare(self, api: Api, tool: Tool, arguments: JsonObject) -> Errand:
        """Return a call of a server's tool, ready to go. See `Carrier.prepare`."""
        binding = tool.binding
        if not isinstance(binding, McpBinding):
            raise TypeError(f"{tool.name} is no tool of an MCP server")
        credentials = Placed()
        if is_url(binding.server):
            self._hosts.check(httpx2.URL(binding.server))
            credentials = self._keyring.choose(api, _OPEN_OR_TOKEN)
        elif binding.server not in self._access.programs:
            raise RefusedError(f"{binding.server!r} is not among the allowed programs; allow it by that command line")
        sent = Sent(
            method="tools/call",
            url=self._redactor.text(binding.server),
            body=self._redactor.text(canonical({"name": binding.tool, "arguments": arguments}).decode()),
        )
        return Errand(sent, partial(self._call, (api.id, binding.server), credentials, binding.tool, arguments))

    async def _call(self, key: tuple[str, str], credentials: Placed, tool: str, arguments: JsonObject) -> Answer:
        try:
            if is_url(key[1]):
                await self._pace.turn(named(httpx2.URL(key[1])))
                await self._hosts.addresses(httpx2.URL(key[1]))
            return await self._ask(key, credentials, tool, arguments)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong between here and the server is its answer
            return self._failure(cause_of(error))

    def _failure(self, cause: BaseException) -> Answer:
        from mcp import MCPError

        status: ObservationStatus = "http_error"
        message = f"No answer that can be used: {reason_of(cause)}"
        if isinstance(cause, RefusedError):
            status, message = "refused", str(cause)
        elif isinstance(cause, TimeoutError) or (isinstance(cause, MCPError) and cause.code == _TIMED_OUT):
            status, message = "timeout", f"No answer within {self._limits.seconds:g} seconds"
        elif isinstance(cause, MCPError):
            message = str(cause)
        return failure(status, self._redactor.text(message)[: self._limits.size])

    async def _ask(self, key: tuple[str, str], credentials: Placed, tool: str, arguments: JsonObject) -> Answer:
        from mcp import MCPError

        session = self._sessions.get(key)
        if session is None or session.is_over:
            session = self._sessions[key] = Session(partial(self._connect, key[1], credentials))
        async with asyncio.timeout(self._limits.seconds):
            try:
                client = await session.client()
            except BaseException:
                self._drop(key, session)
                raise
            try:
                return self._answer(await client.call_tool(tool, arguments))
            except MCPError as error:
                if error.code in _SESSION_LOST:
                    self._drop(key, session)
                raise

    def _drop(self, key: tuple[str, str], session: "Session") -> None:
        """End a session in the background: a server is given some seconds to stop."""
        if self._sessions.get(key) is session:
            del self._sessions[key]
        task = session.close()
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _connect(self, server: str, credentials: Placed, stack: AsyncExitStack) -> "Client":
        """Return a client that is connected as long as the stack is open."""
        if not is_url(server):
            return await stack.enter_async_context(over_stdio(server, self._environ, subprocess.DEVNULL))
        most = max(2 * self._limits.size, LEAST_MESSAGE)
        http = httpx2.AsyncClient(
            transport=CappedTransport(GuardedTransport(self._hosts), most),
            headers=[("Accept-Encoding", "identity"), *credentials.headers],
            # How long an answer may take is watched above; a stream of notices may stay silent.
            timeout=httpx2.Timeout(self._limits.seconds, read=None),
            trust_env=False,
        )
        await stack.enter_async_context(http)
        return await stack.enter_async_context(over_http(server, http, most))

    def _answer(self, said: "CallToolResult") -> Answer:
        shown: Json = said.structured_content
        if shown is None:
            shown = _shown(said.content)
        if said.is_error and not is_object(shown):
            shown = {"error": {"message": shown}}
        status = "http_error" if said.is_error else "ok"
        return result(shown, status, self._redactor, self._limits.size)


class Session:
    """A session with a server, kept by a task of its own: what opens a connection must be what closes it.

    Args:
        connect: connects, and says by the stack what is to be closed at the end.
    """

    def __init__(self, connect: Callable[[AsyncExitStack], Awaitable["Client"]]) -> None:
        self._connected: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._keep(connect))

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended."""
        return self._task.done()

    async def client(self) -> "Client":
        """Return the connected client.

        Raises:
            Exception: the connection could not be made.
        """
        return await asyncio.shield(self._connected)

    def close(self) -> asyncio.Task[None]:
        """Begin to close the connection; return the task that is done when it is closed."""
        self._over.set()
        if not self._connected.done():
            self._connected.cancel()
            self._task.cancel()
        return self._task

    async def _keep(self, connect: Callable[[AsyncExitStack], Awaitable["Client"]]) -> None:
        try:
            async with AsyncExitStack() as stack:
                self._connected.set_result(await connect(stack))
                await self._over.wait()
        except Exception as error:  # noqa: BLE001 - raised where the client is awaited; later ones end the session
            if not self._connected.done():
                self._connected.set_exception(error)
                self._connected.exception()  # It counts as seen, even if nobody waits any more.


class CappedTransport(httpx2.AsyncBaseTransport):
    """Breaks off answers that are too long. Streams of events have limits of their own.

    Args:
        inner: what sends.
        most: bytes of a body.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, most: int) -> None:
        self._inner, self._most = inner, most

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response.

        Raises:
            httpx2.DecodingError: it is compressed, which was not asked for: nobody knows how long it would become.
        """
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.DecodingError("the answer is compressed, which was not asked for", request=request)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.stream = _Capped(cast("httpx2.AsyncByteStream", response.stream), self._most)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self._inner, self._most = inner, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inner:
            size += len(part)
            if size > self._most:
                raise httpx2.ReadError(f"the answer is longer than {self._most} bytes")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


def _shown(content: "Sequence[ContentBlock]") -> Json:
    """Return what a result without structured content says; of several parts each one."""
    parts = [_part(block.model_dump(mode="json", by_alias=True, exclude_none=True)) for block in content]
    return parts[0] if len(parts) == 1 else parts or None


def _part(block: JsonObject) -> Json:
    inner = block.get("resource", block)
    if "text" in inner:
        return _read(inner["text"])
    if held := inner.get("data", inner.get("blob")):
        # Three bytes are four characters of Base64.
        return {"binary": {"media_type": inner.get("mimeType", ""), "size": len(held.rstrip("=")) * 3 // 4}}
    return {key: inner[key] for key in ("uri", "name", "description", "mimeType") if key in inner}


def _read(text: str) -> Json:
    """Return the object or the list that a text holds as JSON, else the text."""
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value if is_object(value) or is_array(value) else text
