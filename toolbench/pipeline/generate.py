"""Generating: tasks are sampled, then every task is explored, each trace one line of the run."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from toolbench import plugins
from toolbench._version import __version__
from toolbench.agent.attempt import User, trace_id
from toolbench.agent.explore import Attempt, explore
from toolbench.agent.review import Review, ReviewEndedError, Reviewer
from toolbench.agent.templates import prompts_digest
from toolbench.engine.local import run_loop, run_ordered
from toolbench.events import Sink, StageFinished, StageStarted, TraceFinished, ignore
from toolbench.executors.base import Executor
from toolbench.executors.mock import MockExecutor
from toolbench.model import Case, Evaluator, Provenance, Task, Tool, Trace, Usage, digest
from toolbench.model.discovery import SEARCH, SEARCH_TOOL
from toolbench.model.refusals import replayed
from toolbench.pipeline.backends import Backend, backend
from toolbench.pipeline.config import IMPORTED, RunConfig
from toolbench.pipeline.models import embedded, weights
from toolbench.pipeline.opening import make_searcher, open_run, tool_writer
from toolbench.pipeline.review import check_reviewer, reviewing
from toolbench.pipeline.sample import listed, sample
from toolbench.pipeline.teachers import PLANNER, Teacher, teacher
from toolbench.pipeline.users import rewording
from toolbench.registry import Catalogue
from toolbench.simulator.scene import PROMPTS as SIMULATION
from toolbench.store import Run
from toolbench.tasks.mix import missing
from toolbench.user.rewording import PROMPTS as USER
from toolbench.user.simulator import SimulatedUser
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import WORLD_VERSION, Landscape


@dataclass(slots=True)
class GenerationSummary:
    """What a run holds after generating."""

    path: Path
    tasks: int = 0
    """Tasks in the run."""
    traces: int = 0
    """Traces in the run."""
    made: int = 0
    """Traces made just now."""
    solved: int = 0
    """Of those made now, how many reached the goal."""
    outcomes: Counter[str] = field(default_factory=Counter[str])
    """Of those made now, how the searches ended."""
    usage: Usage = field(default_factory=Usage)
    """What those made now cost."""
    missing: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Kinds of which fewer tasks were made than the mix asks for: how many were, and how many should be."""


def generate(
    path: Path,
    config: RunConfig,
    *,
    sink: Sink = ignore,
    catalogue: Catalogue | None = None,
    reviewer: Reviewer | None = None,
) -> GenerationSummary:
    """Make a run's tasks and traces; what is there already is kept, so that a run can be taken up and extended.

    Args:
        path: folder of the run.
        config: what is asked for.
        sink: receives events.
        catalogue: where the APIs come from; the usual one where not given.
        reviewer: who approves steps, where the configuration asks for a review.

    Raises:
        InputError: something asked for is not there, or the run is another one.
        WorkError: no more tasks can be made of these APIs.
        ReviewEndedError: the reviewer quit.
    """
    check_reviewer(config, reviewer)
    run, landscape, record = open_run(path, config, sink, catalogue)
    with record, embedded(config):
        try:
            summary, tasks = run_loop(_generate(run, config, landscape, record, reviewer))
        except ReviewEndedError as error:
            way = f"What was decided is kept; `toolbench generate {path}` goes on from there"
            raise ReviewEndedError(f"{path}: {error}. {way}") from error
    if config.executor == "mock" and config.tasks != IMPORTED:
        summary.missing = missing(config.mix, [task.kind for task in tasks])
    return summary


async def _generate(
    run: Run, config: RunConfig, landscape: Landscape, sink: Sink, reviewer: Reviewer | None
) -> tuple[GenerationSummary, list[Task]]:
    if config.tasks == IMPORTED:
        tasks = list(islice(run.tasks, config.count))
    else:
        tasks = await listed(sample(run, config, landscape, sink))
    return await _explore(run, config, landscape, tasks, sink, reviewer), tasks


async def _explore(
    run: Run, config: RunConfig, landscape: Landscape, tasks: list[Task], sink: Sink, reviewer: Reviewer | None
) -> GenerationSummary:
    started = time.monotonic()
    summary = GenerationSummary(run.path, len(tasks))
    held = set(run.traces.ids())
    done = {trace_of(task, config) for task in tasks} & held
    sink(StageStarted("generate", len(tasks), len(done)))
    missing = [task for task in tasks if trace_of(task, config) not in done]
    async with (
        teacher(run, config, sink) as teach,
        backend(run, config, landscape) as make_executor,
        rewording(run, config, config.user) as words,
        reviewing(run, config, reviewer, held) as review,
    ):
        user = SimulatedUser(words, WorldReplayer(landscape), config.seed) if words else None
        workshop = _Workshop(config, landscape, make_executor, user, review)
        # A person is asked one thing after another; and what was answered last is on disk before the next question.
        concurrency = 1 if review else config.concurrency
        with run.traces.writer() as traces, tool_writer(run, landscape) as add_tools:
            results = run_ordered(missing, lambda task: workshop.work(task, teach), concurrency=concurrency)
            async for trace, solved, seconds in results:
                add_tools(trace.tools)
                traces.add(trace)
                if review:
                    review.checkpoints.delete_thread(trace.id)
                _count(summary, trace, solved=solved)
                sink(TraceFinished(trace.id, trace.task, trace.outcome, solved, trace.usage, seconds))
    summary.traces = len(done) + summary.made
    sink(StageFinished("generate", time.monotonic() - started))
    return summary


class _Everything(Mapping[str, Tool]):
    """All tools of a landscape, and the one that finds them; each is closed when it is asked for."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape

    def __getitem__(self, name: str) -> Tool:
        return SEARCH_TOOL if name == SEARCH else self._landscape.tool(name)

    def __iter__(self) -> Iterator[str]:
        return iter((SEARCH, *self._landscape.operations))

    def __len__(self) -> int:
        return len(self._landscape.operations) + 1


def _count(summary: GenerationSummary, trace: Trace, *, solved: bool) -> None:
    summary.made += 1
    summary.solved += solved
    summary.outcomes[trace.outcome] += 1
    summary.usage = summary.usage + trace.usage


def trace_of(task: Task, config: RunConfig) -> str:
    """Return the id of a task's first trace in a run."""
    return trace_id(task.id, 0, config.digest())


class _Workshop:
    """What every exploration of a run shares."""

    def __init__(
        self, config: RunConfig, landscape: Landscape, make_executor: Backend, user: User | None, review: Review | None
    ) -> None:
        self._config, self._landscape, self._make_executor = config, landscape, make_executor
        self._user, self._review = user, review
        self._weights = weights(config)
        self._searcher = make_searcher(config)
        self._goal: Evaluator = plugins.load("evaluators", "goal")()

    async def work(self, task: Task, teach: Teacher) -> tuple[Trace, bool, float]:
        """Return a task's trace, whether it reached the goal as far as one knows, and the seconds it took."""
        started = time.monotonic()
        executor = self._make_executor(task)
        tools = self._tools(task)
        trace = await explore(
            Attempt(
                task=task,
                tools=tools,
                policy=teach.policy(task),
                valuer=teach.valuer,
                searcher=self._searcher,
                executor=executor,
                provenance=self._provenance(task, teach.tool_calls),
                user=self._user,
                review=self._review,
            )
        )
        return trace, self._solved(task, trace, tools, executor), time.monotonic() - started

    def _tools(self, task: Task) -> Mapping[str, Tool]:
        if task.discovery:
            return _Everything(self._landscape)
        return {name: self._landscape.tool(name) for turn in task.turns for name in turn.tools}

    def _solved(self, task: Task, trace: Trace, tools: Mapping[str, Tool], executor: Executor) -> bool:
        if trace.best is None or not isinstance(executor, MockExecutor):
            return False
        path = trace.path(trace.best)
        case = Case(task, trace.id, trace.best, path, tools, replayed(path, executor.replay))
        return self._goal.evaluate(case).label == "pass"

    def _provenance(self, task: Task, tool_calls: str) -> Provenance:
        return Provenance(
            teacher=self._config.model,
            searcher=self._config.searcher,
            executor=self._config.executor,
            seed=self._config.seed,
            simulator=self._config.simulate,
            user=self._config.user,
            weights=self._weights,
            tool_calls=tool_calls,
            prompts=_prompts(self._config),
            config=self._config.digest(),
            specs={name: self._landscape.apis[name].source.sha256 for name in task.apis},
            code=__version__,
            world=WORLD_VERSION,
        )


def _prompts(config: RunConfig) -> str:
    """Return a digest of the prompts that a run's traces come from; empty where there are none."""
    used = ["" if config.model == PLANNER else prompts_digest()]
    used += [SIMULATION.digest()] if config.simulate else []
    used += [USER.digest()] if config.user else []
    return digest(used) if len(used) > 1 else used[0]
