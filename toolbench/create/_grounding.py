"""Grounding: where in a chunk an answer comes from."""

import re
from dataclasses import dataclass

from toolbench.model import Chunk, JsonObject

_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|[.!?]+|$|\n)")

_FUNCTION_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it"
    " its may more most no not of on one or our she so some such than that the their them then there these they this"
    " those to was we were what when where which who why will with would yes you your true false".split()
)
"""Words that say nothing of what a text is about."""

STEM = 5
"""Letters by which words of the same stem are taken for the same."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """The passage of a chunk that an answer shares most with."""

    start: int
    """Where it begins in the document's text, in characters."""
    end: int
    """Where it ends."""
    support: float
    """Share of the answer's words that stand in the chunk, function words left out; over 0."""


def ground(answer: str, chunk: Chunk, question: str = "") -> Grounds | None:
    """Return where in a chunk an answer comes from; None where nothing of it is to be found there.

    Args:
        answer: the answer.
        chunk: the chunk.
        question: stands in for an answer that says nothing by itself, such as yes or no.
    """
    wanted = _stems(answer) or _stems(question)
    shared = [(wanted & _stems(sentence[0]), sentence) for sentence in _SENTENCE.finditer(chunk.text)]
    here = frozenset[str]().union(*(stems for stems, _ in shared))
    if not here:
        return None
    _, best = max(shared, key=lambda pair: len(pair[0]))
    text = best[0]
    start = best.start() + len(text) - len(text.lstrip())
    return Grounds(chunk.start + start, chunk.start + best.start() + len(text.rstrip()), len(here) / len(wanted))


def location(chunk: Chunk, grounds: Grounds | None = None) -> JsonObject:
    """Return a chunk's place as a row keeps it, or that of a passage in it."""
    return {
        "document": chunk.document,
        "chunk": chunk.ordinal,
        "start": grounds.start if grounds else chunk.start,
        "end": grounds.end if grounds else chunk.end,
        "page": chunk.page,
        "headings": list(chunk.headings),
    }


def _stems(text: str) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    return frozenset(word if word[0].isdigit() else word[:STEM] for word in words if word not in _FUNCTION_WORDS)
