"""Addresses on the Internet: which are public, which are of this machine or its network."""

import ipaddress
import re
from collections.abc import Iterable
from typing import TypeAlias

import httpx2

from toolbench.errors import ConfigError

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


def endpoint(url: httpx2.URL) -> tuple[str, int]:
    """Return the host, in ASCII and lower case, and the port that a URL leads to."""
    return url.raw_host.decode("ascii").lower(), url.port or PORTS.get(url.scheme, 0)


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


def host_and_port(entry: str) -> tuple[str, int | None]:
    """Return host and port of a text of the form `host` or `host:port`.

    Raises:
        ConfigError: it is of neither form.
    """
    match = _ENTRY.fullmatch(entry.strip())
    try:
        host = httpx2.URL(f"http://{match['host']}/").raw_host.decode("ascii").lower() if match else ""
    except httpx2.InvalidURL:
        host = ""
    port = int(match["port"]) if match and match["port"] else None
    if not host or (port is not None and not 0 < port < 65536):
        raise ConfigError(f"{entry!r} is not a host", hint="Write it as api.example.com or 127.0.0.1:8000.")
    return host, port
