"""The models that a run names: behind an endpoint, or embedded."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from toolbench.llm.embedded import EMBEDDED
from toolbench.pipeline.config import RunConfig

if TYPE_CHECKING:
    from toolbench.llm.client import EndpointModel
    from toolbench.llm.retry import Retry

_SERVED: ContextVar[str] = ContextVar("served")
"""Base URL of the embedded model while a command has it served."""


def uses_embedded(config: RunConfig) -> bool:
    """Tell whether a run names the embedded model, in any part."""
    return EMBEDDED in (config.model, config.writer, config.user, config.simulate)


def weights(config: RunConfig) -> str:
    """Return name and digest of the embedded model's weights; empty where a run does not name it.

    Raises:
        InputError: it is not installed.
    """
    if not uses_embedded(config):
        return ""
    from toolbench.llm.embedded import weights

    return str(weights())


@contextmanager
def embedded(config: RunConfig) -> Generator[None]:
    """Have the embedded model served while the block runs, once for all that name it; nothing where none does.

    Raises:
        WorkError: its server did not start.
    """
    if not uses_embedded(config):
        yield
        return
    from toolbench.llm.embedded import serving

    with serving() as url:
        token = _SERVED.set(url)
        try:
            yield
        finally:
            _SERVED.reset(token)


@asynccontextmanager
async def endpoint(
    config: RunConfig,
    name: str,
    url: str | None,
    *,
    probe: bool = True,
    bounded: bool = False,
    api_key: str | None = None,
    retry: "Retry | None" = None,
) -> AsyncGenerator["EndpointModel"]:
    """Open a model by name.

    Args:
        config: the run's.
        name: the model's name; `embedded` is the one that `embedded` serves, whatever the URL.
        url: the endpoint's base URL.
        probe: whether to find out first that it answers.
        bounded: whether the run's bound on costs holds for it.
        api_key: its key; the environment's where not given.
        retry: how patient to be; the client's own patience where not given.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    from toolbench.llm.client import EndpointModel, Price
    from toolbench.llm.retry import PATIENT

    async with EndpointModel(
        name,
        base_url=_SERVED.get() if name == EMBEDDED else url,
        api_key=api_key,
        in_flight=config.concurrency,
        price=Price(*config.price) if config.price and bounded else None,
        needs_cost=bounded and config.max_cost is not None,
        retry=retry or PATIENT,
    ) as model:
        if probe:
            await model.probe()
        yield model
