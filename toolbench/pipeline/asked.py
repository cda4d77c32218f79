"""The model that a general stage asks, by name: at an endpoint or embedded, its answers kept in a journal."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolbench.errors import ConfigError
from toolbench.llm.embedded import EMBEDDED
from toolbench.model import ChatAnswer, ChatModel, ChatRequest
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.kit import Endpoint
from toolbench.pipeline.models import embedded, endpoint

if TYPE_CHECKING:
    from toolbench.llm.client import EndpointModel
    from toolbench.llm.journal import Journal
    from toolbench.llm.retry import Retry

CONCURRENCY = 32
"""Requests under way at a time, where nothing is said."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Who is asked, and how."""

    name: str
    """The model's name; `embedded` is the one on this machine."""
    base_url: str | None = None
    """Base URL of its endpoint; `OPENAI_BASE_URL` where not given."""
    api_key: str | None = field(default=None, repr=False)
    """Its key; `OPENAI_API_KEY` where not given."""
    concurrency: int = CONCURRENCY
    """Requests under way at a time."""
    attempts: int | None = None
    """Attempts at a request that fails; the client's own number where not given."""
    delay: float | None = None
    """Seconds before the second attempt."""

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        if self.concurrency < 1:
            raise ConfigError(f"`concurrency` is {self.concurrency}", hint="It must be at least 1.")


def choose(config: Endpoint, name: str | None, base_url: str | None, concurrency: int) -> ModelChoice | None:
    """Return the model that options name, else a configuration; None where neither does."""
    asked = name or config.model
    if asked is None:
        return None
    return ModelChoice(
        name=asked,
        base_url=base_url or config.api_base,
        api_key=config.api_key,
        concurrency=concurrency,
        attempts=None if config.max_retries is None else config.max_retries + 1,
        delay=config.retry_delay,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that is open."""

    model: ChatModel
    """Asked only what the journal does not hold."""
    journal: "Journal"
    """What it said."""


@asynccontextmanager
async def open_model(choice: ModelChoice, journal: Path) -> AsyncGenerator[Asked]:
    """Open a model. Whether it can be reached is found out when the first question goes to it, not before.

    Args:
        choice: who is asked.
        journal: the file its answers are kept in; its folder is made.

    Raises:
        ConfigError: the choice makes no sense.
        RunError: the journal cannot be used.
        WorkError: the embedded model's server did not start.
    """
    from toolbench.llm.journal import Journal, JournaledModel
    from toolbench.store import make_folder

    choice.check()
    make_folder(journal.parent)
    config = RunConfig(model=choice.name, concurrency=choice.concurrency)
    with embedded(config), Journal(journal) as kept:
        async with endpoint(
            config, choice.name, choice.base_url, probe=False, api_key=choice.api_key, retry=_retry(choice)
        ) as model:
            yield Asked(JournaledModel(_Probed(model), kept), kept)


def is_embedded(choice: ModelChoice) -> bool:
    """Tell whether the model is the one on this machine."""
    return choice.name == EMBEDDED


def _retry(choice: ModelChoice) -> "Retry":
    from dataclasses import replace

    from toolbench.llm.retry import PATIENT

    given = {"attempts": choice.attempts, "base": choice.delay}
    return replace(PATIENT, **{name: value for name, value in given.items() if value is not None})


class _Probed:
    """A model that is looked for before the first question goes to it."""

    def __init__(self, model: "EndpointModel") -> None:
        self._model = model
        self._probing: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        """Return the model's answer, once it is known that it can be reached."""
        if self._probing is None:
            self._probing = asyncio.create_task(self._model.probe())
        await asyncio.shield(self._probing)
        return await self._model.chat(request)
