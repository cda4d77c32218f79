"""Judges by name: a model at an endpoint, its answers kept in a journal."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolbench.errors import ConfigError
from toolbench.judging.asking import Judge
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import embedded, endpoint

if TYPE_CHECKING:
    from toolbench.llm.client import EndpointModel
    from toolbench.llm.journal import Journal

VOTES = 4
"""Votes on each answer, as ToolEval takes them."""


@dataclass(frozen=True, slots=True)
class JudgeChoice:
    """Who judges, and how."""

    name: str
    """The model's name; `embedded` is the one on this machine."""
    base_url: str | None = None
    """Base URL of its endpoint."""
    votes: int = VOTES
    """Opinions asked for on each answer."""
    concurrency: int = 16
    """Answers judged at a time."""
    patience: float | None = None
    """Seconds to wait for an opinion; None for as long as the endpoint's client does."""

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        for name in ("votes", "concurrency"):
            if getattr(self, name) < 1:
                raise ConfigError(f"`{name}` is {getattr(self, name)}", hint="It must be at least 1.")
        if self.patience is not None and self.patience <= 0:
            raise ConfigError(f"a judge is given {self.patience:g} seconds", hint="Give it some.")


@asynccontextmanager
async def open_judge(choice: JudgeChoice, journal: Path | None) -> AsyncGenerator[Judge, None]:
    """Open a judge.

    Args:
        choice: who judges.
        journal: where its answers are kept, so that nothing is asked twice; None for nowhere.

    Raises:
        ConfigError: the choice makes no sense.
        UnreachableError: its endpoint cannot be reached, or does not serve the model.
        RunError: the journal cannot be used.
    """
    from toolbench.llm.journal import Journal, JournaledModel

    choice.check()
    config = RunConfig(model=choice.name, concurrency=choice.concurrency)
    with embedded(config):
        async with endpoint(config, choice.name, choice.base_url) as model:
            if journal is None:
                yield Judge(model, patience=choice.patience, constrained=await _is_constrained(model, choice))
                return
            with Journal(journal) as kept:
                constrained = await _is_constrained(model, choice, kept)
                yield Judge(JournaledModel(model, kept), patience=choice.patience, constrained=constrained)


async def _is_constrained(model: "EndpointModel", choice: JudgeChoice, journal: "Journal | None" = None) -> bool:
    """Tell whether a judge's answers can be held to a schema. One that takes too long to say so cannot, this time."""
    from toolbench.llm.constraint import is_constrained

    try:
        async with asyncio.timeout(choice.patience):
            return await is_constrained(model, journal)
    except TimeoutError:
        return False
