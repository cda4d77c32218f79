"""Creating RAFT rows of documents: pieces, questions that they answer, distractors, answers with quotes."""

import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import orjson

from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, WorkError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.gorilla.raft import RaftRow, check_share, exported, is_sound, oracle_shown
from toolbench.gorilla.raft_documents import (
    Asked,
    Questioner,
    Unasked,
    defining_questions,
    distractors,
    document_row,
    shuffled,
)
from toolbench.gorilla.retrieval import Bm25
from toolbench.model import Chunk, Json, JsonObject
from toolbench.pipeline.asked import ModelChoice, open_model
from toolbench.pipeline.doc_sets import JOURNAL
from toolbench.pipeline.sources import document_sources
from toolbench.store import write_whole
from toolbench.world.rng import rng

RAFT = "raft.jsonl"
CHATS = "openai.jsonl"

ROUNDS = 3
"""Questions asked of a piece by a model, at most; patterns give what there is."""


@dataclass(frozen=True, slots=True)
class RaftWishes:
    """What is to be created."""

    sources: tuple[str, ...]
    """Files, folders and URLs of documents."""
    count: int = 100
    """Rows."""
    k: int = 3
    """Distractors beside the right piece; one more where it is left out."""
    share: float = 0.8
    """Share of rows that show the right piece."""
    chunk_size: int = 1000
    """Characters of a piece."""
    overlap: int = 0
    """Characters that neighbours share."""
    seed: int = 0

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        if not self.sources:
            raise ConfigError("there is nothing to make rows of", hint="Name files or folders of documents.")
        if self.count < 1:
            raise ConfigError(f"`count` is {self.count}", hint="It must be at least 1.")
        check_share(self.share, self.k)


OPTIONS = ("k", "share", "chunk_size", "overlap")
"""What can be told beside the number of rows and the seed."""


def raft_wishes(sources: Sequence[str], count: int | None, seed: int, options: Mapping[str, Json]) -> RaftWishes:
    """Return wishes as they are written on a command line or in a configuration.

    Raises:
        ConfigError: there is no such option, or a value is no number.
    """
    if strange := [name for name in options if name not in OPTIONS]:
        raise ConfigError(f"`raft` has no option {strange[0]!r}", hint=f"Options: {', '.join(OPTIONS)}.")
    for name, value in options.items():
        kinds = (int, float) if name == "share" else (int,)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ConfigError(f"`{name}` is {value!r}", hint="Give a number.")
    named = {"count": count} if count else {}
    return RaftWishes(tuple(sources), seed=seed, **named, **options)


@dataclass(slots=True)
class RaftSummary:
    """What was created."""

    folder: Path
    pieces: int
    wanted: int
    rows: int = 0
    with_oracle: int = 0
    """Rows that show the right piece."""
    asked: int = 0
    """Questions tried."""
    dropped: Counter[str] = field(default_factory=Counter[str])
    """Those that came to nothing, by why."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "folder": str(self.folder),
            "pieces": self.pieces,
            "wanted": self.wanted,
            "rows": self.rows,
            "with_oracle": self.with_oracle,
            "asked": self.asked,
            "dropped": dict(self.dropped.most_common()),
        }


def create_raft(
    wishes: RaftWishes, folder: Path, *, choice: ModelChoice | None = None, sink: Sink = ignore
) -> RaftSummary:
    """Create RAFT rows of documents, and write them: `raft.jsonl`, and as chats `openai.jsonl`.

    Args:
        wishes: what is to be created.
        folder: where files are written.
        choice: the model that asks; None takes sentences that say what something is.
        sink: receives events.

    Raises:
        ConfigError: the wishes make no sense.
        InputError: a source cannot be read.
        UnreachableError: the endpoint cannot be reached, or refuses us.
        WorkError: not a single row came of it.
    """
    wishes.check()
    started = time.monotonic()
    sources = document_sources(wishes.sources, size=wishes.chunk_size, overlap=wishes.overlap)
    pieces = shuffled([chunk for source in sources for chunk in source.chunks], wishes.seed)
    summary = RaftSummary(folder, len(pieces), wishes.count)
    sink(StageStarted("create", wishes.count))
    rows = run_loop(_make(wishes, pieces, choice, folder, summary, sink))
    if not rows:
        why = ", ".join(f"{count} times {reason}" for reason, count in summary.dropped.most_common(3))
        raise WorkError(f"nothing came of {len(pieces)} pieces: {why or 'none says what something is'}")
    summary.rows, summary.with_oracle = len(rows), sum(row.shows_oracle for row in rows)
    write_whole(folder / RAFT, b"".join(orjson.dumps(exported(row)) + b"\n" for row in rows))
    write_whole(folder / CHATS, b"".join(orjson.dumps(_chat(row)) + b"\n" for row in rows))
    sink(StageFinished("create", time.monotonic() - started))
    return summary


async def _make(
    wishes: RaftWishes,
    pieces: Sequence[Chunk],
    choice: ModelChoice | None,
    folder: Path,
    summary: RaftSummary,
    sink: Sink,
) -> list[RaftRow]:
    retriever = Bm25([piece.text for piece in pieces])
    shown = oracle_shown(wishes.share, wishes.count, wishes.seed)
    rows: list[RaftRow] = []
    seen: set[str] = set()
    async with aclosing(_asked(wishes, pieces, choice, folder)) as questions:
        async for piece, asked in questions:
            if len(rows) == wishes.count:
                break
            summary.asked += 1
            row = (
                asked
                if isinstance(asked, Unasked)
                else _row(piece, asked, pieces, retriever, wishes, shows_oracle=shown[len(rows)])
            )
            if isinstance(row, Unasked):
                summary.dropped[row.reason] += 1
            elif row.question in seen:
                summary.dropped["the same is asked already"] += 1
            else:
                seen.add(row.question)
                rows.append(row)
                sink(ItemDone(row.id))
    return rows


async def _asked(
    wishes: RaftWishes, pieces: Sequence[Chunk], choice: ModelChoice | None, folder: Path
) -> AsyncGenerator[tuple[Chunk, Asked | Unasked], None]:
    """Yield questions: one of each piece, then another of each, until there are no more."""
    if choice is None:
        found = [(piece, list(defining_questions(piece.text))) for piece in pieces]
        for ordinal in range(max((len(asked) for _, asked in found), default=0)):
            for piece, asked in found:
                if ordinal < len(asked):
                    yield piece, asked[ordinal]
        return
    async with open_model(choice, folder / JOURNAL) as opened:
        questioner = Questioner(opened.model, wishes.seed)

        async def work(item: tuple[Chunk, int]) -> tuple[Chunk, Asked | Unasked]:
            return item[0], await questioner.ask(*item)

        items = islice(((piece, ordinal) for ordinal in range(ROUNDS) for piece in pieces), 2 * wishes.count)
        async with aclosing(run_ordered(items, work, concurrency=choice.concurrency)) as found:
            async for one in found:
                yield one


def _row(
    piece: Chunk, asked: Asked, pieces: Sequence[Chunk], retriever: Bm25, wishes: RaftWishes, *, shows_oracle: bool
) -> RaftRow | Unasked:
    others = distractors(piece, asked, pieces, retriever, wishes.k + 1)
    if not others:
        return Unasked("there are no other pieces")
    r = rng(wishes.seed, "gorilla", "raft", asked.question)
    row = document_row(piece, asked, others, wishes.k, shows_oracle=shows_oracle, r=r)
    return row if is_sound(row, None) else Unasked("its answer is not sound")


def _chat(row: RaftRow) -> JsonObject:
    return {
        "messages": [
            {"role": "user", "content": exported(row)["instruction"]},
            {"role": "assistant", "content": row.cot_answer, "weight": 1},
        ]
    }
