"""Columns of a printed page: where they part, and in which order what stands on it is read."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

CROSSING = 0.15
"""Share of a page's rows that may go across the gap between two columns: titles, captions."""

NARROWEST = 8.0
"""Points between two columns, at least: more than between two words."""

STEPS = 90
"""Places that are tried for a gap."""

LEAST = 0.25
"""Share of a page's words that stands in each column, at least."""

FEWEST = 40
"""Words of a page of two columns, at least."""


class Place(NamedTuple):
    """When something is read; places are in the order of reading."""

    band: int
    """Which part of the page, from its top: whole rows part it."""
    column: int
    """0 or 1."""
    top: float
    """Points from the page's top."""


class Columns:
    """The columns of a page, one or two.

    Args:
        words: the words of the page, with `x0`, `x1`, `top` and `bottom`, in points.
        width: the page's width.
    """

    def __init__(self, words: Sequence[Any], width: float) -> None:
        self._gap = _gap(words, width)
        self._whole = _joined([word for word in words if self._gap is not None and _crosses(word, self._gap)])

    def parts(self, page: Any) -> Iterator[Any]:
        """Yield the parts of a page: all of it, or its whole rows, the left and the right column."""
        if self._gap is None:
            yield page
            return
        for number in (-1, 0, 1):
            yield page.filter(partial(self._is_of, number))

    def place(self, left: float, right: float, top: float, bottom: float) -> Place:
        """Return the place of something at these edges."""
        if self._gap is None:
            return Place(0, 0, top)
        middle = (top + bottom) / 2
        before = sum(end < middle for _, end in self._whole)
        is_whole = any(start <= middle <= end for start, end in self._whole) or left < self._gap < right
        if is_whole:
            return Place(2 * before + 1, 0, top)
        return Place(2 * before, int((left + right) / 2 > self._gap), top)

    def _is_of(self, number: int, item: Any) -> bool:
        if item.get("object_type") != "char" or self._gap is None:
            return False
        middle = (item["top"] + item["bottom"]) / 2
        is_whole = any(start <= middle <= end for start, end in self._whole)
        if number < 0 or is_whole:
            return is_whole and number < 0
        return int((item["x0"] + item["x1"]) / 2 > self._gap) == number


def _gap(words: Sequence[Any], width: float) -> float | None:
    """Return where two columns part, the middle of the widest gap near the page's own; None where there is one."""
    if len(words) < FEWEST:
        return None
    most = CROSSING * len({round(word["top"]) for word in words})
    places = [width * (0.35 + 0.3 * step / STEPS) for step in range(STEPS + 1)]
    clear = [sum(_crosses(word, x) for word in words) <= most for x in places]
    runs = [
        [x for _, x in run] for is_clear, run in groupby(zip(clear, places, strict=True), itemgetter(0)) if is_clear
    ]
    run: list[float] = max(runs, key=len) if runs else []
    if not run or run[-1] - run[0] < NARROWEST:
        return None
    gap = (run[0] + run[-1]) / 2
    sides = [sum(word["x1"] <= gap for word in words), sum(word["x0"] >= gap for word in words)]
    return gap if min(sides) >= LEAST * len(words) else None


def _crosses(word: Any, gap: float) -> bool:
    return word["x0"] < gap < word["x1"]


def _joined(words: Sequence[Any]) -> list[tuple[float, float]]:
    """Return the rows, from top to bottom, in which words stand; those that touch are one."""
    spans = sorted((word["top"], word["bottom"]) for word in words)
    if not spans:
        return []
    found = [spans[0]]
    for _, (top, bottom) in pairwise(spans):
        if top <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], bottom))
        else:
            found.append((top, bottom))
    return found
