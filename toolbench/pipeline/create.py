"""Creating: exactly the rows that are asked for, of documents, of records, or of nothing."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import orjson
from pydantic import ValidationError

from toolbench import plugins
from toolbench.create._filling import Filling, Unused, Wish
from toolbench.create.base import Creator, Options, Question, Settings, Source
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, WorkError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.llm.asking import Silence, ask
from toolbench.llm.constraint import is_constrained, response_format
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject
from toolbench.pipeline.asked import ModelChoice, open_model
from toolbench.pipeline.sources import document_sources, record_sources
from toolbench.store import write_whole

T = TypeVar("T")

ATTEMPTS = 4
"""Rounds of asking, until it is given up to have all rows."""

JOURNAL = "journal.db"

AnyCreator: TypeAlias = Creator[Any]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be created."""

    kind: str
    """Name of the kind: `qa`, `cot-enhance`, …"""
    count: int | None = None
    """Rows of each source; for kinds that make one row of each part, parts of a source, at most. None for the kind's
    own number."""
    chunk_size: int = 4000
    """Characters of a chunk, at most."""
    overlap: int = 200
    """Characters that neighbours share, at most."""
    temperature: float | None = 0.7
    top_p: float | None = None
    max_tokens: int | None = 4096
    attempts: int = ATTEMPTS
    """Rounds of asking."""
    seed: int = 0
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The user's own prompts, by name."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Options of the kind."""

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        for name in ("count", "attempts"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"`{name}` is {value}", hint="It must be at least 1.")


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What became of a source."""

    source: str
    """Where it was read from."""
    path: Path | None
    """The file written; None where nothing came of it."""
    wanted: int
    """Rows wanted."""
    rows: int
    """Rows written."""
    losses: dict[str, int]
    """Answers and rows that came to nothing, by why, the most frequent first."""
    unused: Path | None
    """Where they are kept; None where there are none."""


@dataclass(frozen=True, slots=True)
class CreateSummary:
    """What was created."""

    kind: str
    files: tuple[FileSummary, ...]
    constrained: bool
    """Whether answers were held to a schema."""

    @property
    def wanted(self) -> int:
        """Rows wanted."""
        return sum(file.wanted for file in self.files)

    @property
    def rows(self) -> int:
        """Rows written."""
        return sum(file.rows for file in self.files)

    @property
    def losses(self) -> dict[str, int]:
        """Answers and rows that came to nothing, by why, the most frequent first."""
        return told(Counter[str]() + sum((Counter(file.losses) for file in self.files), Counter[str]()))


def told(counts: Counter[str]) -> dict[str, int]:
    """Return counts as a mapping, the highest first."""
    return dict(counts.most_common())


def creator_type(kind: str) -> type[AnyCreator]:
    """Return the class of a kind.

    Raises:
        PluginError: there is no such kind.
    """
    return plugins.load("create", kind.replace("-", "_"))


def create(
    places: Sequence[str], wishes: Wishes, choice: ModelChoice, folder: Path, *, sink: Sink = ignore
) -> CreateSummary:
    """Create rows of a kind, and write a file for each source: NAME_SUFFIX.json.

    The model's answers are journalled in the folder: the same command again asks nothing twice. What comes to nothing
    is counted, and kept in NAME_SUFFIX_unused.jsonl.

    Args:
        places: files, folders and addresses; none for kinds that read nothing.
        wishes: what is to be created.
        choice: the model.
        folder: where files are written.
        sink: receives events.

    Raises:
        PluginError: there is no such kind.
        ConfigError: the wishes make no sense.
        InputError: a source cannot be read.
        UnreachableError: the endpoint cannot be reached, or refuses us.
        WorkError: not a single row came of it.
    """
    wishes.check()
    kind = creator_type(wishes.kind)
    creator: AnyCreator = kind(Settings(seed=wishes.seed, prompts=wishes.prompts), options_of(kind, wishes))
    fillings = [Filling(creator, source, wishes.count) for source in _sources(kind, places, wishes)]
    started = time.monotonic()
    sink(StageStarted("create", sum(filling.wanted for filling in fillings)))
    constrained = run_loop(_fill(creator, fillings, wishes, choice, folder / JOURNAL, sink))
    files = tuple(_write(creator, filling, wishes, choice, folder) for filling in fillings)
    sink(StageFinished("create", time.monotonic() - started))
    summary = CreateSummary(wishes.kind, files, constrained)
    if not summary.rows:
        losses = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in summary.losses.items())
        see = next((f"; see {file.unused}" for file in files if file.unused), "")
        raise WorkError(f"nothing came of {summary.wanted} wanted: {losses or 'there is nothing to ask about'}{see}")
    return summary


def options_of(kind: type[AnyCreator], wishes: Wishes) -> Options:
    """Return the options that a kind is told.

    Raises:
        ConfigError: it knows no such option, or a value makes no sense.
    """
    try:
        return kind.options.model_validate(dict(wishes.options))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = ", ".join(kind.options.model_fields) or "none"
        hint = f"Options of `{wishes.kind}`: {known}"
        raise ConfigError(f"option {name!r}: {first['msg']}", hint=hint) from error


def _sources(kind: type[AnyCreator], places: Sequence[str], wishes: Wishes) -> list[Source]:
    if kind.reads == "nothing":
        if places:
            raise ConfigError(f"`{wishes.kind}` is made of nothing", hint=f"Leave out {places[0]}.")
        return [Source(wishes.kind)]
    if not places:
        raise ConfigError(f"`{wishes.kind}` is made of something", hint="Name a file or a folder.")
    if kind.reads == "records":
        return record_sources([Path(place) for place in places])
    return document_sources(places, size=wishes.chunk_size, overlap=wishes.overlap)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A wish to a source, or, without one, its preface."""

    filling: Filling
    wish: Wish | None


class _Sitting:
    """Asks one model for one wish, and keeps what came to nothing."""

    def __init__(self, model: ChatModel, wishes: Wishes, sample: int, *, constrained: bool) -> None:
        self.silences: list[Silence] = []
        self._model, self._wishes, self._sample, self._constrained = model, wishes, sample, constrained

    async def ask(self, question: Question, read: Callable[[str], T]) -> T | None:
        """Return what is read of an answer, see `Asker`."""
        held = self._constrained and question.schema is not None
        request = ChatRequest(
            chat=Chat(question.messages),
            temperature=self._wishes.temperature,
            top_p=self._wishes.top_p,
            max_tokens=self._wishes.max_tokens,
            seed=self._wishes.seed + self._sample,
            response_format=response_format(question.schema) if held and question.schema is not None else None,
            sample=self._sample,
        )
        heard = await ask(self._model, request, read)
        if isinstance(heard, Silence):
            self.silences.append(heard)
            return None
        return heard


async def _fill(
    creator: AnyCreator, fillings: Sequence[Filling], wishes: Wishes, choice: ModelChoice, journal: Path, sink: Sink
) -> bool:
    """Ask until all rows are there, or the rounds are over; return whether answers were held to a schema."""
    async with open_model(choice, journal) as asked:
        constrained = await is_constrained(asked.model, asked.journal)

        async def work(turn: _Turn) -> tuple[_Turn, Sequence[JsonObject], JsonObject, Sequence[Silence]]:
            sample = turn.wish.sample if turn.wish else 0
            sitting = _Sitting(asked.model, wishes, sample, constrained=constrained)
            if turn.wish is None:
                return turn, (), await creator.preface(turn.filling.source, sitting), sitting.silences
            rows = await creator.make(turn.wish.job, turn.wish.wanted, turn.wish.known, sitting)
            return turn, rows, {}, sitting.silences

        for attempt in range(wishes.attempts):
            # All at once: what is asked must not depend on which answer comes first.
            turns = list(_turns(fillings, first=attempt == 0))
            async for turn, rows, preface, silences in run_ordered(turns, work, concurrency=choice.concurrency):
                _take(turn, rows, preface, silences)
                sink(ItemDone(turn.filling.source.name))
            for filling in fillings:
                filling.settle()
            if not any(filling.missing for filling in fillings):
                break
    return constrained


def _turns(fillings: Sequence[Filling], *, first: bool) -> Iterator[_Turn]:
    for filling in fillings:
        if first and filling.parts:
            yield _Turn(filling, None)
        for wish in filling.wishes():
            yield _Turn(filling, wish)


def _take(turn: _Turn, rows: Sequence[JsonObject], preface: JsonObject, silences: Sequence[Silence]) -> None:
    if turn.wish is not None:
        turn.filling.take(turn.wish, rows, silences)
        return
    turn.filling.preface = preface
    turn.filling.unused += [Unused("preface", 0, one.kind, one.reason, one.text) for one in silences]


def _write(creator: AnyCreator, filling: Filling, wishes: Wishes, choice: ModelChoice, folder: Path) -> FileSummary:
    name = f"{filling.source.name}_{creator.suffix}"
    path, unused = folder / f"{name}.json", folder / f"{name}_unused.jsonl"
    rows, losses = filling.rows, told(filling.losses())
    made = {
        "kind": wishes.kind,
        "model": choice.name,
        "seed": wishes.seed,
        "wanted": filling.wanted,
        "rows": len(rows),
        "unused": losses,
    }
    if rows:
        content = creator.content(rows, filling.preface) | {"created": made}
        write_whole(path, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
        for part, inside in creator.parts(rows).items():
            place = folder / name / part / f"{creator.key}.json"
            write_whole(place, orjson.dumps({creator.key: list(inside)}, option=orjson.OPT_INDENT_2) + b"\n")
    if filling.unused:
        write_whole(unused, b"".join(orjson.dumps(_line(one)) + b"\n" for one in filling.unused))
    else:
        unused.unlink(missing_ok=True)
    return FileSummary(
        source=filling.source.path or filling.source.name,
        path=path if rows else None,
        wanted=filling.wanted,
        rows=len(rows),
        losses=losses,
        unused=unused if filling.unused else None,
    )


def _line(one: Unused) -> JsonObject:
    line: JsonObject = {"job": one.job, "sample": one.sample, "why": one.why}
    more: JsonObject = {"reason": one.reason, "answer": one.answer, "row": one.row}
    return line | {name: value for name, value in more.items() if value}
