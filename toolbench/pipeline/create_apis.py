"""Creating doc-in-context data: doc sets read, instructions written, rows made in their conditions, files written."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson

from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, WorkError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.gorilla import formats, mix
from toolbench.gorilla.conditions import Settings, Stage, Unfit
from toolbench.gorilla.docset import ApiDoc, DocSet, Problem
from toolbench.gorilla.instructions import Unwritten, Wish, grammar_wish
from toolbench.gorilla.neighbours import Neighbourhood
from toolbench.gorilla.raft import RaftRow, api_row, check_share, exported, oracle_shown
from toolbench.gorilla.retrieval.training import Query, files
from toolbench.gorilla.rows import Condition, DocRow, Missing
from toolbench.gorilla.writer import SelfInstruct
from toolbench.model import Json, JsonObject, is_object
from toolbench.model.base import Record
from toolbench.pipeline.asked import ModelChoice, open_model
from toolbench.pipeline.doc_sets import DOCS, JOURNAL, ROWS, read_doc_set
from toolbench.pipeline.retrievers import open_retriever
from toolbench.registry import Catalogue
from toolbench.specs import open_catalogue
from toolbench.store import write_whole
from toolbench.world.rng import rng

RAFT, PROBLEMS, SUMMARY = "raft.jsonl", "problems.jsonl", "summary.json"
"""Files of a doc-in-context data set, beside those of training formats."""

CHARACTERS_PER_TOKEN = 3
"""As few as JSON has, so that a prompt surely fits."""

GRAMMAR_TRIES, MODEL_TRIES = 40, 6
"""APIs that are tried for a row, until it is given up."""

STRIDE = 37
"""How far from one another those APIs are in the list."""


@dataclass(frozen=True, slots=True)
class ApiWishes:
    """What is to be created."""

    apis: tuple[str, ...] = ()
    """APIs of the catalogue."""
    sources: tuple[Path, ...] = ()
    """Files of documents: rows of APIBench, manuals in Markdown or HTML, OpenAPI descriptions."""
    count: int = 100
    """Rows."""
    mix: Mapping[Condition, float] = field(default_factory=lambda: dict(mix.DEFAULT))
    """Shares of the conditions."""
    k: int = 4
    """Documents shown where several are."""
    missing: Missing = "not_covered"
    """What is right where documents are shown and none covers what is asked."""
    style: str = "python"
    """How calls are written: `python` or `json`."""
    context: int = 8192
    """Tokens that a prompt may have."""
    raft: int = 0
    """RAFT rows."""
    raft_share: float = 0.8
    """Share of them that shows the right document."""
    retriever: str = "bm25"
    """What finds the documents that are shown as retrieved, and near ones: `bm25`, `dense` or `fused`."""
    seed: int = 0

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        if not self.apis and not self.sources:
            raise ConfigError("there is nothing to make rows of", hint="Name APIs (`--apis`), or files of documents.")
        for name in ("count", "k", "context"):
            if getattr(self, name) < 1:
                raise ConfigError(f"`{name}` is {getattr(self, name)}", hint="It must be at least 1.")
        if self.missing not in ("not_covered", "answer"):
            raise ConfigError(f"`missing` is {self.missing!r}", hint="It is `not_covered` or `answer`.")
        if self.style not in ("python", "json"):
            raise ConfigError(f"`style` is {self.style!r}", hint="It is `python` or `json`.")
        check_share(self.raft_share, self.k)
        mix.counts(self.mix, self.count)

    @property
    def longest(self) -> int:
        """Characters that a document may have for a prompt to fit the context."""
        return self.context * CHARACTERS_PER_TOKEN // (self.k + 1)


OPTIONS = ("mix", "k", "missing", "style", "context", "raft", "raft_share", "retriever")
"""What can be told beside the number of rows and the seed."""


def api_wishes(
    apis: Sequence[str], sources: Sequence[str], count: int | None, seed: int, options: Mapping[str, Json]
) -> ApiWishes:
    """Return wishes as they are written on a command line or in a configuration.

    Raises:
        ConfigError: there is no such option, or a value makes no sense.
    """
    if strange := [name for name in options if name not in OPTIONS]:
        raise ConfigError(f"`api` has no option {strange[0]!r}", hint=f"Options: {', '.join(OPTIONS)}.")
    told: JsonObject = dict(options)
    if isinstance(told.get("mix"), str):
        told["mix"] = mix.parsed(told["mix"])
    elif is_object(told.get("mix")):
        told["mix"] = mix.parsed(",".join(f"{name}={share}" for name, share in told["mix"].items()))
    for name in ("k", "context", "raft"):
        if not isinstance(told.get(name, 0), int) or told.get(name, 0) < 0:
            raise ConfigError(f"`{name}` is {told[name]!r}", hint="Give a whole number.")
    if not isinstance(told.get("raft_share", 0.0), int | float):
        raise ConfigError(f"`raft_share` is {told['raft_share']!r}", hint="Give a number between 0 and 1.")
    named = {"count": count} if count else {}
    return ApiWishes(tuple(apis), tuple(map(Path, sources)), seed=seed, **named, **told)


@dataclass(slots=True)
class ApiSummary:
    """What was created."""

    folder: Path
    documents: int
    problems: Counter[str]
    """What was done with documents that could not be taken as they are."""
    wanted: int
    rows: int = 0
    conditions: Counter[str] = field(default_factory=Counter[str])
    """Rows by condition."""
    short: dict[str, int] = field(default_factory=dict[str, int])
    """Rows that are missing, by condition."""
    tried: int = 0
    """Instructions tried."""
    dropped: Counter[str] = field(default_factory=Counter[str])
    """Those that came to nothing, by why."""
    apis: int = 0
    """APIs of which there are rows."""
    raft: int = 0
    raft_wanted: int = 0
    queries: int = 0

    @property
    def kept(self) -> float:
        """Share of the instructions tried that became rows."""
        return self.rows / self.tried if self.tried else 0.0

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "folder": str(self.folder),
            "documents": self.documents,
            "problems": dict(self.problems.most_common()),
            "wanted": self.wanted,
            "rows": self.rows,
            "conditions": dict(self.conditions.most_common()),
            "missing": self.short,
            "tried": self.tried,
            "kept": self.kept,
            "dropped": dict(self.dropped.most_common()),
            "apis": self.apis,
            "raft": {"wanted": self.raft_wanted, "rows": self.raft},
            "queries": self.queries,
        }


class _Writer(Protocol):
    async def wish(self, doc: ApiDoc, ordinal: int) -> Wish | Unwritten: ...


class _Grammar:
    """Writes without a model."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    async def wish(self, doc: ApiDoc, ordinal: int) -> Wish | Unwritten:
        return grammar_wish(doc, self._seed, ordinal)


@dataclass(slots=True)
class _Slot:
    """A row to be made."""

    place: int
    condition: Condition
    at: int = 0
    """APIs tried for it so far."""
    dropped: list[str] = field(default_factory=list[str])
    """Why instructions came to nothing."""
    row: DocRow | None = None


def create_apis(
    wishes: ApiWishes,
    folder: Path,
    *,
    choice: ModelChoice | None = None,
    catalogue: Catalogue | None = None,
    sink: Sink = ignore,
) -> ApiSummary:
    """Create rows, and write them with their documents, training formats and data for retrievers.

    Args:
        wishes: what is to be created.
        folder: where files are written.
        choice: the model that writes instructions; None has the grammar write them.
        catalogue: where APIs are looked up; the working folder's where not given.
        sink: receives events.

    Raises:
        ConfigError: the wishes make no sense.
        InputError: a source cannot be read, or there is no such API.
        UnreachableError: the endpoint cannot be reached, or refuses us.
        WorkError: not a single row came of it.
    """
    wishes.check()
    started = time.monotonic()
    docs = read_doc_set(wishes.apis, wishes.sources, catalogue or open_catalogue(), longest=wishes.longest)
    sink(StageStarted("create", wishes.count))
    summary = ApiSummary(folder, len(docs.docs), docs.kinds_of_problems(), wishes.count)
    retriever = open_retriever(wishes.retriever, docs.docs)
    near = Neighbourhood(docs.docs, retriever)
    settings = Settings(wishes.seed, wishes.k, wishes.missing, wishes.style)
    stage = Stage(docs.docs, retriever, near, settings)
    rows = run_loop(_make(wishes, docs.docs, stage, choice, folder, summary, sink))
    raft = _raft(rows, docs, near, wishes, summary)
    if not rows:
        raise WorkError(_nothing(summary))
    _count(rows, wishes, summary)
    _write(folder, docs, rows, raft, near, summary)
    sink(StageFinished("create", time.monotonic() - started))
    return summary


async def _make(
    wishes: ApiWishes,
    docs: Sequence[ApiDoc],
    stage: Stage,
    choice: ModelChoice | None,
    folder: Path,
    summary: ApiSummary,
    sink: Sink,
) -> list[DocRow]:
    """Return the rows, in order, no two of the same instruction and condition."""
    order = [doc for doc in docs if not doc.deprecated]
    rng(wishes.seed, "gorilla", "order").shuffle(order)
    slots = [_Slot(place, one) for place, one in enumerate(mix.schedule(wishes.mix, wishes.count, wishes.seed))]
    rows: list[DocRow] = []
    seen: set[str] = set()
    async with AsyncExitStack() as stack:
        writer: _Writer = _Grammar(wishes.seed)
        if choice is not None:
            asked = await stack.enter_async_context(open_model(choice, folder / JOURNAL))
            writer = SelfInstruct(asked.model, wishes.seed)
        tries = MODEL_TRIES if choice else GRAMMAR_TRIES

        async def work(slot: _Slot) -> _Slot:
            await _fill(slot, order, stage, writer, tries)
            return slot

        async for slot in run_ordered(slots, work, concurrency=choice.concurrency if choice else 1):
            while slot.row is not None and slot.row.instruction in seen:
                slot.dropped.append("the same is asked for already")
                slot.row = None
                await _fill(slot, order, stage, writer, tries)
            summary.tried += len(slot.dropped) + (slot.row is not None)
            summary.dropped.update(slot.dropped)
            if slot.row is not None:
                seen.add(slot.row.instruction)
                rows.append(slot.row)
            sink(ItemDone(slot.condition))
    return rows


async def _fill(slot: _Slot, order: Sequence[ApiDoc], stage: Stage, writer: _Writer, tries: int) -> None:
    """Try APIs in turn until one gives the row."""
    while order and slot.at < tries:
        doc = order[(slot.place + slot.at * STRIDE) % len(order)]
        ordinal = slot.place * GRAMMAR_TRIES + slot.at
        slot.at += 1
        if not stage.suits(doc, slot.condition):
            continue
        wish = await writer.wish(doc, ordinal)
        if isinstance(wish, Unwritten):
            slot.dropped.append(wish.reason)
            continue
        made = stage.row(doc, wish, slot.condition, slot.place)
        if isinstance(made, Unfit):
            slot.dropped.append(made.reason)
            continue
        slot.row = made
        return


def _raft(
    rows: Sequence[DocRow], docs: DocSet, near: Neighbourhood, wishes: ApiWishes, summary: ApiSummary
) -> list[RaftRow]:
    """Return RAFT rows of the first instructions that ask for nothing but what the document as it is covers."""
    summary.raft_wanted = wishes.raft
    by_id = docs.by_id()
    usable = [row for row in rows if row.change is None or row.change.kind not in ("added", "default")]
    shown = oracle_shown(wishes.raft_share, wishes.raft, wishes.seed)
    made: list[RaftRow] = []
    for row in usable:
        if len(made) == wishes.raft:
            break
        doc, r = by_id[row.api], rng(wishes.seed, "gorilla", "raft", row.id)
        distractors = near.distractors(doc, row.instruction, wishes.k + 1)
        if distractors:
            one = api_row(row, doc, distractors, wishes.k, shows_oracle=shown[len(made)], missing=wishes.missing, r=r)
            made += [one] if one else []
    summary.raft = len(made)
    return made


def _count(rows: Sequence[DocRow], wishes: ApiWishes, summary: ApiSummary) -> None:
    summary.rows = len(rows)
    summary.conditions = Counter(row.condition for row in rows)
    asked = mix.counts(wishes.mix, wishes.count)
    summary.short = {
        name: count - summary.conditions[name] for name, count in asked.items() if count > summary.conditions[name]
    }
    summary.apis = len({row.api for row in rows})


def _nothing(summary: ApiSummary) -> str:
    why = [*summary.dropped.most_common(3), *summary.problems.most_common(3)]
    told = ", ".join(f"{count} times {reason}" for reason, count in why)
    return f"nothing came of {summary.wanted} rows wanted of {summary.documents} documents: {told or 'there are none'}"


def _write(
    folder: Path,
    docs: DocSet,
    rows: Sequence[DocRow],
    raft: Sequence[RaftRow],
    near: Neighbourhood,
    summary: ApiSummary,
) -> None:
    by_id = docs.by_id()
    queries = [_query(row, by_id[row.api], near) for row in rows if row.change is None]
    summary.queries = len(queries)
    write_whole(folder / ROWS, _records(rows))
    write_whole(folder / DOCS, _records(docs.docs))
    write_whole(folder / "gorilla.jsonl", _objects(formats.gorilla(row, by_id[row.api]) for row in rows))
    write_whole(folder / "openai.jsonl", _objects(map(formats.openai, rows)))
    write_whole(folder / RAFT, _objects(map(exported, raft)))
    write_whole(folder / PROBLEMS, _objects(map(_problem, docs.problems)))
    for name, content in files(docs.docs, queries):
        write_whole(folder / "retrieval" / name, content)
    write_whole(folder / SUMMARY, orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2) + b"\n")


def _query(row: DocRow, doc: ApiDoc, near: Neighbourhood) -> Query:
    negatives = tuple(one.id for one in near.distractors(doc, row.instruction, 4))
    return Query(row.id, row.instruction, row.api, row.split, negatives)


def _problem(problem: Problem) -> JsonObject:
    return {"where": problem.where, "what": problem.what, "done": problem.done}


def _records(records: Iterable[Record]) -> bytes:
    return b"".join(record.model_dump_json().encode() + b"\n" for record in records)


def _objects(rows: Iterable[JsonObject]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)
