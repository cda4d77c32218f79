"""Teachers by name: the planner, or a model at an endpoint."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.planner import Planner
from toolbench.agent.policy import Policy
from toolbench.agent.valuer import Valuer
from toolbench.model import Task
from toolbench.pipeline.backends import borrow_journal
from toolbench.pipeline.config import RunConfig
from toolbench.store import Run

PLANNER = "planner"


@dataclass(frozen=True, slots=True)
class Teacher:
    """Who proposes steps, and who values them."""

    policy: Callable[[Task], Policy]
    """Gives the policy for a task. Only the planner looks at the task; a model's policy is the same for all."""
    valuer: Valuer
    """Values paths, where the searcher needs it."""


@asynccontextmanager
async def teacher(run: Run, config: RunConfig) -> AsyncGenerator[Teacher, None]:
    """Open the teacher a run asks for; a model's answers go through the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    if config.model == PLANNER:
        yield Teacher(Planner, HeuristicValuer())
        return
    from toolbench.agent.llm_policy import LlmPolicy
    from toolbench.agent.llm_valuer import LlmValuer
    from toolbench.llm.client import EndpointModel
    from toolbench.llm.journal import Journal, JournaledModel

    async with EndpointModel(config.model, base_url=config.base_url, in_flight=config.concurrency) as model:
        if config.executor == "replay":
            # The model is asked only what is not on record.
            borrow_journal(run, config)
        else:
            await model.probe()
        with Journal(run.journal_path) as journal:
            asked = JournaledModel(model, journal)
            policy = LlmPolicy(asked, temperature=config.temperature)
            rating = LlmValuer(asked, temperature=config.temperature) if config.valuer == "llm" else HeuristicValuer()
            yield Teacher(lambda _: policy, rating)
