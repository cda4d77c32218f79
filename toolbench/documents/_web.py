"""Pages fetched from servers: public ones, or those of this machine that the user allows by name."""

import ipaddress
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httpx2

from toolbench._version import __version__
from toolbench.addresses import PORTS, endpoint, host_and_port, is_global, is_near
from toolbench.errors import DocumentError

LARGEST = 64 * 2**20
"""Bytes of a page."""

PATIENCE = 60.0
"""Seconds for a page, all redirects included."""

HOPS = 5
"""Redirects that are followed."""

_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered."""

    url: str
    """Where it was, after redirects."""
    media_type: str
    """What the server calls it, in lower case, without parameters."""
    data: bytes
    """The content."""


def fetch(url: str, allowed: Iterable[str] = ()) -> Page:
    """Fetch a page by http or https.

    Connections are made to addresses that were checked, never to a name that may lead elsewhere the next time. Proxies
    are not used.

    Args:
        url: its address.
        allowed: servers at private addresses that may be asked, each an exact `HOST:PORT`.

    Raises:
        DocumentError: it may not be fetched, is too large or takes too long, or the server does not give it.
        ConfigError: an allowed server is not named as a host.
    """
    exact = {entry for entry in map(host_and_port, allowed) if entry[1] is not None}
    until = time.monotonic() + PATIENCE
    at = _parsed(url, url)
    with httpx2.Client(trust_env=False, timeout=httpx2.Timeout(PATIENCE, connect=10), follow_redirects=False) as client:
        for _ in range(HOPS + 1):
            try:
                answer = _ask(client, at, exact, until)
            except (httpx2.HTTPError, OSError) as error:
                reason = str(error) or type(error).__name__
                hint = "Is there a network?"
                raise DocumentError(f"cannot be fetched: {reason}", where=url, hint=hint) from error
            if isinstance(answer, Page):
                return answer
            at = _parsed(str(at.join(answer)), url)
    raise DocumentError(f"more than {HOPS} redirects", where=url, hint="Give the address that they lead to.")


def _parsed(written: str, where: str) -> httpx2.URL:
    try:
        url = httpx2.URL(written)
    except httpx2.InvalidURL as error:
        raise DocumentError(f"not an address: {error}", where=where, hint="It looks like https://HOST/PAGE.") from error
    if url.scheme not in PORTS or not url.host or url.userinfo:
        raise DocumentError(
            f"{url.scheme or 'nothing'}://{url.host} is not fetched",
            where=where,
            hint="Only http and https are, without a user name in the address.",
        )
    return url


def _ask(client: httpx2.Client, url: httpx2.URL, exact: set[tuple[str, int | None]], until: float) -> Page | str:
    """Return the page, or where the server says that it is."""
    host, _ = endpoint(url)
    request = httpx2.Request(
        "GET",
        url.copy_with(host=_address(url, exact), fragment=None),
        headers={"Host": url.netloc.decode("ascii"), "User-Agent": f"toolbench/{__version__}", "Accept": "*/*"},
        extensions={"sni_hostname": host, "timeout": httpx2.Timeout(PATIENCE, connect=10).as_dict()},
    )
    response = client.send(request, stream=True)
    try:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return response.headers["location"]
        if not response.is_success:
            hint = "Is it public?"
            raise DocumentError(f"the server answers HTTP {response.status_code}", where=str(url), hint=hint)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Page(str(url), media_type, _content(response, url, until))
    finally:
        response.close()


def _content(response: httpx2.Response, url: httpx2.URL, until: float) -> bytes:
    parts, size = list[bytes](), 0
    for part in response.iter_bytes():
        size += len(part)
        if size > LARGEST:
            hint = "Fetch it by other means, and give the file."
            raise DocumentError(f"larger than {LARGEST // 2**20} MB", where=str(url), hint=hint)
        if time.monotonic() > until:
            raise DocumentError(f"not there after {PATIENCE:g} seconds", where=str(url), hint="Try again.")
        parts.append(part)
    return b"".join(parts)


def _address(url: httpx2.URL, exact: set[tuple[str, int | None]]) -> str:
    """Return an address of a URL's host; all of them must be such as may be connected to."""
    host, port = endpoint(url)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    for address in addresses:
        if not (is_global(address) or ((host, port) in exact and is_near(address))):
            hint = f"A local server is asked only with --allow-host {host}:{port}."
            raise DocumentError(f"{host} is at {address}, which is not a public address", where=str(url), hint=hint)
    return str(addresses[0])
