"""What all tests share: no way out to the network, respx for our HTTP stack, reproducible properties."""

import ipaddress
import os
import socket
from typing import Any

import httpcore2
import pytest
from hypothesis import settings
from respx.mocks import HTTPCoreMocker

from toolbench.llm.embedded import installed

EXAMPLES = 50
"""Of a property, unless it says otherwise: the suite must not take longer than ten minutes."""

settings.register_profile("here", deadline=None, max_examples=EXAMPLES)
settings.register_profile("ci", deadline=None, max_examples=EXAMPLES, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs the embedded model where it is not installed, and begin with the files with slow tests.

    A file that is begun last holds up the end, while the other workers are idle.
    """
    if installed() is None:
        for item in items:
            if item.get_closest_marker("embedded"):
                item.add_marker(pytest.mark.skip(reason="run `make embedded`"))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


class HTTPCore2Mocker(HTTPCoreMocker):
    """Lets respx see what httpx2 sends, which it would let out otherwise: `respx.mock(using="httpcore2")`."""

    name = "httpcore2"
    targets = [target.replace("httpcore.", "httpcore2.") for target in HTTPCoreMocker.targets]  # noqa: RUF012

    @classmethod
    def from_sync_httpx_response(cls, httpx_response: Any, target: Any, **kwargs: Any) -> httpcore2.Response:
        return httpcore2.Response(
            status=httpx_response.status_code,
            headers=httpx_response.headers.raw,
            content=httpx_response.stream,
            extensions=httpx_response.extensions,
        )


def _is_near(address: Any) -> bool:
    """Tell whether an address is on this machine; a file's name (AF_UNIX) is."""
    if not isinstance(address, tuple) or address[0] in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection to another machine fail."""
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def connect(self: socket.socket, address: Any, real: Any = real) -> Any:
            if not _is_near(address):
                raise AssertionError(f"a test tried to connect to {address}")
            return real(self, address)

        monkeypatch.setattr(socket.socket, name, connect)
