"""What the tests of language models share: a mocked endpoint, a clockless client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import respx
import uvloop
from mocked import URL, Naps

from toolbench.llm.client import EndpointModel
from toolbench.llm.retry import Retry


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """What speaks to sockets itself is tried in both event loops that the product runs in."""
    ours: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    return {**ours, "uvloop": uvloop.new_event_loop} if item.path.name == "test_lanes.py" else ours


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    """The endpoint at URL, mocked."""
    with respx.mock(base_url=URL, using="httpcore2", assert_all_called=False) as router:
        yield router


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def model(wire: respx.MockRouter, naps: Naps) -> AsyncIterator[EndpointModel]:
    async with EndpointModel("m", base_url=URL, retry=Retry(attempts=4), sleep=naps) as model:
        yield model
