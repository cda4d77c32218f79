"""One exchange with a server, within limits of time and size."""

import asyncio
from contextlib import aclosing

import httpx2

CONNECT_SECONDS = 10.0
"""Longest time to connect to one address."""


class Reply:
    """What a server answered, as far as it came.

    Args:
        response: the response, its body not read yet.
        url: where the request went.
    """

    def __init__(self, response: httpx2.Response, url: httpx2.URL) -> None:
        self.url, self.status, self.headers = url, response.status_code, response.headers
        self.content = bytearray()
        """The body, its content encoding undone."""
        self.cut = False
        """Whether more of the body was to come."""


class Wire:
    """Sends requests, and takes of each answer no more than the limits allow.

    Args:
        transport: what sends. It follows no redirect and keeps no cookie.
        seconds: longest time for one exchange, from looking up the name to the last byte.
        size: most bytes of a body, counted after decompression.
    """

    def __init__(self, transport: httpx2.AsyncBaseTransport, seconds: float, size: int) -> None:
        self._transport, self._seconds, self._size = transport, seconds, size

    async def exchange(self, request: httpx2.Request) -> Reply:
        """Return the answer; a body that is too long, too slow or breaks off is cut.

        Raises:
            TimeoutError: the time was over before the answer began.
            httpx2.TransportError: no answer began.
            RefusedError: as the transport raises it.
        """
        timeout = httpx2.Timeout(self._seconds, connect=min(self._seconds, CONNECT_SECONDS))
        request.extensions["timeout"] = timeout.as_dict()
        reply: Reply | None = None
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._transport.handle_async_request(request)
                reply = Reply(response, request.url)
                await self._read(response, reply)
        except (TimeoutError, httpx2.TimeoutException) as error:
            if reply is None:
                raise TimeoutError from error
            reply.cut = True
        except (httpx2.TransportError, httpx2.DecodingError):
            if reply is None:
                raise
            reply.cut = True
        return reply

    async def _read(self, response: httpx2.Response, reply: Reply) -> None:
        try:
            async with aclosing(response.aiter_bytes()) as parts:
                async for part in parts:
                    room = self._size - len(reply.content)
                    reply.content += part[:room]
                    if len(part) > room:
                        reply.cut = True
                        return
        finally:
            await response.aclose()
