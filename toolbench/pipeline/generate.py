"""Generating: tasks are sampled, then every task is explored, each trace one line of the run."""

import asyncio
import inspect
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

from searchers.base import Searcher
from toolbench import plugins
from toolbench._version import __version__
from toolbench.agent.attempt import User
from toolbench.agent.explore import Attempt, explore
from toolbench.agent.templates import prompts_digest
from toolbench.engine.local import run_ordered
from toolbench.errors import ConfigError, RunError
from toolbench.events import Event, Sink, StageFinished, StageStarted, TaskSampled, TraceFinished, as_json, ignore
from toolbench.executors.base import Executor
from toolbench.executors.mock import MockExecutor
from toolbench.model import Api, Case, Evaluator, Provenance, Task, Tool, Trace, Usage, canonical, digest
from toolbench.pipeline.backends import Backend, backend, check_backend
from toolbench.pipeline.config import RunConfig, settle
from toolbench.pipeline.teachers import PLANNER, Teacher, teacher
from toolbench.pipeline.users import simulated_user, writer
from toolbench.registry import Catalogue
from toolbench.simulator.scene import PROMPTS as SIMULATION
from toolbench.specs import open_catalogue
from toolbench.store import Lines, Run, write_whole
from toolbench.tasks.anywhere import anywhere
from toolbench.tasks.mix import missing
from toolbench.tasks.sampling import SIMILARITY, Sampled, TaskSampler, check_mix
from toolbench.tasks.similarity import Nearest, shingles
from toolbench.user.rewording import PROMPTS as USER
from toolbench.world.access import check_granted
from toolbench.world.faults import NONE, Faults
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
    path: Path, config: RunConfig, *, sink: Sink = ignore, catalogue: Catalogue | None = None
) -> GenerationSummary:
    """Make a run's tasks and traces; what is there already is kept, so that a run can be taken up and extended.

    Raises:
        InputError: something asked for is not there, or the run is another one.
        WorkError: no more tasks can be made of these APIs.
    """
    run, landscape, record = _open(path, config, sink, catalogue)
    with record:
        summary, tasks = asyncio.run(_generate(run, config, landscape, record))
    if config.executor == "mock":
        summary.missing = missing(config.mix, [task.kind for task in tasks])
    return summary


def sample_tasks(
    path: Path, config: RunConfig, *, sink: Sink = ignore, catalogue: Catalogue | None = None
) -> list[Task]:
    """Make a run's tasks only, and return them.

    Raises:
        InputError: something asked for is not there, or the run is another one.
        WorkError: no more tasks can be made of these APIs.
    """
    run, landscape, record = _open(path, config, sink, catalogue)
    with record:
        return asyncio.run(_listed(_sample(run, config, landscape, record)))


async def _listed(tasks: AsyncGenerator[Task]) -> list[Task]:
    return [task async for task in tasks]


async def _generate(
    run: Run, config: RunConfig, landscape: Landscape, sink: Sink
) -> tuple[GenerationSummary, list[Task]]:
    tasks = await _listed(_sample(run, config, landscape, sink))
    return await _explore(run, config, landscape, tasks, sink), tasks


class _Record:
    """Hands events on, and keeps them in the run with the time they happened."""

    def __init__(self, run: Run, sink: Sink) -> None:
        self._lines, self._sink = Lines(run.events_path), sink

    def __call__(self, event: Event) -> None:
        self._lines.append(canonical({**as_json(event), "at": round(time.time(), 3)}))
        self._sink(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()


def _open(path: Path, config: RunConfig, sink: Sink, catalogue: Catalogue | None) -> tuple[Run, Landscape, _Record]:
    source = catalogue or open_catalogue()
    apis = [_living(source, name) for name in sorted(set(config.apis))]
    make_searcher(config)
    Faults(config.faults, config.seed)
    check_mix(config.mix)
    check_granted(apis, config.granted or ())
    run = Run(path)
    check_backend(run, config, apis)
    run.make()
    settle(run, config, apis)
    _keep_apis(run, apis)
    return run, Landscape(apis), _Record(run, sink)


def _living(catalogue: Catalogue, name: str) -> Api:
    """Return an API without the tools that are marked as dead."""
    api, dead = catalogue.api(name), catalogue.dead(name)
    return api.model_copy(update={"tools": tuple(tool for tool in api.tools if tool.name not in dead)}) if dead else api


def _keep_apis(run: Run, apis: Iterable[Api]) -> None:
    if not run.apis.path.exists():
        write_whole(run.apis.path, b"".join(api.model_dump_json().encode() + b"\n" for api in apis))


def make_searcher(config: RunConfig) -> Searcher:
    """Return the searcher a run asks for, with the bounds it knows.

    Raises:
        PluginError: there is no such searcher.
        ConfigError: it cannot be made with these bounds.
    """
    kind = plugins.load("searchers", config.searcher)
    bounds = {"width": config.width, "max_depth": config.max_depth, "max_queries": config.max_queries}
    known = inspect.signature(kind).parameters
    try:
        return kind(**{name: value for name, value in bounds.items() if name in known})
    except (TypeError, ValueError) as error:
        raise ConfigError(f"searcher {config.searcher}: {error}") from error


async def _sample(run: Run, config: RunConfig, landscape: Landscape, sink: Sink) -> AsyncGenerator[Task]:
    there = list(run.tasks)
    sink(StageStarted("tasks", config.count, min(len(there), config.count)))
    started = time.monotonic()
    known = set(run.tools.ids("name"))
    place = 0
    with run.tasks.writer() as tasks, run.tools.writer() as tools:
        async for worded in _worded(run, config, landscape):
            sampled, task = worded.sampled, _with_faults(worded.task, config.faults)
            for name in (name for turn in task.turns for name in turn.tools):
                if name not in known:
                    tools.add(landscape.tool(name))
                    known.add(name)
            if place >= len(there):
                tasks.add(task)
                event = TaskSampled(
                    task.id, task.kind, sampled.attempts, sampled.dropped, sampled.wanted, task.writer, worded.problem
                )
                sink(event)
            elif there[place] != task:
                raise RunError(
                    f"its task {there[place].id} is not what its configuration gives",
                    where=str(run.tasks.path),
                    hint="The file was changed; restore it or start a new run.",
                )
            yield task
            place += 1
    sink(StageFinished("tasks", time.monotonic() - started))


@dataclass(frozen=True, slots=True)
class _Worded:
    """A task of the stream, in the words it is kept in."""

    sampled: Sampled
    task: Task
    problem: str
    """Why the words are not those of the writer asked for; empty where they are."""


async def _worded(run: Run, config: RunConfig, landscape: Landscape) -> AsyncGenerator[_Worded]:
    stream = islice(_stream(config, landscape), config.count)
    async with writer(run, config, landscape) as write:
        if write is None:
            for sampled in stream:
                yield _Worded(sampled, sampled.task, "")
            return
        nearest = Nearest(SIMILARITY)

        async def work(sampled: Sampled) -> _Worded:
            written = await write.write(sampled.task)
            return _Worded(sampled, written.task, written.problem)

        async for worded in run_ordered(stream, work, concurrency=config.concurrency):
            # The stream is free of near-duplicates; another's words may bring some in.
            is_new = nearest.find("", shingles(worded.task)) is None
            kept = worded if is_new else _Worded(worded.sampled, worded.sampled.task, "duplicate")
            nearest.add("", kept.task.id, shingles(kept.task))
            yield kept


def _with_faults(task: Task, profile: str) -> Task:
    """Return a task with the run's faults, unless faults are what it is about."""
    return task if task.faults != NONE else task.model_copy(update={"faults": profile})


def _stream(config: RunConfig, landscape: Landscape) -> Iterator[Sampled]:
    stream = TaskSampler(landscape, config.seed, config.apis, config.granted, config.mix, config.size).stream()
    # Nobody knows what a real backend holds.
    return stream if config.executor == "mock" else anywhere(stream, landscape)


async def _explore(
    run: Run, config: RunConfig, landscape: Landscape, tasks: list[Task], sink: Sink
) -> GenerationSummary:
    started = time.monotonic()
    summary = GenerationSummary(run.path, len(tasks))
    done = {trace_id(task, config) for task in tasks} & set(run.traces.ids())
    sink(StageStarted("generate", len(tasks), len(done)))
    missing = [task for task in tasks if trace_id(task, config) not in done]
    async with (
        teacher(run, config) as teach,
        backend(run, config, landscape) as make_executor,
        simulated_user(run, config, landscape) as user,
    ):
        workshop = _Workshop(config, landscape, make_executor, user)
        with run.traces.writer() as traces:
            results = run_ordered(missing, lambda task: workshop.work(task, teach), concurrency=config.concurrency)
            async for trace, solved, seconds in results:
                traces.add(trace)
                _count(summary, trace, solved=solved)
                sink(TraceFinished(trace.id, trace.task, trace.outcome, solved, trace.usage, seconds))
    summary.traces = len(done) + summary.made
    sink(StageFinished("generate", time.monotonic() - started))
    return summary


def _count(summary: GenerationSummary, trace: Trace, *, solved: bool) -> None:
    summary.made += 1
    summary.solved += solved
    summary.outcomes[trace.outcome] += 1
    summary.usage = summary.usage + trace.usage


def trace_id(task: Task, config: RunConfig) -> str:
    """Return the id of a task's first trace in a run."""
    return f"r{digest([task.id, 0, config.digest()])[:16]}"


class _Workshop:
    """What every exploration of a run shares."""

    def __init__(self, config: RunConfig, landscape: Landscape, make_executor: Backend, user: User | None) -> None:
        self._config, self._landscape, self._make_executor, self._user = config, landscape, make_executor, user
        self._searcher = make_searcher(config)
        self._goal: Evaluator = plugins.load("evaluators", "goal")()
        self._specs = {name: api.source.sha256 for name, api in landscape.apis.items()}

    async def work(self, task: Task, teach: Teacher) -> tuple[Trace, bool, float]:
        """Return a task's trace, whether it reached the goal as far as one knows, and the seconds it took."""
        started = time.monotonic()
        executor = self._make_executor(task)
        tools = {name: self._landscape.tool(name) for turn in task.turns for name in turn.tools}
        trace = await explore(
            Attempt(
                task=task,
                tools=tools,
                policy=teach(task),
                searcher=self._searcher,
                executor=executor,
                provenance=self._provenance(),
                user=self._user,
            )
        )
        return trace, self._solved(task, trace, tools, executor), time.monotonic() - started

    def _solved(self, task: Task, trace: Trace, tools: dict[str, Tool], executor: Executor) -> bool:
        if trace.best is None or not isinstance(executor, MockExecutor):
            return False
        path = trace.path(trace.best)
        calls = [call for node in path if node.step for call in node.step.calls]
        case = Case(task, trace.id, trace.best, path, tools, executor.replay(calls))
        return self._goal.evaluate(case).label == "pass"

    def _provenance(self) -> Provenance:
        return Provenance(
            teacher=self._config.model,
            searcher=self._config.searcher,
            executor=self._config.executor,
            seed=self._config.seed,
            simulator=self._config.simulate,
            user=self._config.user,
            prompts=_prompts(self._config),
            config=self._config.digest(),
            specs=self._specs,
            code=__version__,
            world=WORLD_VERSION,
        )


def _prompts(config: RunConfig) -> str:
    """Return a digest of the prompts that a run's traces come from; empty where there are none."""
    used = ["" if config.model == PLANNER else prompts_digest()]
    used += [SIMULATION.digest()] if config.simulate else []
    used += [USER.digest()] if config.user else []
    return digest(used) if len(used) > 1 else used[0]
