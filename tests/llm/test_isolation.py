import socket

import httpx2
import pytest
import respx
from respx.models import AllMockedAssertionError


def test_tests_cannot_leave_this_machine() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))


def test_tests_can_talk_to_themselves() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


async def test_what_is_not_mocked_does_not_get_out() -> None:
    with respx.mock(using="httpcore2"):
        async with httpx2.AsyncClient() as client:
            with pytest.raises(AllMockedAssertionError):
                await client.get("http://elsewhere.test/")
