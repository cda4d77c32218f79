"""Which servers may be reached: the hosts that the user named, at addresses that are safe to connect to."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import httpx2

from toolbench.errors import ConfigError
from toolbench.executors._errors import RefusedError
from toolbench.model import Api

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = {"http": 80, "https": 443}
"""Schemes that are spoken, and their default ports."""

_ENTRY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]\\]+)(?::(?P<port>[0-9]{1,5}))?")
_NEAR = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_NOT_FOR_US = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's metadata, at an address that is otherwise global
        "169.254.0.0/16",  # link-local, most clouds' metadata
        "fd00:ec2::/32",  # Amazon's metadata, in private space
        # What some supported versions of Python still take for global:
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)


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
            host, port = _parsed(entry)
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


def endpoint(url: httpx2.URL) -> tuple[str, int]:
    """Return the host, in ASCII and lower case, and the port that a URL leads to."""
    return url.raw_host.decode("ascii").lower(), url.port or PORTS.get(url.scheme, 0)


def named(url: httpx2.URL) -> str:
    """Return a URL's server as a user would allow it: the port only where it is not the default one."""
    return url.netloc.decode("ascii") or "an address without a host"


def is_global(address: Address) -> bool:
    """Tell whether an address is one of a public host on the Internet (IANA's special-purpose registries)."""
    if isinstance(address, ipaddress.IPv6Address) and (inner := _embedded(address)):
        return is_global(inner)
    if address.version == 6 and address not in _GLOBAL_V6:
        return False
    return address.is_global and not address.is_multicast and not _within(address, _NOT_FOR_US)


def is_near(address: Address) -> bool:
    """Tell whether an address is of this machine or its private network; never one of a cloud's metadata."""
    if isinstance(address, ipaddress.IPv6Address) and (inner := address.ipv4_mapped):
        return is_near(inner)
    return _within(address, _NEAR) and not _within(address, _NOT_FOR_US)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a mapped or a translated (NAT64) address stands for."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _parsed(entry: str) -> tuple[str, int | None]:
    match = _ENTRY.fullmatch(entry.strip())
    try:
        host = httpx2.URL(f"http://{match['host']}/").raw_host.decode("ascii").lower() if match else ""
    except httpx2.InvalidURL:
        host = ""
    port = int(match["port"]) if match and match["port"] else None
    if not host or (port is not None and not 0 < port < 65536):
        raise ConfigError(f"{entry!r} is not a host", hint="Write it as api.example.com or 127.0.0.1:8000.")
    return host, port
