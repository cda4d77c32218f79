"""Which servers may be reached: the hosts that the user named, at addresses that are safe to connect to."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Mapping

import httpx2

from toolbench.addresses import PORTS, endpoint, host_and_port, is_global, is_near
from toolbench.executors._errors import RefusedError
from toolbench.model import Api


class Hosts:
    """The servers that the user named.

    Args:
        allowed: each a `host`, reachable at the default ports 80 (http) and 443 (https), or an exact `host:port`,
            which may also stand for a loopback or private address: a local server.

    Raises:
        ConfigError: an entry is neither.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._exact: set[tuple[str, int]] = set()
        for entry in allowed:
            host, port = host_and_port(entry)
            if port is None:
                self._hosts.add(host)
            else:
                self._exact.add((host, port))

    def permits(self, url: httpx2.URL) -> bool:
        """Tell whether a URL names one of these servers, in a scheme that is spoken."""
        if url.scheme not in PORTS:
            return False
        host, port = endpoint(url)
        return (host, port) in self._exact or (host in self._hosts and port == PORTS[url.scheme])

    def check(self, url: httpx2.URL) -> None:
        """Raise RefusedError unless the URL names one of these servers and brings no credentials of its own."""
        if url.userinfo:
            raise RefusedError("the address holds a user name or a password; credentials come from the environment")
        if not self.permits(url):
            raise RefusedError(f"{named(url)} is not among the allowed hosts; allow it by that name to go there")

    async def addresses(self, url: httpx2.URL) -> list[str]:
        """Return the addresses of a URL's host, each checked: connect to one of them, not to the name.

        Raises:
            RefusedError: the name has no address, or one of them is not to be connected to.
        """
        host, port = endpoint(url)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise RefusedError(f"no address is known for {host!r}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            self._check_address(host, port, address)
        return addresses

    def _check_address(self, host: str, port: int, written: str) -> None:
        address = ipaddress.ip_address(written)
        if is_global(address) or ((host, port) in self._exact and is_near(address)):
            return
        raise RefusedError(
            f"{host!r} is at {address}, which is not a public address; only loopback and private addresses can be "
            f"reached, and only where {host}:{port} is allowed by that very name"
        )


def servers_of(api: Api, base_urls: Mapping[str, str]) -> list[httpx2.URL]:
    """Return the servers of an API that have a host: the one given for it, else those of its description."""
    found: list[httpx2.URL] = []
    for written in [base_urls[api.id]] if api.id in base_urls else api.servers:
        try:
            url = httpx2.URL(written)
        except httpx2.InvalidURL:
            continue
        found += [url] if url.scheme in PORTS and url.host else []
    return found


def named(url: httpx2.URL) -> str:
    """Return a URL's server as a user would allow it: the port only where it is not the default one."""
    return url.netloc.decode("ascii") or "an address without a host"
