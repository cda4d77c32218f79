"""Many connections to one endpoint, in pools of about one each."""

from itertools import cycle

import httpx2


class Lanes(httpx2.AsyncBaseTransport):
    """Spreads requests over as many pools as requests may be under way.

    A pool looks at each of its idle connections, by a system call, whenever a request begins or ends: with 64 of them
    in one pool that takes longer than all else.

    Args:
        in_flight: most requests under way at a time; whoever sends them keeps to it.
    """

    def __init__(self, in_flight: int) -> None:
        trusted = httpx2.create_ssl_context()
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        self._lanes = [httpx2.AsyncHTTPTransport(verify=trusted, limits=limits) for _ in range(in_flight)]
        self._next = cycle(self._lanes)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request on the next lane."""
        return await next(self._next).handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for lane in self._lanes:
            await lane.aclose()
