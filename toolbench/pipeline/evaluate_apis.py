"""Evaluating on doc-in-context data: a model asked every row as it would be trained, or stored answers to them."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import ValidationError

from toolbench.answers.base import read_rows as read_objects
from toolbench.curation.judgements import wilson
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import AnswerFileError, InputError, WorkError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.evaluation import Examiner, RowVerdict
from toolbench.gorilla.formats import prompt
from toolbench.gorilla.rows import CONDITIONS, DocRow
from toolbench.llm.asking import Silence, ask
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject
from toolbench.model.base import Record
from toolbench.pipeline.asked import ModelChoice, open_model
from toolbench.pipeline.doc_sets import DOCS, JOURNAL, ROWS
from toolbench.store import write_whole

MEASURES = ("exact", "domain", "hallucinated", "copied", "adapted", "outdated", "abstained")
"""What is counted, in the order of the table."""

MEANINGS = {
    "exact": "the right call with the right values, or rightly none",
    "domain": "an API of the right domain, as APIBench counts",
    "hallucinated": "an API or an argument that does not exist",
    "copied": "the API of a wrong document that was shown",
    "adapted": "goes by the changed document",
    "outdated": "right by the document as it was before the change, and wrong now",
    "abstained": "says that there is no call",
}
_FIELDS = {"exact": "right", "domain": "domain_right"}

MAX_TOKENS = 512

T = TypeVar("T", bound=Record)


@dataclass(slots=True)
class Rates:
    """How answers fare in one condition: of how many each measure holds, and of how many it can be said."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    kinds: Counter[str] = field(default_factory=Counter[str])
    answers: int = 0

    def add(self, verdict: RowVerdict) -> None:
        """Count a verdict."""
        self.answers += 1
        self.kinds[verdict.kind] += 1
        for name in MEASURES:
            value: bool | None = getattr(verdict, _FIELDS.get(name, name))
            if value is not None:
                some, total = self.counts.get(name, (0, 0))
                self.counts[name] = (some + value, total + 1)

    def as_json(self) -> JsonObject:
        """Return the counts, and the shares with their 95% Wilson intervals."""
        return {
            "answers": self.answers,
            "kinds": dict(self.kinds.most_common()),
            **{name: _share(*counts) for name, counts in self.counts.items()},
        }


def _share(some: int, total: int) -> JsonObject:
    return {"count": some, "of": total, "rate": some / total if total else None, "interval": list(wilson(some, total))}


@dataclass(slots=True)
class ApiEvaluation:
    """How a model, or stored answers, fare under each condition."""

    name: str
    """The model's name, or the file of answers."""
    rows: int
    """Rows asked about."""
    unanswered: int = 0
    """Rows without an answer; they count as wrong."""
    overall: Rates = field(default_factory=Rates)
    conditions: dict[str, Rates] = field(default_factory=dict[str, Rates])

    def add(self, verdict: RowVerdict) -> None:
        """Count a verdict."""
        self.overall.add(verdict)
        self.conditions.setdefault(verdict.condition, Rates()).add(verdict)

    def in_order(self) -> list[tuple[str, Rates]]:
        """Return the conditions that there are rows of."""
        return [(name, self.conditions[name]) for name in CONDITIONS if name in self.conditions]

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "name": self.name,
            "rows": self.rows,
            "unanswered": self.unanswered,
            "overall": self.overall.as_json(),
            "conditions": {name: rates.as_json() for name, rates in self.in_order()},
        }


@dataclass(frozen=True, slots=True)
class DataSet:
    """A doc-in-context data set, as `toolbench create --type api` writes it."""

    folder: Path
    rows: tuple[DocRow, ...]
    docs: tuple[ApiDoc, ...]


def read_data_set(folder: Path, *, split: str = "") -> DataSet:
    """Return a data set.

    Args:
        folder: where it is.
        split: `train` or `test`, to take those rows only; empty for all.

    Raises:
        InputError: it is none, a line of it is broken, or no row is of that split.
    """
    rows = tuple(row for row in _read(folder / ROWS, DocRow) if not split or row.split == split)
    docs = tuple(_read(folder / DOCS, ApiDoc))
    known = {doc.id for doc in docs}
    if strange := next(
        (one for row in rows for one in (row.api, *(s.id for s in row.documents)) if one not in known), ""
    ):
        raise InputError(
            f"there is no document {strange!r}", where=str(folder / DOCS), hint="Create the data set again."
        )
    if not rows:
        raise InputError("there are no rows to ask about", where=str(folder / ROWS), hint="Take another split.")
    return DataSet(folder, rows, docs)


def _read(path: Path, kind: type[T]) -> list[T]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        hint = "Make it with `toolbench create --type api`."
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error
    found: list[T] = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            raise InputError(
                f"no {kind.__name__}: {error.errors()[0]['msg']}", where=f"{path}, line {number}"
            ) from error
    return found


def evaluate_answers(data: DataSet, paths: Sequence[Path], *, output: Path | None = None) -> ApiEvaluation:
    """Judge stored answers: JSON lines with `id` (or `question_id`) of the row and `text`.

    Raises:
        AnswerFileError: a file cannot be used, or answers a row that is not there.
        WorkError: there are no answers.
    """
    answers: dict[str, str] = {}
    known = {row.id for row in data.rows}
    for path in paths:
        for line, one in read_objects(path):
            identity, text = one.get("id", one.get("question_id")), one.get("text")
            where = f"{path}, line {line}"
            if not isinstance(identity, str) or not isinstance(text, str):
                raise AnswerFileError("the row has no `id` and `text`", where=where)
            if identity not in known:
                raise AnswerFileError(f"no row has the id {identity}", where=where, hint="Give the right data set.")
            answers.setdefault(identity, text)
    if not answers:
        raise WorkError("there are no answers")
    return _judged(", ".join(path.name for path in paths), data, answers, output)


async def answered(
    model: ChatModel, rows: Iterable[DocRow], *, concurrency: int, sink: Sink = ignore
) -> dict[str, str]:
    """Return what a model answers to rows, by their ids; what it gives no answer to is left out.

    Raises:
        UnreachableError: the endpoint cannot be reached, or refuses us.
    """

    async def work(row: DocRow) -> tuple[str, str | Silence]:
        request = ChatRequest(chat=Chat(prompt(row)), temperature=0.0, max_tokens=MAX_TOKENS)
        return row.id, await ask(model, request, str)

    answers: dict[str, str] = {}
    async for identity, heard in run_ordered(rows, work, concurrency=concurrency):
        sink(ItemDone(identity))
        if not isinstance(heard, Silence):
            answers[identity] = heard
    return answers


def evaluate_model(
    data: DataSet, choice: ModelChoice, *, output: Path | None = None, sink: Sink = ignore
) -> ApiEvaluation:
    """Have a model answer every row, in the very form in which it would be trained, and judge its answers.

    Its answers are journalled beside the data set: the same command again asks nothing twice.

    Raises:
        UnreachableError: the endpoint cannot be reached, or refuses us.
        WorkError: it gives no answer at all.
    """

    async def run() -> dict[str, str]:
        async with open_model(choice, data.folder / JOURNAL) as asked:
            return await answered(asked.model, data.rows, concurrency=choice.concurrency, sink=sink)

    started = time.monotonic()
    sink(StageStarted("evaluate", len(data.rows)))
    answers = run_loop(run())
    sink(StageFinished("evaluate", time.monotonic() - started))
    if not answers:
        raise WorkError(f"{choice.name} gave no answer to any of {len(data.rows)} rows")
    return _judged(choice.name, data, answers, output)


def judged(name: str, data: DataSet, answers: dict[str, str]) -> tuple[ApiEvaluation, list[RowVerdict]]:
    """Return how answers fare, and the verdict on each row."""
    examiner, found = Examiner(data.docs), ApiEvaluation(name, len(data.rows))
    verdicts = [examiner.judge(row, answers.get(row.id, "")) for row in data.rows]
    for verdict in verdicts:
        found.add(verdict)
    found.unanswered = sum(row.id not in answers for row in data.rows)
    return found, verdicts


def _judged(name: str, data: DataSet, answers: dict[str, str], output: Path | None) -> ApiEvaluation:
    found, verdicts = judged(name, data, answers)
    if output is not None:
        lines = [{**asdict(verdict), "text": answers.get(verdict.row, "")} for verdict in verdicts]
        write_whole(output, b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return found
