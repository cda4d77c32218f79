"""RAFT over pieces of ingested documents: questions with a quote that answers them, by patterns or by a model."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolbench.gorilla.checks import BEGIN, END
from toolbench.gorilla.docset import sentences
from toolbench.gorilla.raft import ANSWER, LONGEST_QUOTE, NOT_COVERED, SHORTEST_QUOTE, Passage, RaftRow, quoted
from toolbench.gorilla.replies import checked_reply
from toolbench.gorilla.retrieval import Retriever
from toolbench.llm.asking import objects
from toolbench.model import ChatModel, Chunk, digest
from toolbench.prompts import Prompts
from toolbench.world.rng import rng

NEAREST = 30
"""Pieces that are looked at for distractors."""

_PROMPTS = Prompts("toolbench.gorilla")
_DEFINING = re.compile(
    r"^(?P<subject>(?:(?:The|An?|All|Each|Every) )?[A-Za-z][\w'-]*(?: [\w'-]+){0,5}?) (?P<verb>is|are|was|were|means) "
    r"(?P<rest>(?!not\b|also\b|only\b|here\b|there\b|then\b).{15,})[.]$"
)
_POINTING = frozenset(
    "this that these those it they he she we you i there here which who what one some many most such its their his her"
    " our your my another other others following both neither either first second last next when with without if for in"
    " on at by to from as while after before since because so but and or nor than how why where not nothing".split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the words that answer it."""

    question: str
    quote: str
    reason: str
    answer: str


@dataclass(frozen=True, slots=True)
class Unasked:
    """Why there is no question."""

    reason: str


def defining_questions(text: str) -> Iterator[Asked]:
    """Yield questions for sentences of a text that say what something is; the quote is the sentence."""
    for paragraph in text.split("\n\n"):
        for sentence in sentences(paragraph):
            found = _DEFINING.match(sentence)
            if found is None or sentence not in text or not SHORTEST_QUOTE <= len(sentence) <= LONGEST_QUOTE:
                continue
            subject = found["subject"]
            if subject.split()[0].lower() in _POINTING:
                continue
            named = subject[0].lower() + subject[1:] if subject.split()[0] in _ARTICLES else subject
            if found["verb"] == "means":
                question, answer = f"What does {named} mean?", f"{found['rest']}."
            elif _A_THING.match(found["rest"]):
                question, answer = f"What {found['verb']} {named}?", f"{found['rest']}."
            else:
                question, answer = f"What do the documents say about {named}?", sentence
            yield Asked(question, sentence, "One of the documents says it", answer)


_A_THING = re.compile(r"(?:an?|the|one|two|three|any|all|those|whatever|what) ")
_ARTICLES = ("The", "A", "An", "All", "Each", "Every")


def problems(asked: Asked, text: str) -> list[str]:
    """Return what is wrong with a question, as one tells a writer; nothing where all is well."""
    return list(_problems(asked, text))


def _problems(asked: Asked, text: str) -> Iterator[str]:
    if asked.quote not in text:
        yield "the quote does not stand in the passage word for word"
    if not SHORTEST_QUOTE <= len(asked.quote) <= LONGEST_QUOTE:
        yield f"the quote must have {SHORTEST_QUOTE} to {LONGEST_QUOTE} characters"
    if not asked.question.strip().endswith("?") or re.search(
        r"\b(?:passage|section|text|above)\b", asked.question, re.IGNORECASE
    ):
        yield "it must be a question that can be understood without the passage"
    if asked.quote.lower() in asked.question.lower() or not asked.answer.strip():
        yield "the question must not hold the answer, and there must be one"
    if BEGIN in f"{asked.reason}{asked.answer}" or END in f"{asked.reason}{asked.answer}":
        yield "reason and answer must not quote"


class Questioner:
    """Has a model ask.

    Args:
        model: who asks.
        seed: the run's seed.
    """

    def __init__(self, model: ChatModel, seed: int) -> None:
        self._model, self._seed = model, seed

    async def ask(self, chunk: Chunk, ordinal: int) -> Asked | Unasked:
        """Return a question that a piece of a document answers, or why none of the replies would do.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        heard, wrong = await checked_reply(
            self._model,
            lambda wrong: _PROMPTS.render("raft_question", text=chunk.text, problems=wrong),
            _read,
            lambda asked: problems(asked, chunk.text),
            address=(self._seed, "raft", chunk.document, chunk.ordinal, ordinal),
            ordinal=ordinal,
        )
        return heard or Unasked(f"the model's reply: {wrong[0]}")


def _read(text: str) -> Asked:
    """Return question, quote, reason and answer.

    Raises:
        ValueError: they are not there.
    """
    for found in objects(text):
        parts = [found.get(name) for name in ("question", "quote", "reason", "answer")]
        if all(isinstance(part, str) for part in parts):
            question, quote, reason, answer = (str(part) for part in parts)
            return Asked(
                " ".join(question.split()), quote, " ".join(reason.split()).rstrip("."), " ".join(answer.split())
            )
    raise ValueError("there is no JSON object with `question`, `quote`, `reason` and `answer` in it")


def distractors(chunk: Chunk, asked: Asked, pieces: Sequence[Chunk], retriever: Retriever, k: int) -> list[Chunk]:
    """Return the pieces nearest to a question that do not answer it: none holds the quote, or overlaps with the piece
    that does.

    Args:
        chunk: the piece that answers it.
        asked: the question.
        pieces: all pieces.
        retriever: ranks them.
        k: how many, at most.
    """
    near = [pieces[place] for place in retriever.rank(f"{asked.question} {asked.answer}", NEAREST)]
    kept: list[Chunk] = []
    for one in [*near, *pieces[:NEAREST]]:
        overlaps = one.document == chunk.document and one.start < chunk.end and chunk.start < one.end
        repeats = any(one.text == other.text for other in kept)
        if not overlaps and not repeats and not _answers(one.text, asked):
            kept.append(one)
        if len(kept) == k:
            break
    return kept


def _answers(text: str, asked: Asked) -> bool:
    """Tell whether a piece holds the quote, or says the same of the same thing."""
    return asked.quote in text or any(one.question == asked.question for one in defining_questions(text))


def document_row(
    chunk: Chunk, asked: Asked, others: Sequence[Chunk], k: int, *, shows_oracle: bool, r: random.Random
) -> RaftRow:
    """Return a row for a question about a piece of a document.

    Args:
        chunk: the piece.
        asked: the question.
        others: distractors.
        k: how many of them are shown beside the right piece; one more without it.
        shows_oracle: whether the piece is shown.
        r: source of randomness.
    """
    shown = [chunk, *others[:k]] if shows_oracle else list(others[: k + 1])
    r.shuffle(shown)
    answer = asked.answer if shows_oracle else NOT_COVERED
    if shows_oracle:
        reason = f"{asked.reason}: {quoted(asked.quote)}."
    else:
        about = "; ".join(dict.fromkeys(_title(one) for one in shown))
        reason = f"The documents shown are about: {about}. None of them answers the question."
    return RaftRow(
        id=digest([asked.question, [one.text for one in shown]]),
        type="document",
        question=asked.question,
        passages=tuple(Passage(title=_title(one), text=one.text) for one in shown),
        oracle=chunk.text,
        shows_oracle=shows_oracle,
        answer=answer,
        cot_answer=f"##Reason: {reason} {ANSWER}{answer}",
        origin={"document": chunk.document, "start": chunk.start, "end": chunk.end},
    )


def _title(chunk: Chunk) -> str:
    return " / ".join(chunk.headings) or f"part {chunk.ordinal + 1}"


def shuffled(pieces: Sequence[Chunk], seed: int) -> list[Chunk]:
    """Return pieces in an order that the seed decides."""
    mixed = list(pieces)
    rng(seed, "gorilla", "raft", "pieces").shuffle(mixed)
    return mixed
