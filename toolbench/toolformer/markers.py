"""Markers of calls: those a model sees, those that are written, and how a text that holds some is told apart."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import LanguageModel

OPEN, CLOSE, GIVES = "<API>", "</API>", "→"
"""What stands around a call, and before its result, in what is written."""

JOINER = "\u2060"
"""A word joiner: it is not seen, and breaks a marker in two."""

_MARKER = re.compile("|".join(map(re.escape, (OPEN, CLOSE))))

OPENINGS = ((" [", "]"), (" <API>", "</API>"))
"""What calls may be marked by where a model sees them: the paper's brackets, and its names for them."""


@dataclass(frozen=True, slots=True)
class Markers:
    """The markers that a model sees."""

    open: str
    """Begins a call; its space is a part of it, as it is of a word's first token."""
    close: str
    """Ends it."""
    ids: tuple[int, ...]
    """The tokens of `open`."""

    def call(self, call: str, result: str | None = None) -> str:
        """Return a call as the model sees it, with its result where one is given."""
        return f"{self.open}{call}{self.close}" if result is None else f"{self.open}{call} -> {result}{self.close}"

    def prompt(self, annotated: str) -> str:
        """Return a text with calls between `<API>` and `</API>` as the model sees it."""
        return re.sub(f" ?{OPEN}", lambda _: self.open, annotated).replace(CLOSE, self.close)


async def choose(model: LanguageModel) -> Markers:
    """Return the markers of which a model needs the fewest tokens to begin a call."""
    split = [(await model.split(opening)).ids for opening, _ in OPENINGS]
    best = min(range(len(split)), key=lambda n: len(split[n]))
    return Markers(*OPENINGS[best], split[best])


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text in which no marker is left: each is broken by a joiner."""

    text: str
    """The text as models see it."""
    joiners: tuple[int, ...]
    """Where in it the joiners are that do not belong to it."""

    def original(self, offset: int) -> int:
        """Return where in the text as it was a place is, in characters."""
        return offset - bisect_left(self.joiners, offset)


def hide(text: str) -> Hidden:
    """Return a text with its own `<API>` and `</API>` broken, so that none is taken for one of ours."""
    starts = [found.start() for found in _MARKER.finditer(text)]
    return Hidden(_MARKER.sub(lambda found: found[0][0] + JOINER + found[0][1:], text), _places(starts))


def _places(starts: Sequence[int]) -> tuple[int, ...]:
    return tuple(start + 1 + before for before, start in enumerate(starts))
