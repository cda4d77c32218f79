"""Tasks of a run: the stream is cut at the count, put into words and written."""

import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, RunError
from toolbench.events import Sink, StageFinished, StageStarted, TaskSampled, ignore
from toolbench.model import Task
from toolbench.pipeline.config import IMPORTED, RunConfig
from toolbench.pipeline.models import embedded
from toolbench.pipeline.opening import open_run, tool_writer
from toolbench.pipeline.users import rewording
from toolbench.registry import Catalogue
from toolbench.store import Run
from toolbench.tasks.anywhere import anywhere
from toolbench.tasks.sampling import SIMILARITY, Sampled, TaskSampler
from toolbench.tasks.similarity import Nearest, shingles
from toolbench.user.writer import Writer
from toolbench.world.faults import NONE
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape


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
    run, landscape, record = open_run(path, config, sink, catalogue)
    with record, embedded(config):
        return run_loop(listed(sample(run, config, landscape, record)))


async def listed(tasks: AsyncGenerator[Task]) -> list[Task]:
    """Return all tasks."""
    return [task async for task in tasks]


async def sample(run: Run, config: RunConfig, landscape: Landscape, sink: Sink) -> AsyncGenerator[Task]:
    """Yield the tasks of a run, those that it does not hold yet as they are written.

    Raises:
        RunError: a task that it holds is not what its configuration gives.
        WorkError: no more tasks can be made of these APIs.
    """
    there = list(run.tasks)
    sink(StageStarted("tasks", config.count, min(len(there), config.count)))
    started = time.monotonic()
    place = 0
    with run.tasks.writer() as tasks, tool_writer(run, landscape) as add_tools:
        async for worded in _worded(run, config, landscape):
            sampled, task = worded.sampled, _as_asked(worded.task, config)
            add_tools(name for turn in task.turns for name in turn.tools)
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
    async with rewording(run, config, config.writer) as words:
        if words is None:
            for sampled in stream:
                yield _Worded(sampled, sampled.task, "")
            return
        writer, nearest = Writer(words, WorldReplayer(landscape), config.seed), Nearest(SIMILARITY)

        async def work(sampled: Sampled) -> _Worded:
            written = await writer.write(sampled.task)
            return _Worded(sampled, written.task, written.problem)

        async for worded in run_ordered(stream, work, concurrency=config.concurrency):
            # The stream is free of near-duplicates; another's words may bring some in.
            is_new = nearest.find("", shingles(worded.task)) is None
            kept = worded if is_new else _Worded(worded.sampled, worded.sampled.task, "duplicate")
            nearest.add("", kept.task.id, shingles(kept.task))
            yield kept


def _as_asked(task: Task, config: RunConfig) -> Task:
    """Return a task with the run's faults, unless faults are what it is about, and its tools to be found or offered."""
    faults = task.faults if task.faults != NONE else config.faults
    return task.model_copy(update={"faults": faults, "discovery": config.discovery})


def _stream(config: RunConfig, landscape: Landscape) -> Iterator[Sampled]:
    stream = TaskSampler(landscape, config.seed, config.apis, config.granted, config.mix, config.size).stream()
    # Nobody knows what a real backend holds.
    return stream if config.executor == "mock" else anywhere(stream, landscape)
