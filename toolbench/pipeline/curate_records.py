"""Choosing among created data: rated by models or by likelihood, the best of each kept, with a ledger of the rest."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import TypeAlias

import orjson

from toolbench.curation.duplicates import SameTexts
from toolbench.curation.likelihood import Likelihood, likelihoods
from toolbench.curation.lima import Candidate, Selection, coverage, select
from toolbench.curation.rating import Rater, Rating, Rubric
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, WorkError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.llm.asking import Silence
from toolbench.llm.constraint import is_constrained
from toolbench.model import JsonObject
from toolbench.model.created import CONVERSATIONS, PAIRS, Created, created
from toolbench.pipeline.asked import ModelChoice, is_embedded, open_model
from toolbench.pipeline.likelihood import open_scorer
from toolbench.pipeline.sources import read_records, record_files
from toolbench.store import write_whole

JOURNAL = "journal.db"

SELECTION = "selection.md"
"""The file that shows how a selection covers what there was; the figures are in the files' `metrics`, too."""

ATTEMPTS = 3
"""Times that a rater is asked for a rating that it leaves out."""

THRESHOLD = 7.0
"""Least rating that is kept, where nothing is said."""

QUESTION_BYTES, ANSWER_BYTES = 800, 1_500
"""Of a question the end, and of an answer the beginning: a token is a byte at least, and the embedded model's context
has room for no more."""


OURS = Rubric()


@dataclass(frozen=True, slots=True)
class Demands:
    """What is kept."""

    threshold: float = THRESHOLD
    """Least mean rating."""
    rubric: Rubric = OURS
    """What raters look at."""
    batch: int = 5
    """Items that a rater is shown at once."""
    temperature: float = 0.1
    """Sampling temperature of raters."""
    similarity: float = 0.8
    """Jaccard similarity of word 5-grams from which two questions count as the same; 1 for equal words only."""
    select: int | None = None
    """Records selected of all files together, at most, diverse and balanced; None for all that are good enough."""

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        if not 1 <= self.threshold <= self.rubric.highest:
            raise ConfigError(f"the threshold is {self.threshold:g}", hint=f"It must be 1 to {self.rubric.highest}.")
        if not 0 < self.similarity <= 1:
            raise ConfigError(f"the similarity is {self.similarity:g}", hint="It must be over 0 and at most 1.")
        if self.select is not None and self.select < 1:
            raise ConfigError(f"{self.select} records are to be selected", hint="It must be at least 1.")
        if self.batch < 1:
            raise ConfigError(f"the batch holds {self.batch} items", hint="It must be at least 1.")


@dataclass(slots=True)
class Item:
    """A record on its way."""

    place: int
    """Which record of its file, from 1."""
    record: JsonObject
    content: Created | None
    """The record as a conversation; None where it cannot be read as one."""
    reason: str = ""
    """Why it falls, in a word or two; empty where it is kept."""
    detail: str = ""
    """The same in a sentence."""
    ratings: dict[str, float] = field(default_factory=dict[str, float])
    """By rater; those that gave none are missing."""
    more: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Other figures that raters gave, by name."""
    likelihood: Likelihood | None = None

    @property
    def rating(self) -> float | None:
        """The mean rating; None where nobody gave one, which is not zero."""
        return round(fmean(self.ratings.values()), 2) if self.ratings else None

    @property
    def spread(self) -> float:
        """Between the highest and the lowest rating."""
        return max(self.ratings.values()) - min(self.ratings.values()) if self.ratings else 0.0


@dataclass(frozen=True, slots=True)
class Curated:
    """What became of a file."""

    source: str
    path: Path | None
    """The file written; None where nothing was kept."""
    ledger: Path
    """What became of each record, a line each."""
    metrics: JsonObject
    """`total`, `filtered`, `retention_rate`, `avg_score`, and ours beside."""
    reasons: dict[str, int]
    """Records that fell, by reason, the most frequent first."""


@dataclass(frozen=True, slots=True)
class CuratedSummary:
    """What was kept."""

    raters: tuple[str, ...]
    """Who rated."""
    files: tuple[Curated, ...]
    silent: dict[str, int]
    """Batches of which no rating could be read, by why."""
    selection: Selection | None = None
    """How the selection covers what there was, where one was made."""
    report: Path | None = None
    """The file that says so."""

    @property
    def kept(self) -> int:
        """Records kept."""
        return sum(file.metrics["filtered"] for file in self.files)

    @property
    def total(self) -> int:
        """Records looked at."""
        return sum(file.metrics["total"] for file in self.files)


@dataclass(slots=True)
class _File:
    path: Path
    name: str
    content: JsonObject
    """What else its file holds."""
    key: str
    """Under what its records stand."""
    items: list[Item]


def curate_records(
    paths: Sequence[Path],
    demands: Demands,
    raters: Sequence[ModelChoice],
    output: Path,
    *,
    sink: Sink = ignore,
) -> CuratedSummary:
    """Rate the records of files, and keep those whose mean rating is high enough, each question once.

    Raters answer ids with figures, and never change a record. The embedded model does not rate: it tells likelihoods,
    and its rating is the relevance of the answer to its question.

    Args:
        paths: files and folders of records.
        demands: what is kept.
        raters: who rates; at least one, no two of the same name.
        output: folder to write to; a name that ends in .json is the file for the only source.
        sink: receives events.

    Raises:
        ConfigError: the demands make no sense, or a rater is named twice or not at all.
        InputError: a file cannot be read.
        UnreachableError: a rater's endpoint cannot be reached, or refuses us.
        WorkError: not a single record was kept.
    """
    demands.check()
    names = [rater.name for rater in raters]
    if not names or len(set(names)) < len(names):
        raise ConfigError("each rater is named once, and there is one at least", hint="Name some: `--rater NAME`.")
    files = [_read(path, name) for name, path in record_files(paths)]
    named = output.suffix == ".json"
    if named and len(files) > 1:
        raise ConfigError(f"{len(files)} files cannot become one", where=str(output), hint="Name a folder.")
    items = [item for file in files for item in file.items if not item.reason]
    started = time.monotonic()
    sink(StageStarted("curate", len(items) * len(raters)))
    silent: Counter[str] = Counter()
    journal = (output.parent if named else output) / JOURNAL
    for rater in raters:
        if is_embedded(rater):
            run_loop(_weigh(rater, items, demands, journal, sink))
        else:
            run_loop(_rate(rater, items, demands, journal, silent, sink))
    for file in files:
        _choose(file.items, demands)
    selection = _select([item for file in files for item in file.items if not item.reason], demands)
    done = tuple(
        _write(file, demands, names, output if named else output / f"{file.name}_cleaned.json", selection)
        for file in files
    )
    sink(StageFinished("curate", time.monotonic() - started))
    report = _report(selection, output.parent if named else output)
    summary = CuratedSummary(tuple(names), done, dict(silent.most_common()), selection, report)
    if not summary.kept:
        reasons = sum((Counter(file.reasons) for file in done), Counter[str]())
        told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons.most_common())
        raise WorkError(f"none of {summary.total} records was kept: {told}; see {done[0].ledger}")
    return summary


def _read(path: Path, name: str) -> _File:
    key, records, held = read_records(path)
    held.pop(CONVERSATIONS, None)
    return _File(path, name.removesuffix("_qa_pairs"), held, key, [_item(at, one) for at, one in enumerate(records, 1)])


def _item(place: int, record: JsonObject) -> Item:
    try:
        content = created(record)
    except ValueError as error:
        return Item(place, record, None, "unreadable", str(error))
    return Item(place, record, content)


_Heard: TypeAlias = tuple[Sequence[Item], dict[int, Rating] | Silence]


async def _rate(
    choice: ModelChoice, items: Sequence[Item], demands: Demands, journal: Path, silent: Counter[str], sink: Sink
) -> None:
    """Have a model rate items; those it leaves out are shown to it again, fewer at a time."""
    async with open_model(choice, journal) as asked:
        constrained = await is_constrained(asked.model, asked.journal)
        rater = Rater(asked.model, demands.rubric, temperature=demands.temperature, constrained=constrained)
        left = list(items)
        for attempt in range(ATTEMPTS):

            async def work(batch: Sequence[Item], sample: int = attempt) -> _Heard:
                return batch, await rater.rate([_shown(item) for item in batch], sample)

            size = max(1, demands.batch // 2**attempt)
            async for batch, heard in run_ordered(_batches(left, size), work, concurrency=choice.concurrency):
                if isinstance(heard, Silence):
                    silent[heard.kind] += 1
                else:
                    _note(choice.name, batch, heard, sink)
            left = [item for item in left if choice.name not in item.ratings]
            if not left:
                return


def _note(rater: str, batch: Sequence[Item], ratings: Mapping[int, Rating], sink: Sink) -> None:
    for place, rating in ratings.items():
        batch[place].ratings[rater] = rating.rating
        for name, value in rating.more.items():
            batch[place].more.setdefault(name, []).append(value)
        sink(ItemDone(str(batch[place].place)))


async def _weigh(choice: ModelChoice, items: Sequence[Item], demands: Demands, journal: Path, sink: Sink) -> None:
    """Have the embedded model tell how likely answers are."""
    pairs = [
        (
            item.content.question.encode()[-QUESTION_BYTES:].decode(errors="ignore"),
            item.content.answer.encode()[:ANSWER_BYTES].decode(errors="ignore"),
        )
        for item in items
        if item.content
    ]
    told = [(item, pair) for item, pair in zip(items, pairs, strict=True) if all(pair)]
    async with open_scorer(journal) as scorer:
        found = await likelihoods(scorer, [pair for _, pair in told])
    for (item, _), likelihood in zip(told, found, strict=True):
        item.likelihood = likelihood
        item.ratings[choice.name] = round(likelihood.rating(demands.rubric.highest), 2)
        sink(ItemDone(str(item.place)))


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _shown(item: Item) -> JsonObject:
    if item.content is None or not item.content.messages:
        return {"text": item.content.text if item.content else ""}
    if len(item.content.messages) == 2 and not item.content.messages[1].calls:
        reasoning = item.content.messages[1].reasoning
        shown = {"question": item.content.question, "reasoning": reasoning, "answer": item.content.answer}
        return {name: text for name, text in shown.items() if text}
    messages = [message.model_dump(include=_SHOWN, exclude_defaults=True) for message in item.content.messages]
    return {"conversation": messages}


_SHOWN = {"role", "content", "reasoning", "calls", "name"}


def _choose(items: Sequence[Item], demands: Demands) -> None:
    """Say of each item why it falls; of those that say the same, the best rated stays."""
    for item in items:
        if item.reason:
            continue
        if item.rating is None:
            item.reason, item.detail = "unscored", "no rater gave it a rating"
        elif item.rating < demands.threshold:
            item.reason, item.detail = "below_threshold", f"its rating is {item.rating:g}"
    same = SameTexts(demands.similarity)
    standing = [item for item in items if not item.reason]
    for item in sorted(standing, key=lambda item: (-(item.rating or 0), item.place)):
        asked = item.content.question or item.content.text if item.content else ""
        if again := same.add(str(item.place), asked):
            item.reason, item.detail = again.kind, f"{again.similarity:.0%} like record {again.of}"


def _select(standing: Sequence[Item], demands: Demands) -> Selection | None:
    """Say of each item that is not selected why it falls."""
    if demands.select is None:
        return None
    highest = demands.rubric.highest
    candidates = [
        Candidate(str(at), item.content, ((item.rating or 1) - 1) / (highest - 1))
        for at, item in enumerate(standing)
        if item.content
    ]
    selection = select(candidates, demands.select)
    chosen = set(selection.names)
    for at, item in enumerate(standing):
        if str(at) not in chosen:
            item.reason, item.detail = "not_selected", "others of its domain and format are better, or less alike"
    return selection


def _report(selection: Selection | None, folder: Path) -> Path | None:
    if selection is None:
        return None
    write_whole(folder / SELECTION, coverage(selection).encode())
    return folder / SELECTION


def _write(file: _File, demands: Demands, raters: Sequence[str], path: Path, selection: Selection | None) -> Curated:
    kept = [item for item in file.items if not item.reason]
    reasons = Counter(item.reason for item in file.items if item.reason)
    metrics = _metrics(file.items, kept, reasons, demands, raters)
    if selection is not None:
        metrics["selection"] = {"before": selection.before, "after": selection.after}
    ledger = path.with_name(f"{path.stem}_ledger.jsonl")
    write_whole(ledger, b"".join(orjson.dumps(_line(item)) + b"\n" for item in file.items))
    if kept:
        content = {**file.content, file.key: [_rated(item) for item in kept]}
        if file.key in PAIRS:
            content[CONVERSATIONS] = [_conversation(item) for item in kept]
        write_whole(path, orjson.dumps({**content, "metrics": metrics}, option=orjson.OPT_INDENT_2) + b"\n")
    return Curated(str(file.path), path if kept else None, ledger, metrics, dict(reasons.most_common()))


def _metrics(
    items: Sequence[Item], kept: Sequence[Item], reasons: Counter[str], demands: Demands, raters: Sequence[str]
) -> JsonObject:
    scored = [item.rating for item in items if item.rating is not None]
    several = [item.spread for item in items if len(item.ratings) > 1]
    return {
        "total": len(items),
        "filtered": len(kept),
        "retention_rate": round(len(kept) / len(items), 4),
        "avg_score": round(fmean(scored), 2) if scored else None,
        "unscored": reasons["unscored"],
        "reasons": dict(reasons.most_common()),
        "threshold": demands.threshold,
        "raters": list(raters),
    } | ({"mean_spread": round(fmean(several), 2)} if several else {})


def _figures(item: Item) -> JsonObject:
    figures: JsonObject = {"rating": item.rating}
    if len(item.ratings) > 1:
        figures |= {"ratings": item.ratings, "spread": round(item.spread, 2)}
    if item.likelihood is not None:
        scores = {name: getattr(item.likelihood, name) for name in ("relevance", "pmi", "ifd", "logprob")}
        figures["likelihood"] = {name: round(value, 4) for name, value in scores.items()}
    return figures


def _rated(item: Item) -> JsonObject:
    """Return the record as it was, and what raters think of it beside."""
    more = {name: round(fmean(values), 2) for name, values in item.more.items()}
    return more | item.record | _figures(item)


def _conversation(item: Item) -> list[JsonObject]:
    messages = item.content.messages if item.content else ()
    return [{"role": one.role, "content": "\n\n".join(filter(None, (one.reasoning, one.content)))} for one in messages]


def _line(item: Item) -> JsonObject:
    line: JsonObject = {"record": item.place, "kept": not item.reason, "reason": item.reason, "detail": item.detail}
    return line | {"ratings": item.ratings} | _figures(item)
