"""Addresses that may be connected to, and connections to no other."""

import ipaddress
import socket

import httpx2
import pytest

from toolbench.addresses import is_global, is_near
from toolbench.executors._errors import RefusedError
from toolbench.executors._hosts import Hosts
from toolbench.executors._transport import GuardedTransport

PUBLIC = ("93.184.216.34", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1")
NEAR = ("127.0.0.1", "127.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.0.1", "::1", "fd12::1", "::ffff:10.0.0.1")
NEVER = (
    *("0.0.0.0", "0.1.2.3", "100.64.0.1", "100.100.100.200", "168.63.129.16", "169.254.169.254", "192.0.0.192"),
    *("192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "fd00:ec2::254"),
    *("2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "100::1", "64:ff9b::169.254.169.254"),
    *("64:ff9b:1::1", "64:ff9b::10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
)


@pytest.mark.parametrize("written", [*PUBLIC, *NEAR, *NEVER])
def test_each_address_is_public_near_or_neither(written):
    address = ipaddress.ip_address(written)
    assert (is_global(address), is_near(address)) == (written in PUBLIC, written in NEAR)


@pytest.mark.parametrize(
    ("allowed", "url", "permitted"),
    [
        ("api.test", "https://api.test/x", True),
        ("api.test", "http://API.test:80/", True),
        ("API.test", "http://api.test/", True),
        ("api.test", "https://api.test:8443/", False),
        ("api.test", "https://api.test:80/", False),
        ("api.test:8443", "https://api.test:8443/", True),
        ("api.test:443", "https://api.test/", True),
        ("api.test:443", "http://api.test/", False),
        ("api.test", "https://api.test./", False),
        ("api.test", "https://www.api.test/", False),
        ("api.test", "https://api.test.evil.com/", False),
        ("api.test", "https://api.test@evil.com/", False),
        ("api.test", "ftp://api.test/", False),
        ("bücher.test", "https://xn--bcher-kva.test/", True),
        ("[::1]:8000", "http://[::1]:8000/", True),
        ("127.0.0.1:80", "http://2130706433/", False),
    ],
)
def test_hosts_are_exact(allowed, url, permitted):
    assert Hosts([allowed]).permits(httpx2.URL(url)) is permitted


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def recording(sent: list[httpx2.Request], failing: str = "") -> httpx2.MockTransport:
    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        if request.url.host == failing:
            raise httpx2.ConnectError("no way")
        return httpx2.Response(200)

    return httpx2.MockTransport(answer)


async def test_the_address_is_connected_to_and_the_name_checked(monkeypatch):
    """The certificate is checked against `sni_hostname`, which httpcore2 takes as the server's name."""
    resolving(monkeypatch, "93.184.216.34")
    sent: list[httpx2.Request] = []
    transport = GuardedTransport(Hosts(["api.test"]), lambda: recording(sent))
    await transport.handle_async_request(httpx2.Request("POST", "https://api.test/x?y=1", content=b"body"))
    (request,) = sent
    assert str(request.url) == "https://93.184.216.34/x?y=1"
    assert request.headers["host"] == "api.test"
    assert request.headers["content-length"] == "4"
    assert request.extensions["sni_hostname"] == "api.test"


async def test_each_name_has_connections_of_its_own(monkeypatch):
    resolving(monkeypatch, "93.184.216.34")
    made: list[httpx2.MockTransport] = []
    transport = GuardedTransport(Hosts(["a.test", "b.test"]), lambda: made.append(recording([])) or made[-1])
    for url in ("https://a.test/1", "https://b.test/", "https://a.test/2", "http://a.test/"):
        await transport.handle_async_request(httpx2.Request("GET", url))
    assert len(made) == 3
    await transport.aclose()


async def test_the_next_address_is_tried_when_one_does_not_answer(monkeypatch):
    resolving(monkeypatch, "2606:4700::1111", "1.1.1.1")
    sent: list[httpx2.Request] = []
    transport = GuardedTransport(Hosts(["a.test"]), lambda: recording(sent, failing="2606:4700::1111"))
    response = await transport.handle_async_request(httpx2.Request("GET", "https://a.test/"))
    assert (response.status_code, [each.url.host for each in sent]) == (200, ["2606:4700::1111", "1.1.1.1"])


async def test_one_bad_address_spoils_the_name(monkeypatch):
    resolving(monkeypatch, "1.1.1.1", "127.0.0.1")
    sent: list[httpx2.Request] = []
    transport = GuardedTransport(Hosts(["a.test"]), lambda: recording(sent))
    with pytest.raises(RefusedError, match="not a public address"):
        await transport.handle_async_request(httpx2.Request("GET", "https://a.test/"))
    assert sent == []
