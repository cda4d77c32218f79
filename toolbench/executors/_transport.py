"""Connections to checked addresses only."""

from collections.abc import Callable

import httpx2

from toolbench.addresses import endpoint
from toolbench.executors._hosts import Hosts

Connect = Callable[[], httpx2.AsyncBaseTransport]
"""Makes what keeps the connections to one server."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends a request to an address that was checked, after the one resolution there is.

    The inner transport is given the address itself in place of the host's name, so no second look-up can lead
    elsewhere. The name still goes into the Host header and is what a TLS certificate is checked against. Each server
    has connections of its own: one that was made for a name is never used for another at the same address. Proxies
    are not used, whatever the environment says: they would resolve names on their own.

    Args:
        hosts: where requests may go.
        connect: makes the inner transport of one server.
    """

    def __init__(self, hosts: Hosts, connect: Connect = httpx2.AsyncHTTPTransport) -> None:
        self._hosts, self._connect = hosts, connect
        self._servers: dict[tuple[str, str, int], httpx2.AsyncBaseTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response of the request's host.

        Raises:
            RefusedError: the host is not allowed, has no address or one that must not be connected to.
            httpx2.TransportError: the exchange failed, at each of the addresses.
        """
        self._hosts.check(request.url)
        server = self._server(request.url)
        *others, last = await self._hosts.addresses(request.url)
        for address in others:
            try:
                return await server.handle_async_request(_at(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await server.handle_async_request(_at(request, last))

    async def aclose(self) -> None:
        """Close all connections."""
        for server in self._servers.values():
            await server.aclose()

    def _server(self, url: httpx2.URL) -> httpx2.AsyncBaseTransport:
        key = (url.scheme, *endpoint(url))
        if key not in self._servers:
            self._servers[key] = self._connect()
        return self._servers[key]


def _at(request: httpx2.Request, address: str) -> httpx2.Request:
    """Return a request that connects to an address, for the host it was made for."""
    host, _ = endpoint(request.url)
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
