"""The contract of a kind of created data: what is asked of a model about a source, and what its answers become."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from toolbench.model import Chunk, Document, JsonObject, Part

T = TypeVar("T")


class Options(Part):
    """What a kind can be told beside what all are told. A kind with options of its own derives from it."""


Told = TypeVar("Told", bound=Options)


@dataclass(frozen=True, slots=True)
class Settings:
    """What all kinds are told."""

    seed: int = 0
    """Where every random choice comes from."""
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The user's own prompts, by name, in place of ours; `{name}` in them is filled in, all other braces are text."""


@dataclass(frozen=True, slots=True)
class Source:
    """What rows are made of: a document, or others' records, or nothing."""

    name: str
    """What the file made of it begins with; no two of a command share one."""
    path: str = ""
    """The file it was read from."""
    document: Document | None = None
    """The document, for kinds that read documents."""
    chunks: tuple[Chunk, ...] = ()
    """Its pieces."""
    records: tuple[JsonObject, ...] = ()
    """The records, for kinds that read records."""


@dataclass(frozen=True, slots=True)
class Job:
    """A part of a source that a model is asked about in one go."""

    id: str
    """Its name within the source, told where something goes wrong: `chunk 3`."""
    source: Source
    """What it is a part of."""
    chunk: Chunk | None = None
    """The piece of a document that it is about."""
    record: JsonObject = field(default_factory=dict[str, Any])
    """The record that it is about, or whatever else the kind made it of."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a model."""

    messages: tuple[JsonObject, ...]
    """Messages in the Chat Completions form."""
    schema: JsonObject | None = None
    """JSON Schema of the answer, an object's; endpoints that can are held to it. None where no form is asked for."""


class Asker(Protocol):
    """Asks the model that a command names. What comes to nothing is counted, and kept for a look."""

    async def ask(self, question: Question, read: Callable[[str], T]) -> T | None:
        """Return what is read of the answer; None where nothing came or nothing can be read.

        Args:
            question: what is asked. The same question asked by the same job at its next attempt is another sample.
            read: reads an answer's text; raises ValueError, with a reason, where it cannot.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        ...


class Creator(ABC, Generic[Told]):
    """Makes one kind of rows. The file's name is the kind's, with `_` for `-`; `__all__` names the class.

    A runner calls `make` for as many jobs as it takes to have exactly the rows that are asked for, spread over the
    jobs; rows for which `fault` gives a reason, and repetitions, are dropped and counted.

    Args:
        settings: what all kinds are told.
        options: what this one is told.
    """

    reads: ClassVar[Literal["documents", "records", "nothing"]] = "documents"
    """What it makes rows of."""
    suffix: ClassVar[str]
    """Files are named NAME_SUFFIX.json."""
    key: ClassVar[str]
    """Under what the rows stand in the file."""
    counted: ClassVar[bool] = True
    """Whether a number of rows is asked for; else each job gives one, and a number bounds the jobs."""
    count: ClassVar[int | None] = None
    """Rows made of a source where nothing is said."""
    options: ClassVar[type[Options]] = Options
    """The type of its options."""

    def __init__(self, settings: Settings, options: Told) -> None:
        self.settings, self.told = settings, options

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the parts of a source that are asked about: its chunks, or its records."""
        if self.reads == "records":
            return [Job(f"record {at}", source, record=record) for at, record in enumerate(source.records, 1)]
        return [Job(f"chunk {chunk.ordinal + 1}", source, chunk=chunk) for chunk in source.chunks]

    @abstractmethod
    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:
        """Return rows made of a job. More or fewer than wanted is no fault: the runner sees to the number.

        Args:
            job: what they are made of.
            wanted: how many, at least 1.
            known: the rows that the job gave before.
            asker: asks the model.
        """

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - what a kind may look at
        """Return why a row is not to be kept, in a word or two joined by `_`; empty where it is."""
        return ""

    def identity(self, row: JsonObject) -> str:  # noqa: ARG002 - what a kind may look at
        """Return what two rows of a source must not share, such as the question; empty where they may share all."""
        return ""

    async def preface(self, source: Source, asker: Asker) -> JsonObject:  # noqa: ARG002 - what a kind may look at
        """Return what else the file of a source holds."""
        return {}

    def parts(self, rows: Sequence[JsonObject]) -> Mapping[str, Sequence[JsonObject]]:  # noqa: ARG002 - as above
        """Return rows that get a folder of their own besides, by its name: the levels of a curriculum."""
        return {}

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the content of a source's file."""
        return {**preface, self.key: list(rows)}
