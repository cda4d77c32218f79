"""Teachers by name: the planner, or a model at an endpoint."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.mistakes import LEVELS
from toolbench.agent.planner import Planner
from toolbench.agent.policy import Policy
from toolbench.agent.valuer import Valuer
from toolbench.events import RouteChosen, Sink
from toolbench.llm.embedded import CONTEXT, EMBEDDED
from toolbench.model import ChatModel, Task
from toolbench.pipeline.backends import borrow_journal
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import endpoint
from toolbench.store import Run

if TYPE_CHECKING:
    from toolbench.agent.routes import RouteName
    from toolbench.llm.journal import Journal

PLANNER = "planner"


@dataclass(frozen=True, slots=True)
class Teacher:
    """Who proposes steps, and who values them."""

    policy: Callable[[Task], Policy]
    """Gives the policy for a task. Only the planner looks at the task; a model's policy is the same for all."""
    valuer: Valuer
    """Values paths, where the searcher needs it."""
    tool_calls: str = ""
    """By which route a model calls tools; empty for the planner."""


@asynccontextmanager
async def teacher(run: Run, config: RunConfig, sink: Sink) -> AsyncGenerator[Teacher, None]:
    """Open the teacher a run asks for; a model's answers go through the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
        ConfigError: the model calls no tools.
    """
    if config.model == PLANNER:
        yield Teacher(lambda task: Planner(task, LEVELS[config.errors]), HeuristicValuer())
        return
    from toolbench.agent.llm_policy import LlmPolicy
    from toolbench.agent.llm_valuer import LlmValuer
    from toolbench.llm.journal import Journal, JournaledModel

    is_replay = config.executor == "replay"
    if is_replay:
        # The model is asked only what is not on record.
        borrow_journal(run, config)
    async with endpoint(config, config.model, config.base_url, probe=not is_replay, bounded=True) as model:
        with Journal(run.journal_path) as journal:
            route = await _route(config, model, journal, sink)
            asked = JournaledModel(model, journal)
            rating = LlmValuer(asked, temperature=config.temperature) if config.valuer == "llm" else HeuristicValuer()
            policy = LlmPolicy(
                asked,
                route=route,
                temperature=config.temperature,
                context=_context(config),
            )
            yield Teacher(lambda _: policy, rating, route)


def _context(config: RunConfig) -> int | None:
    return CONTEXT if config.context is None and config.model == EMBEDDED else config.context


async def _route(config: RunConfig, model: ChatModel, journal: "Journal", sink: Sink) -> "RouteName":
    """Return the route by which the model calls tools: as asked for, on record, or found out now."""
    from toolbench.agent.routes import RouteName, open_route
    from toolbench.llm.journal import entry_key

    among: list[RouteName] = list(get_args(RouteName))
    if config.tool_calls == "native":
        return "native"
    # The embedded model's template has no place for tools.
    if config.tool_calls == "json" or config.model == EMBEDDED:
        among.remove("native")
    key = entry_key("route", [*among], model.name, 0)
    recorded = (journal.get(key) or b"").decode()
    for name in among:
        if name == recorded:
            return name
    found = await open_route(model, among)
    journal.put(key, found.encode())
    sink(RouteChosen(model.name, found))
    return found
