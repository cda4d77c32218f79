"""Connections to an endpoint, each of which carries one request at a time and is kept for the next."""

import httpcore2
import httpx2

from toolbench.llm.streams import AsyncioBackend

IDLE_SECONDS = 5.0
"""Time after which a connection that nobody used is not used again: the other side may be about to close it."""


class Lanes(httpx2.AsyncBaseTransport):
    """A transport without a pool: whoever sends requests bounds how many are under way.

    httpx2's pool looks at all its connections, idle ones by a system call, whenever a request begins or ends: with 64
    of them that takes longer than all else.
    """

    def __init__(self) -> None:
        self._trusted = httpx2.create_ssl_context()
        self._backend = AsyncioBackend()
        self._idle: dict[str, list[httpcore2.AsyncHTTPConnection]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response to a request, read to its end.

        Raises:
            httpx2.TransportError: it could not be sent, or no whole response came.
        """
        asked = _asked(request)
        origin = str(asked.url.origin)
        connection = await self._idle_one(origin) or self._new(asked.url.origin)
        try:
            response = await _read(connection, asked)
        except (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError) as error:
            await connection.aclose()
            raise _named(error)(str(error), request=request) from error
        except BaseException:
            await connection.aclose()
            raise
        self._idle.setdefault(origin, []).append(connection)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        for connections in self._idle.values():
            while connections:
                await connections.pop().aclose()

    async def _idle_one(self, origin: str) -> httpcore2.AsyncHTTPConnection | None:
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _new(self, origin: httpcore2.Origin) -> httpcore2.AsyncHTTPConnection:
        return httpcore2.AsyncHTTPConnection(
            origin, self._trusted, keepalive_expiry=IDLE_SECONDS, network_backend=self._backend
        )


def _asked(request: httpx2.Request) -> httpcore2.Request:
    url = httpcore2.URL(
        scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
    )
    return httpcore2.Request(
        request.method, url, headers=request.headers.raw, content=request.content, extensions=request.extensions
    )


async def _read(connection: httpcore2.AsyncHTTPConnection, request: httpcore2.Request) -> httpx2.Response:
    response = await connection.handle_async_request(request)
    try:
        body = await response.aread()
    finally:
        await response.aclose()
    return httpx2.Response(response.status, headers=response.headers, stream=httpx2.ByteStream(body))


def _named(error: Exception) -> type[httpx2.TransportError]:
    """Return the kind of an error at httpx2, whose kinds have the same names."""
    return getattr(httpx2, type(error).__name__)
