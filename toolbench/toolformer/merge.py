"""Kept calls put into their text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolbench.toolformer.base import Annotation, Candidate
from toolbench.toolformer.markers import CLOSE, GIVES, OPEN


@dataclass(frozen=True, slots=True)
class Inserted:
    """A call in an annotated text."""

    candidate: Candidate
    start: int
    """Where in the annotated text what was put in begins, in characters."""
    end: int
    """Where it ends. Without what lies between, the text is as it was, whatever markers it holds of its own."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with calls."""

    text: str
    calls: tuple[Inserted, ...]


def chosen(annotation: Annotation, most: int | None = None) -> list[Candidate]:
    """Return the kept calls that are put into a text, in its order: at each place the one that gains most.

    Args:
        annotation: the document.
        most: most calls, those that gain most; None for all.
    """
    kept = sorted((one for one in annotation.candidates if one.kept), key=lambda one: (-(one.gain or 0), one.offset))
    places: dict[int, Candidate] = {}
    for one in kept:
        places.setdefault(one.offset, one)
    return sorted(list(places.values())[:most], key=lambda one: one.offset)


def merge(text: str, calls: Iterable[Candidate]) -> Annotated:
    """Return a text with calls at their places."""
    parts: list[str] = []
    inserted: list[Inserted] = []
    read = size = 0
    for call in sorted(calls, key=lambda one: one.offset):
        put = _shown(call, text[call.offset : call.offset + 1])
        parts += [text[read : call.offset], put]
        start = size + call.offset - read
        size, read = start + len(put), call.offset
        inserted.append(Inserted(call, start, size))
    return Annotated("".join((*parts, text[read:])), tuple(inserted))


def original(annotated: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return an annotated text without what lies in its spans, which are in order."""
    parts, read = list[str](), 0
    for start, end in spans:
        parts.append(annotated[read:start])
        read = end
    return "".join((*parts, annotated[read:]))


def _shown(call: Candidate, following: str) -> str:
    put = f"{OPEN} {call.call} {GIVES} {call.result} {CLOSE}"
    # A space that follows stays between the call and what it stands before.
    return f" {put}" if following.isspace() else f"{put} "
