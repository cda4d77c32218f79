"""What the benchmarks of searches share: tasks over the bundled APIs, searches of them in memory, and their judges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from searchers.base import Searcher
from toolbench import plugins
from toolbench.agent.explore import Attempt, explore
from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.mistakes import LEVELS, ErrorLevel
from toolbench.agent.planner import Planner
from toolbench.curation.judgements import DEFAULT_EVALUATORS
from toolbench.executors.base import Executor, State
from toolbench.executors.mock import MockExecutor, PathState
from toolbench.model import Call, Case, Node, Observation, Provenance, Replay, Task, Tool, Trace
from toolbench.specs import open_catalogue
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.world import Landscape, World

MIX = {"change": 2, "lookup": 1, "several": 1, "merged": 1, "confirm": 1}
"""Shares of the kinds of task."""


class Ground:
    """The bundled APIs, and what is needed to search and to judge over them."""

    def __init__(self) -> None:
        catalogue = open_catalogue()
        self.landscape = Landscape([catalogue.api(name) for name in sorted(catalogue.ids())])
        self.evaluators = {name: plugins.load("evaluators", name)() for name in DEFAULT_EVALUATORS}

    def tasks(self, count: int, seed: int) -> list[Task]:
        """Return the tasks that `toolbench tasks RUN --apis …all… -n COUNT --seed SEED --mix …` gives."""
        return list(islice(self.stream(seed), count))

    def stream(self, seed: int) -> Iterator[Task]:
        """Yield tasks without end."""
        stream = TaskSampler(self.landscape, seed, tuple(self.landscape.apis), mix=MIX).stream()
        return (sampled.task for sampled in stream)

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """All tools, closed, by name."""
        return {name: self.landscape.tool(name) for name in self.landscape.operations}

    def world(self, task: Task) -> World:
        """Return a task's world, made anew: it shares no memory with any other."""
        return World(self.landscape.part(task.apis), task.world_seed, task.faults, task.granted)

    def case(self, task: Task, trace: Trace, leaf: int, replay: Replay) -> Case:
        """Return a path with what its calls gave, to be judged."""
        return Case(task, trace.id, leaf, trace.path(leaf), self.offered(task), replay)

    def offered(self, task: Task) -> Mapping[str, Tool]:
        """Return the tools that any turn of a task offers, by name."""
        return {name: self.tools[name] for turn in task.turns for name in turn.tools}

    def reaches_goal(self, case: Case) -> bool:
        """Tell whether a path passes the evaluator `goal`."""
        return self.evaluators["goal"].evaluate(case).label == "pass"


class Unrestored:
    """A backend that never goes back, as with real APIs: every call meets what all calls before it have left.

    Whatever state it is handed, it runs the call on the latest of the attempt.
    """

    def __init__(self, inner: MockExecutor) -> None:
        self._inner = inner
        self.latest: State | None = None
        """What all calls of the attempt have left."""
        self.wrote: dict[str, bool] = {}
        """By id of a call: whether it changed an entity when it was made."""

    async def start(self, task: Task) -> State:
        self.latest = await self._inner.start(task)
        return self.latest

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        del state
        before = _known(self.latest)
        seen, after = await self._inner.call(call, before)
        self.latest = after
        self.wrote[call.id] = _known(after).world.content != before.world.content
        return seen, after

    def really(self, path: Sequence[Node], state: object) -> Replay:
        """Return what a path's calls gave when they were made, with the net change of all calls up to a state."""
        calls = calls_of(path)
        seen = tuple(one for node in path if node.step for one in node.step.observations)
        wrote = tuple(self.wrote[call.id] for call in calls)
        world = _known(state).world
        return Replay(seen, (world.digest,), self._inner.world.changes(world), wrote)


def _known(state: object) -> PathState:
    if not isinstance(state, PathState):
        raise TypeError("the state is not the mock's")
    return state


@dataclass(frozen=True)
class Teacher:
    """The planner, at one level of errors."""

    level: ErrorLevel
    seed: int

    async def search(self, ground: Ground, task: Task, searcher: Searcher, executor: Executor) -> Trace:
        """Search for a task; the searcher's name is not known to anything that the planner sees."""
        return await explore(
            Attempt(
                task=task,
                tools=ground.offered(task),
                policy=Planner(task, LEVELS[self.level]),
                valuer=HeuristicValuer(),
                searcher=searcher,
                executor=executor,
                provenance=provenance(self.seed, executor),
            )
        )


def provenance(seed: int, executor: Executor) -> Provenance:
    """Return the provenance of a search; a backend that does not go back counts as a real one: nothing is shared."""
    kind = "mock" if isinstance(executor, MockExecutor) else "live"
    return Provenance(
        teacher="planner", searcher="", executor=kind, seed=seed, config="", specs={}, code="", world=""
    )  # fmt: skip


def calls_of(path: Sequence[Node]) -> list[Call]:
    """Return the calls of a path, in order."""
    return [call for node in path if node.step for call in node.step.calls]
