"""Generating: tasks are sampled, then every task is explored, each trace one line of the run."""

import asyncio
import inspect
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

from searchers.base import Searcher
from toolbench import plugins
from toolbench._version import __version__
from toolbench.agent.explore import Attempt, explore
from toolbench.agent.templates import prompts_digest
from toolbench.engine.local import run_ordered
from toolbench.errors import ConfigError, RunError
from toolbench.events import Event, Sink, StageFinished, StageStarted, TaskSampled, TraceFinished, as_json, ignore
from toolbench.executors.base import Executor
from toolbench.executors.mock import MockExecutor
from toolbench.model import Api, Case, Evaluator, Provenance, Task, Tool, Trace, Usage, canonical, digest
from toolbench.pipeline.backends import Backend, backend, check_backend
from toolbench.pipeline.config import IMPORTED, RunConfig, settle
from toolbench.pipeline.teachers import PLANNER, Teacher, teacher
from toolbench.registry import Catalogue
from toolbench.simulator.scene import PROMPTS as SIMULATION
from toolbench.specs import open_catalogue
from toolbench.store import Lines, Run, write_whole
from toolbench.tasks.anywhere import anywhere
from toolbench.tasks.mix import missing
from toolbench.tasks.sampling import Sampled, TaskSampler, check_mix
from toolbench.world.access import check_granted
from toolbench.world.faults import NONE, Faults
from toolbench.world.world import WORLD_VERSION, Landscape

_OF_SAMPLED = ("apis", "mix", "faults", "granted")
"""Settings that decide what tasks are sampled."""


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
        imported = config.tasks == IMPORTED
        tasks = list(islice(run.tasks, config.count) if imported else _sample(run, config, landscape, record))
        summary = asyncio.run(_explore(run, config, landscape, tasks, record))
    if config.executor == "mock" and not imported:
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
    if config.tasks == IMPORTED:
        hint = "Add more with `--from FILE`, or explore these with `toolbench generate`."
        raise ConfigError("the tasks of this run are imported, so none are sampled", where=str(path), hint=hint)
    run, landscape, record = _open(path, config, sink, catalogue)
    with record:
        return list(_sample(run, config, landscape, record))


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
    run = Run(path)
    make_searcher(config)
    if config.tasks == IMPORTED:
        check_imported(run, config)
        settle(run, config, [])
        return run, Landscape(run.apis), _Record(run, sink)
    source = catalogue or open_catalogue()
    apis = [_living(source, name) for name in sorted(set(config.apis))]
    Faults(config.faults, config.seed)
    check_mix(config.mix)
    check_granted(apis, config.granted or ())
    check_backend(run, config, apis)
    run.make()
    settle(run, config, apis)
    _keep_apis(run, apis)
    return run, Landscape(apis), _Record(run, sink)


def check_imported(run: Run, config: RunConfig) -> None:
    """Raise InputError unless a run holds imported tasks that can be explored as asked."""
    where, held = str(run.path), len(run.tasks.ids())
    if not held:
        raise RunError(
            "the run holds no imported tasks", where=where, hint="Import some: `toolbench tasks RUN --from FILE`."
        )
    if config.model == PLANNER:
        hint = "Name a model: `--model NAME --base-url URL`. Without one, try it out with `toolbench scripted`."
        raise ConfigError("imported tasks have no gold for the planner to follow", where=where, hint=hint)
    if config.count > held:
        hint = "Leave out `-n`, or import more with `toolbench tasks RUN --from FILE`."
        raise ConfigError(f"{config.count} tasks are asked for, and {held} were imported", where=where, hint=hint)
    plain = RunConfig()
    given = (name for name in _OF_SAMPLED if getattr(config, name) != getattr(plain, name))
    if name := next(given, ""):
        hint = "Leave it out."
        raise ConfigError(f"`{name}` is of no use to imported tasks: they are as they came", where=where, hint=hint)
    plugins.load("executors", config.executor)
    if config.executor in ("live", "replay"):
        hint = "Leave out `--executor`: the simulation answers."
        raise ConfigError("imported tools are only described; nothing says how to call them", where=where, hint=hint)


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


def _sample(run: Run, config: RunConfig, landscape: Landscape, sink: Sink) -> Iterator[Task]:
    there = list(run.tasks)
    sink(StageStarted("tasks", config.count, min(len(there), config.count)))
    started = time.monotonic()
    known = set(run.tools.ids("name"))
    with run.tasks.writer() as tasks, run.tools.writer() as tools:
        for place, sampled in enumerate(islice(_stream(config, landscape), config.count)):
            task = _with_faults(sampled.task, config.faults)
            for name in (name for turn in task.turns for name in turn.tools):
                if name not in known:
                    tools.add(landscape.tool(name))
                    known.add(name)
            if place >= len(there):
                tasks.add(task)
                sink(TaskSampled(task.id, task.kind, sampled.attempts, sampled.dropped, sampled.wanted))
            elif there[place] != task:
                raise RunError(
                    f"its task {there[place].id} is not what its configuration gives",
                    where=str(run.tasks.path),
                    hint="The file was changed; restore it or start a new run.",
                )
            yield task
    sink(StageFinished("tasks", time.monotonic() - started))


def _with_faults(task: Task, profile: str) -> Task:
    """Return a task with the run's faults, unless faults are what it is about."""
    return task if task.faults != NONE else task.model_copy(update={"faults": profile})


def _stream(config: RunConfig, landscape: Landscape) -> Iterator[Sampled]:
    stream = TaskSampler(landscape, config.seed, config.apis, config.granted, config.mix).stream()
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
    async with teacher(run, config) as teach, backend(run, config, landscape) as make_executor:
        workshop = _Workshop(config, landscape, make_executor)
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

    def __init__(self, config: RunConfig, landscape: Landscape, make_executor: Backend) -> None:
        self._config, self._landscape, self._make_executor = config, landscape, make_executor
        self._searcher = make_searcher(config)
        self._goal: Evaluator = plugins.load("evaluators", "goal")()

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
                provenance=self._provenance(task),
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

    def _provenance(self, task: Task) -> Provenance:
        return Provenance(
            teacher=self._config.model,
            searcher=self._config.searcher,
            executor=self._config.executor,
            seed=self._config.seed,
            simulator=self._config.simulate,
            prompts=_prompts(self._config),
            config=self._config.digest(),
            specs={name: self._landscape.apis[name].source.sha256 for name in task.apis},
            code=__version__,
            world=WORLD_VERSION,
        )


def _prompts(config: RunConfig) -> str:
    """Return a digest of the prompts that a run uses; empty where it uses none."""
    teaching = "" if config.model == PLANNER else prompts_digest()
    return digest([teaching, SIMULATION.digest()]) if config.simulate else teaching
