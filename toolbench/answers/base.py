"""Others' answers: the contract of a format, and what it makes of a row.

A format reads the rows of its files (`rows`) and judges each (`judge`). What it needs besides, questions, gold, a
database, it reads when it is opened. `toolbench.pipeline.judge_answers` counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

from toolbench.answers._record import Named
from toolbench.errors import AnswerFileError, InputError, TaskFileError
from toolbench.importers._rows import Entry, entries
from toolbench.model import JsonObject, Vote, is_object

AnswerLabel = Literal["right", "wrong", "unparseable", "unscored"]
"""`unparseable` counts as not right, and is counted apart; `unscored` counts neither way: nobody can tell."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What answers are judged by. Each is a list of files, or of folders of such."""

    questions: tuple[Path, ...] = ()
    gold: tuple[Path, ...] = ()
    database: tuple[Path, ...] = ()
    rules: str = ""
    """Names of rules, for formats that know several; empty for the format's own."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one answer."""

    id: str
    """The question's id."""
    category: str
    """What the answer is counted with."""
    label: AnswerLabel
    kind: str
    """Short name of what is wrong with it, for counting; `right` where nothing is."""
    reason: str = ""
    """Why, in one sentence."""
    place: str = ""
    """JSON pointer to the place at fault, where there is one."""
    marks: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Further things that hold of it, or do not; each is counted over the answers that have it."""
    note: str = ""
    """What else is to be said of it: where its gold contradicts its own document."""
    votes: tuple[Vote, ...] = ()
    """The opinions it rests on, where a judge said."""


class AnswerFormat(Protocol):
    """Reads and judges the answers of one format. A format is a plugin: its file's name is the format's."""

    needs: ClassVar[tuple[str, ...]]
    """Names of the sources without which nothing can be judged."""

    def __init__(self, sources: Sources) -> None:
        """Read what answers are judged by.

        Raises:
            AnswerFileError: it cannot be used.
        """
        ...

    def rows(self, path: Path) -> Iterable[Entry]:
        """Return the rows of a file of answers, each with the line it begins in.

        Raises:
            AnswerFileError: the file cannot be read.
        """
        ...

    def judge(self, row: JsonObject) -> Judged:
        """Return what an answer is worth.

        Raises:
            AnswerFileError: the row is no answer, or to no question that is known; `message` says why.
        """
        ...


@runtime_checkable
class OpinionFormat(Protocol):
    """Reads the answers of a format that only a judge can tell the worth of; `needs` names `judge`."""

    needs: ClassVar[tuple[str, ...]]

    def __init__(self, sources: Sources) -> None: ...

    def rows(self, path: Path) -> Iterable[Entry]:
        """As `AnswerFormat.rows`."""
        ...

    def read(self, row: JsonObject, path: Path) -> Named:
        """Return an answer as a judge is shown it.

        Raises:
            AnswerFileError: the row is none; `message` says why.
        """
        ...


def no_sources(format: str, sources: Sources) -> None:  # noqa: A002
    """Raise InputError where something is given that a format of opinions has no use for."""
    for name in ("questions", "gold", "database", "rules"):
        if getattr(sources, name):
            raise InputError(f"`--{name}` is of no use to answers of the format {format}", hint="Leave it out.")


def read_rows(path: Path) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects of a file of JSON lines, or of a JSON list, each with the line it begins in.

    Raises:
        AnswerFileError: the file cannot be read, or a row is no object.
    """
    for entry in read_entries(path):
        if entry.problem or not is_object(entry.content):
            raise AnswerFileError(entry.problem or "the row is no object", where=f"{path}, line {entry.line}")
        yield entry.line, entry.content


def read_entries(path: Path) -> Iterator[Entry]:
    """Yield the rows of a file, whatever they hold.

    Raises:
        AnswerFileError: the file cannot be read.
    """
    try:
        yield from entries(path)
    except TaskFileError as error:
        raise AnswerFileError(error.message, where=error.where, hint=error.hint) from error


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return files, and for each folder the JSON files that lie in it, sorted.

    Raises:
        AnswerFileError: a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted((*path.glob("*.json"), *path.glob("*.jsonl"))) if path.is_dir() else [path]
        if not inside:
            raise AnswerFileError("there are no JSON files in it", where=str(path), hint="Name the files.")
        found += inside
    return found
