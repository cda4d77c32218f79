"""Importing: others' tasks become tasks of a run, without gold, and their tools become APIs of the run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolbench.errors import RunError
from toolbench.importers._build import Shelf, task_id, task_of
from toolbench.importers.base import AUTO, FileReading, Question, Refusal, read_file
from toolbench.model import Api, JsonObject, Task
from toolbench.pipeline.config import IMPORTED, RunConfig, run_config, settle
from toolbench.store import Run
from toolbench.tasks.categories import category_of


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of a file's rows: `read` is the sum of `imported`, `known`, `refused` and `skipped`."""

    path: Path
    format: str
    """Name of the importer."""
    read: int
    imported: int
    """Rows that are now tasks of the run and were not before."""
    known: int
    """Rows that say the same as a task of the run, or as an earlier row."""
    refused: tuple[Refusal, ...]
    """Rows that could not be used."""
    skipped: dict[str, int]
    """Sound rows that are no tasks, by reason."""
    left_out: dict[str, int]
    """Tasks that held something which was not taken over, by its name."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "file": str(self.path),
            "format": self.format,
            "read": self.read,
            "imported": self.imported,
            "known": self.known,
            "refused": len(self.refused),
            "refusals": [{"line": one.line, "reason": one.reason} for one in self.refused],
            "skipped": self.skipped,
            "left_out": self.left_out,
        }


@dataclass(slots=True)
class ImportSummary:
    """What an import came to."""

    path: Path
    """The run's folder."""
    files: list[FileSummary] = field(default_factory=list[FileSummary])
    tasks: int = 0
    """Tasks in the run."""
    tools: int = 0
    """Tools that they offer."""
    answered: int = 0
    """Of the tasks, those that say which calls are right."""
    silent: int = 0
    """Of the tools, those that say nothing of their results: the simulation can only answer them with nothing."""
    categories: dict[str, int] = field(default_factory=dict[str, int])
    """Tasks in the run by ToolLLM's category."""

    def total(self, name: str) -> int:
        """Return a sum over the files: of `read`, `imported`, `known`, `refused` or `skipped`."""
        return sum(_number(getattr(one, name)) for one in self.files)

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "run": str(self.path),
            "tasks": self.tasks,
            "tools": self.tools,
            "answered": self.answered,
            "silent": self.silent,
            "categories": self.categories,
            "files": [one.as_json() for one in self.files],
            **{name: self.total(name) for name in ("read", "imported", "known", "refused", "skipped")},
        }


def _number(value: int | Sequence[object] | dict[str, int]) -> int:
    return value if isinstance(value, int) else sum(value.values()) if isinstance(value, dict) else len(value)


def import_tasks(
    path: Path,
    files: Sequence[Path],
    format: str = AUTO,  # noqa: A002
    gold: Path | None = None,
) -> ImportSummary:
    """Add the tasks of some files to a run, which is made where it is missing. What is there is not added again.

    Nothing is written before all files are read, and nothing at all where no row can be used.

    Args:
        path: folder of the run; its tasks, where it has any, must be imported ones.
        files: files of one format each.
        format: name of the importer for all of them; `auto` takes for each the one that recognises its rows.
        gold: a file that says what is right, for formats with such; None for where it usually lies.

    Raises:
        TaskFileError: a file cannot be read, or is of no known format.
        PluginError: there is no such importer.
        RunError: the run's tasks are sampled.
    """
    run = Run(path)
    config = _config(run)
    readings = [read_file(file, format, gold) for file in files]
    there = set(run.tasks.ids())
    summary = ImportSummary(path)
    fresh: list[Task] = []
    shelf = Shelf(run.apis)
    apis = list(_apis(readings, shelf, there))
    for reading in readings:
        tasks = _tasks(reading, shelf, there)
        there.update(task.id for task in tasks)
        fresh += tasks
        summary.files.append(_summary(reading, len(tasks)))
    if not there:
        return summary
    run.make()
    with run.apis.writer() as writer:
        for api in apis:
            writer.add(api)
    _keep(run, fresh)
    settle(run, config.model_copy(update={"count": len(there)}), [])
    _count(summary, run)
    return summary


def _config(run: Run) -> RunConfig:
    """Return the configuration of a run with imported tasks."""
    if run.read_config() is None:
        return RunConfig(tasks=IMPORTED)
    config = run_config(run.path, {})
    if config.tasks != IMPORTED:
        raise RunError(
            "the tasks of this run are sampled", where=str(run.path), hint="Import others' tasks into another folder."
        )
    return config


def _apis(readings: Sequence[FileReading], shelf: Shelf, there: set[str]) -> Iterator[Api]:
    """Yield the APIs that the tasks that are not there yet need, for the files of each format together."""
    for name in dict.fromkeys(reading.format for reading in readings):
        some = (reading for reading in readings if reading.format == name)
        yield from shelf.add([question for reading in some for question in _new(reading, there)], name)


def _new(reading: FileReading, there: set[str]) -> list[Question]:
    return [question for _, question in reading.questions if task_id(question, reading.format) not in there]


def _tasks(reading: FileReading, shelf: Shelf, there: set[str]) -> list[Task]:
    """Return the tasks of a file that are not there yet, each once."""
    distinct = {task_id(question, reading.format): question for question in _new(reading, there)}
    return [task_of(question, reading.format, reading.path.name, shelf) for question in distinct.values()]


def _summary(reading: FileReading, imported: int) -> FileSummary:
    return FileSummary(
        path=reading.path,
        format=reading.format,
        read=reading.rows,
        imported=imported,
        known=len(reading.questions) - imported,
        refused=tuple(reading.refused),
        skipped=dict(reading.skipped.most_common()),
        left_out=dict(sorted(reading.left_out.items())),
    )


def _keep(run: Run, tasks: Sequence[Task]) -> None:
    """Write tasks, and before them the tools that they offer."""
    apis = {api.id: api for api in run.apis}
    owner = {tool.name: api for api in apis.values() for tool in api.tools}
    known = set(run.tools.ids("name"))
    with run.tools.writer() as tools, run.tasks.writer() as writer:
        for task in tasks:
            for name in (name for turn in task.turns for name in turn.tools if name not in known):
                tools.add(owner[name].tool(name))
                known.add(name)
            writer.add(task)


def _count(summary: ImportSummary, run: Run) -> None:
    tools = {tool.name: tool for tool in run.tools}
    categories = Counter(category_of(task, tools) for task in run.tasks)
    summary.tasks, summary.tools = categories.total(), len(tools)
    summary.answered = sum(task.accepted is not None for task in run.tasks)
    summary.silent = sum(tool.returns is None for tool in tools.values())
    summary.categories = dict(sorted(categories.items()))
