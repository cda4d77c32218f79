"""Others' tasks: the contract of an importer, and what it makes of a file, row by row.

`read_file` is the way in: it reads a file, picks the importer that recognises its rows, and returns what became of each
of them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

from toolbench import plugins
from toolbench.errors import SpecError, TaskFileError
from toolbench.importers._rows import Entry, entries
from toolbench.model import AcceptedCall, JsonObject, canonical, is_object
from toolbench.model.tool import Safety
from toolbench.specs.base import asked
from toolbench.specs.functions import FunctionList

AUTO = "auto"
"""The format that stands for whichever importer recognises the rows."""

FUNCTIONS = "functions"
"""The toolset of functions of which nothing says where they belong."""

DOCUMENTED = ("name", "description", "parameters", "response")
"""What of a function's description is read: its name, prose, and the schemas of its arguments and of its result."""


@dataclass(frozen=True)
class Described:
    """A tool as a row describes it."""

    document: JsonObject
    """Its `name` (a text that is not empty), `description`, and the schemas `parameters` and `response`."""
    toolset: str = FUNCTIONS
    """What it belongs to: tools of one toolset become one API."""
    category: str = ""
    """Topic of the toolset; empty where nothing is said of it."""
    safety: Safety | None = None
    """What a call does; None where only the name tells."""
    alias: str = ""
    """The name under which its source has it called."""

    @property
    def home(self) -> str:
        """The toolset's full name: toolsets of different topics may share theirs."""
        return f"{self.category}/{self.toolset}" if self.category else self.toolset

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all of it as canonical JSON, 64 hex digits."""
        return hashlib.sha256(canonical([self.home, self.document, self.safety, self.alias])).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A user's turn as a row has it."""

    text: str
    """What the user says."""
    tools: tuple[Described, ...]
    """All tools offered from this turn on."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as a row has it. What a row says to be right is no part of it, but for calls."""

    id: str
    """Its id where it comes from; empty where it has none."""
    turns: tuple[Asked, ...]
    """The user's turns, in order; at least one."""
    system: str = ""
    """What the model is told before the user speaks."""
    distractors: tuple[Described, ...] = ()
    """Offered tools of which the row says that they do not matter."""
    accepted: tuple[AcceptedCall, ...] | None = None
    """The calls that count as right, by the names that the tools' documents have; None where nothing is said."""
    left_out: tuple[str, ...] = ()
    """What else the row holds and is not taken over, by name."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is sound and holds no task."""

    reason: str
    """What it is, equal for equal cases, so that rows can be counted."""


class Importer(Protocol):
    """Reads the rows of one format. An importer is a plugin: its file's name is the format's."""

    def recognises(self, row: JsonObject) -> bool:
        """Tell whether a row is of this format, at a glance."""
        ...

    def read(self, row: JsonObject, file: Path) -> Question | Skipped:
        """Return what a row asks.

        Args:
            row: the row.
            file: the file it stands in; what lies beside it may be read, too.

        Raises:
            TaskFileError: the row cannot be used; `message` says why.
        """
        ...


@runtime_checkable
class GoldImporter(Importer, Protocol):
    """An importer of a format whose gold stands in files of its own."""

    def with_gold(self, path: Path) -> "GoldImporter":
        """Return an importer that takes what is right from a file, not from where it usually lies.

        Raises:
            TaskFileError: the file cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be used."""

    line: int
    """The line it begins in, from 1."""
    reason: str


@dataclass(slots=True)
class FileReading:
    """What a file holds."""

    path: Path
    format: str
    """Name of the importer."""
    rows: int = 0
    """Rows read."""
    questions: list[tuple[int, Question]] = field(default_factory=list[tuple[int, Question]])
    """Rows that are tasks, each with the line it begins in."""
    refused: list[Refusal] = field(default_factory=list[Refusal])
    """Rows that could not be used."""
    skipped: Counter[str] = field(default_factory=Counter[str])
    """Sound rows that are no tasks, by reason."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Tasks that hold something which is not taken over, by its name."""


def read_file(path: Path, format: str = AUTO, gold: Path | None = None) -> FileReading:  # noqa: A002
    """Return what a file of others' tasks holds, row by row: a JSON list, or JSON lines.

    Args:
        path: the file.
        format: name of the importer; `auto` takes the one that recognises the first row that any does.
        gold: the file that says what is right, for formats with such; None for where it usually lies.

    Raises:
        TaskFileError: a file cannot be read, is of no known format, or of one without files of gold.
        PluginError: there is no such importer.
    """
    found = list(entries(path))
    name, importer = _importer(path, found, format)
    if gold is not None:
        if not isinstance(importer, GoldImporter):
            raise TaskFileError(f"the format {name} has no files of gold", where=str(path), hint="Leave out `--gold`.")
        importer = importer.with_gold(gold)
    reading, checks = FileReading(path, name), _Checks()
    for entry in found:
        reading.rows += 1
        _take(reading, importer, entry, checks)
    return reading


def _importer(path: Path, found: Sequence[Entry], format: str) -> tuple[str, Importer]:  # noqa: A002
    if format != AUTO:
        return format, plugins.load("importers", format)()
    known: dict[str, Importer] = {name: plugins.load("importers", name)() for name in plugins.names("importers")}
    for entry in found:
        for name, importer in known.items():
            if is_object(entry.content) and importer.recognises(entry.content):
                return name, importer
    raise TaskFileError("its rows are of none of the formats", where=str(path), hint=f"There are: {', '.join(known)}")


def _take(reading: FileReading, importer: Importer, entry: Entry, checks: "_Checks") -> None:
    """Put a row where it belongs."""
    try:
        if entry.problem or not is_object(entry.content):
            raise TaskFileError(entry.problem or "the row is no object")
        found = importer.read(entry.content, reading.path)
        if isinstance(found, Skipped):
            reading.skipped[found.reason] += 1
            return
        checks.check(found)
    except TaskFileError as error:
        reading.refused.append(Refusal(entry.line, error.message))
        return
    reading.questions.append((entry.line, found))
    reading.left_out.update(set(found.left_out))


class _Checks:
    """Checks questions; each of their functions once."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}

    def check(self, question: Question) -> None:
        """Raise TaskFileError unless there is a turn, tools are offered, and each of them can be understood."""
        if not question.turns:
            raise TaskFileError("the user says nothing")
        if not all(turn.tools for turn in question.turns):
            raise TaskFileError("it offers no tools")
        for tool in (tool for turn in question.turns for tool in turn.tools):
            if problem := self._problem(tool):
                raise TaskFileError(f"the function {tool.document['name']!r}: {problem}")

    def _problem(self, tool: Described) -> str:
        if tool.sha256 not in self._problems:
            self._problems[tool.sha256] = _problem(tool)
        return self._problems[tool.sha256]


def _problem(tool: Described) -> str:
    """Return why a function cannot be understood; empty where it can."""
    try:
        FunctionList().load(asked("row", [tool.document]), "row")
    except SpecError as error:
        return error.message
    except RecursionError:
        return "nested too deeply"
    return ""


def document_of(raw: JsonObject) -> tuple[JsonObject, Iterator[str]]:
    """Return a function's description, and the names of the keys that are none of it.

    Raises:
        TaskFileError: it has no name.
    """
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise TaskFileError("a function has no name")
    document = {"description": "", **{key: raw[key] for key in DOCUMENTED if raw.get(key) is not None}}
    return document, (key for key in raw if key not in DOCUMENTED)
