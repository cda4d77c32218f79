"""Examining a model: it works on tasks that are there, ours or others', and is judged by kind of task."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolbench.curation.judgements import WHERE_KNOWN, Judgements, judged_leaf, wilson
from toolbench.errors import RunError
from toolbench.events import Sink, ignore
from toolbench.model import Api, JsonObject, Task, Trace
from toolbench.pipeline.config import IMPORTED, RunConfig, settle
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.generate import generate
from toolbench.pipeline.import_tasks import import_tasks, imported_config
from toolbench.pipeline.replayer import open_replayer
from toolbench.store import Run


@dataclass(slots=True)
class Result:
    """How tasks of one kind fared."""

    tasks: int = 0
    passed: int = 0
    """Traces whose path passes all that could be judged."""
    failed: int = 0
    unscored: int = 0
    """Traces of which nobody can tell, for nobody has said what is right."""
    kinds: Counter[str] = field(default_factory=Counter[str])
    """Those that failed, by the first reason."""

    @property
    def scored(self) -> int:
        """Traces that passed or failed."""
        return self.passed + self.failed

    def as_json(self) -> JsonObject:
        """Return all of it; without a scored trace there is no rate."""
        rate = self.passed / self.scored if self.scored else None
        interval = list(wilson(self.passed, self.scored)) if self.scored else None
        return {
            "tasks": self.tasks,
            "passed": self.passed,
            "failed": self.failed,
            "unscored": self.unscored,
            "rate": rate,
            "interval": interval,
            "kinds": self.kinds,
        }


@dataclass(slots=True)
class Examination:
    """How a model fared."""

    path: Path
    """The run that holds its traces."""
    model: str
    results: dict[str, Result] = field(default_factory=dict[str, Result])
    """By kind of task; of others' tasks, by the file they came from."""

    @property
    def overall(self) -> Result:
        """All of them together."""
        total = Result()
        for one in self.results.values():
            total.tasks += one.tasks
            total.passed += one.passed
            total.failed += one.failed
            total.unscored += one.unscored
            total.kinds += one.kinds
        return total

    def as_json(self) -> JsonObject:
        """Return all of it."""
        by_kind = {kind: result.as_json() for kind, result in self.results.items()}
        return {"run": str(self.path), "model": self.model, **self.overall.as_json(), "by_kind": by_kind}


def examine(
    path: Path, config: RunConfig, sources: Sequence[Path], *, gold: Path | None = None, sink: Sink = ignore
) -> Examination:
    """Have a model work on tasks, and judge what it did.

    Args:
        path: folder of the run that its traces go to; a run that is there is taken up.
        config: the model, and how it works; what says how tasks are made must be as it is by default.
        sources: where the tasks come from: folders of runs, or files as `import_tasks` reads them. None for those that
            the run holds already.
        gold: as for `import_tasks`.
        sink: receives events.

    Raises:
        InputError: a source, a setting or the model is not as it must be.
        WorkError: there is nothing to judge.
    """
    run = Run(path)
    for source in (one for one in sources if one.is_dir()):
        take_tasks(run, Run(source))
    if files := [one for one in sources if not one.is_dir()]:
        import_tasks(path, files, gold=gold)
    held = len(run.tasks.ids())
    generate(path, config.model_copy(update={"tasks": IMPORTED, "count": held}), sink=sink)
    evaluate(run, open_replayer(run), sink=sink)
    return _examined(run, config.model)


def take_tasks(run: Run, source: Run) -> None:
    """Copy a run's tasks, and the APIs and tools that they need, into another one.

    Raises:
        RunError: the source is no run with tasks, the two describe an API differently, or the other made its own tasks.
    """
    source.require()
    tasks = list(source.tasks)
    if not tasks:
        raise RunError("the run holds no tasks", where=str(source.path), hint="Make some: `toolbench tasks RUN`.")
    config = imported_config(run)
    there = {api.id: api for api in run.apis}
    known_tasks, known_tools = set(run.tasks.ids()), set(run.tools.ids("name"))
    fresh = list(_missing(source, there))
    run.make()
    with run.apis.writer() as apis:
        for api in fresh:
            apis.add(api)
    with run.tools.writer() as tools, run.tasks.writer() as writer:
        for tool in (tool for tool in source.tools if tool.name not in known_tools):
            tools.add(tool)
        for task in (task for task in tasks if task.id not in known_tasks):
            writer.add(task)
    settle(run, config.model_copy(update={"count": len(run.tasks.ids())}), [])


def _missing(source: Run, there: dict[str, Api]) -> Iterator[Api]:
    """Yield the APIs of a run that are not there yet."""
    for api in source.apis:
        if api.id not in there:
            yield api
        elif there[api.id] != api:
            hint = "Examine the model on each in a folder of its own."
            raise RunError(f"{api.id} is described otherwise than in another source", where=str(source.path), hint=hint)


def _examined(run: Run, model: str) -> Examination:
    found = Examination(run.path, model)
    tasks = {task.id: task for task in run.tasks}
    judgements = Judgements(run.verdicts)
    for trace in run.traces:
        _count(found.results.setdefault(_kind(tasks[trace.task]), Result()), tasks[trace.task], trace, judgements)
    found.results = dict(sorted(found.results.items()))
    return found


def _kind(task: Task) -> str:
    return task.kind if task.origin == "sampled" else task.origin.file


def _count(result: Result, task: Task, trace: Trace, judgements: Judgements) -> None:
    result.tasks += 1
    marks = judgements.marks(trace.id, judged_leaf(trace))
    confirmed = task.solution == "known" or any(name in marks and marks[name].label == "pass" for name in WHERE_KNOWN)
    if fault := judgements.fault(trace):
        result.failed += 1
        result.kinds[fault.kind] += 1
    elif confirmed:
        result.passed += 1
    else:
        result.unscored += 1
