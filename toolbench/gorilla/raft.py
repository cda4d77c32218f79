"""RAFT: a question beside k distractors, with the right document only now and then, and answers that quote it.

Zhang et al. 2024 answer with the right document's words even where it is not shown, which teaches a model to make
quotes up. Here an answer quotes nothing but what is shown, and where the right document is left out it does without it.
"""

import random
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from toolbench.errors import ConfigError
from toolbench.gorilla.answers import brief
from toolbench.gorilla.checks import BEGIN, END, quotes, rests_on
from toolbench.gorilla.docset import ApiDoc, sentences
from toolbench.gorilla.rows import DocRow, Missing
from toolbench.gorilla.templates import NOTHING
from toolbench.model import Json, JsonObject, is_object
from toolbench.model.base import Part, Record
from toolbench.world.rng import rng

ANSWER = "<ANSWER>: "
SHORTEST_QUOTE, LONGEST_QUOTE = 12, 240
"""Characters of a quote."""

NOT_COVERED = "The documents do not say."
"""The answer where none of the documents shown holds one."""


class Passage(Part):
    """A document as RAFT shows it."""

    title: str
    """What it is of."""
    text: str
    """All that is shown of it."""


class RaftRow(Record):
    """A row of RAFT."""

    id: str
    """Made from the rest."""
    type: Literal["api", "document"]
    """What the question is about: an API's document, or a piece of an ingested one."""
    question: str
    """What is asked."""
    passages: tuple[Passage, ...]
    """The documents shown, in order."""
    oracle: str
    """The right document's text, shown or not."""
    shows_oracle: bool
    """Whether it is among those shown."""
    answer: str
    """The short answer."""
    cot_answer: str
    """The answer with reasons and quotes, the short one at its end."""
    origin: JsonObject = Field(default_factory=dict[str, Json])
    """Ids of what it was made of."""


def check_share(p: float, k: int) -> None:
    """Raise ConfigError unless RAFT rows can be made with a share p of right documents and k distractors."""
    if not 0 <= p <= 1:
        raise ConfigError(f"the share of right documents is {p:g}", hint="It lies between 0 and 1.")
    if k < 1:
        raise ConfigError(f"{k} distractors", hint="Give at least 1.")


def oracle_shown(p: float, count: int, seed: int) -> list[bool]:
    """Return for each row whether it shows the right document: a share p of them, rounded, in an order by the seed."""
    shown = [place < round(p * count) for place in range(count)]
    rng(seed, "gorilla", "raft").shuffle(shown)
    return shown


def api_row(
    row: DocRow,
    doc: ApiDoc,
    distractors: Sequence[ApiDoc],
    k: int,
    *,
    shows_oracle: bool,
    missing: Missing,
    r: random.Random,
) -> RaftRow | None:
    """Return a RAFT row of an instruction for an API; None where its document has nothing to quote.

    Args:
        row: a row whose answer goes by the document as it is in the doc set.
        doc: that document.
        distractors: wrong documents.
        k: how many of them are shown beside the right one; one more without it.
        shows_oracle: whether the document is shown.
        missing: what is right where it is not.
        r: source of randomness.
    """
    reasons = _api_reasons(row, doc, doc.text)
    if not reasons:
        return None
    shown = [doc, *distractors[:k]] if shows_oracle else list(distractors[: k + 1])
    r.shuffle(shown)
    covered = shows_oracle or missing == "answer"
    if not shows_oracle:
        reasons = [_without(shown, covered=covered)]
    answer = row.closed_book.call if covered else NOTHING
    made = RaftRow(
        id=row.id,
        type="api",
        question=row.instruction,
        passages=tuple(Passage(title=one.title or one.name, text=one.text) for one in shown),
        oracle=doc.text,
        shows_oracle=shows_oracle,
        answer=answer,
        cot_answer=f"##Reason: {' '.join(reasons)} {ANSWER}{answer}",
        origin={"row": row.id, "api": doc.id},
    )
    return made if is_sound(made, doc) else None


def _without(shown: Sequence[ApiDoc], *, covered: bool) -> str:
    looked = ", ".join(f"`{one.title or one.name}`" for one in shown)
    if covered:
        return (
            f"The documents shown are of {looked}, none of which does what is asked. The request alone tells the call."
        )
    return f"The documents shown are of {looked}. None of them does what is asked for."


def _api_reasons(row: DocRow, doc: ApiDoc, text: str) -> list[str]:
    """Return the reasons for a call, each with a quote from the document as it is shown."""
    purpose = next((one for one in sentences(doc.description) if _is_quotable(one, text)), "")
    if not purpose:
        return []
    reasons = [f"What is asked for is what one document describes: {quoted(purpose)}."]
    for name, value in row.closed_book.arguments.items():
        parameter = doc.parameter(name)
        said = str(parameter.content.get("description") or "") if parameter else ""
        about = next((one for one in sentences(said) if _is_quotable(one, text)), "")
        backing = f", for which it says {quoted(about)}" if about else ""
        reasons.append(f"The request gives {brief(value)}, which is `{name}`{backing}.")
    return reasons


def quoted(text: str) -> str:
    """Return a text as a quote."""
    return f"{BEGIN}{text}{END}"


def _is_quotable(sentence: str, text: str) -> bool:
    """Tell whether a sentence stands word for word in what is shown."""
    return SHORTEST_QUOTE <= len(sentence) <= LONGEST_QUOTE and sentence in text


def is_sound(row: RaftRow, removed: ApiDoc | None) -> bool:
    """Tell whether all that a row's answer quotes is shown, and an answer without the right document does without
    it."""
    if not all(any(quote in passage.text for passage in row.passages) for quote in quotes(row.cot_answer)):
        return False
    if row.shows_oracle or removed is None:
        return bool(quotes(row.cot_answer)) or not row.shows_oracle
    known = [row.question, *(passage.text for passage in row.passages), row.answer]
    return not rests_on(row.cot_answer, removed, known)


def exported(row: RaftRow) -> JsonObject:
    """Return a row in RAFT's own form."""
    documents = [f"<DOCUMENT>{passage.text}</DOCUMENT>" for passage in row.passages]
    return {
        "id": row.id,
        "type": row.type,
        "question": row.question,
        "context": {
            "sentences": [[passage.text for passage in row.passages]],
            "title": [[passage.title for passage in row.passages]],
        },
        "oracle_context": row.oracle,
        "cot_answer": row.cot_answer,
        "instruction": "\n".join([*documents, row.question]),
    }


def read_exported(line: JsonObject) -> tuple[str, list[str], str]:
    """Return question, documents and answer of a row in RAFT's form."""
    context: Json = line.get("context")
    inner: Json = context.get("sentences") if is_object(context) else None
    return str(line.get("question", "")), list(inner[0]) if inner else [], str(line.get("cot_answer", ""))
