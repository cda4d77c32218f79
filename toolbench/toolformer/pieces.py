"""Pieces of a text that fit a model's context."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from toolbench.model import LanguageModel, Tokens
from toolbench.toolformer.markers import hide

CHARACTERS = 12
"""Characters that are looked at for each token there is room for; English has about four."""

_ENDS = tuple(re.compile(end, re.DOTALL) for end in (r".*\n\s*\n", r".*[.!?]['\")\]]*\s+", r".*\s"))
"""After what a text is best cut, the best first: a paragraph, a sentence, a word."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text."""

    start: int
    """Where in the text it begins, in characters."""
    text: str
    """The piece, its own markers broken."""
    tokens: Tokens
    """Its tokens."""
    begins: tuple[int, ...]
    """Where in the whole text, as it was, each token begins, in characters."""


async def pieces(model: LanguageModel, text: str, limit: int) -> AsyncIterator[Piece]:
    """Yield the pieces of a text, in order, each of at most `limit` tokens. Together they are the text."""
    start = 0
    while start < len(text):
        shown = text[start : start + limit * CHARACTERS]
        tokens = await model.split(hide(shown).text)
        size = len(shown)
        while len(tokens.ids) > limit:
            # Less than fits by the average, and then less and less.
            size = _cut(shown[: max(1, int(size * limit / len(tokens.ids)))])
            shown = shown[:size]
            tokens = await model.split(hide(shown).text)
        if start + size < len(text):
            size = _cut(shown)
            shown = shown[:size]
            tokens = await model.split(hide(shown).text)
        yield _piece(start, shown, tokens)
        start += size


def _cut(text: str) -> int:
    """Return where to end a piece that begins as a text does: at least one character on."""
    for end in _ENDS:
        if (found := end.match(text)) and found.end() > len(text) // 3:
            return found.end()
    return len(text)


def _piece(start: int, shown: str, tokens: Tokens) -> Piece:
    hidden = hide(shown)
    begins: list[int] = []
    size = 0
    # A token that begins inside a character begins, here, with the character.
    for piece in tokens.pieces:
        begins.append(start + hidden.original(size))
        size += sum(not 0x80 <= byte < 0xC0 for byte in piece)
    return Piece(start, hidden.text, tokens, tuple(begins))
