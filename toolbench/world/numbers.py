"""Plausible numbers by the name of their field, within the bounds of a view."""

import math
import random
from collections.abc import Callable

from toolbench.model import JsonObject
from toolbench.world.nouns import words
from toolbench.world.scalars import accepts

Maker = Callable[[random.Random], int | float]

_TRIES = 6
_DAY = 86_400
_BEGINNING = 1_735_689_600
"""The first of January 2025 in Unix time."""

_USUAL: dict[str, tuple[float, float]] = {
    **dict.fromkeys("id number".split(), (1000, 9999)),
    **dict.fromkeys("ms bytes size".split(), (20_000, 400_000)),
    "age": (18, 80),
    **dict.fromkeys("percent percentage".split(), (1, 99)),
    **dict.fromkeys("rating stars score".split(), (1, 5)),
    **dict.fromkeys("longitude lng lon".split(), (-120, 150)),
    **dict.fromkeys("latitude lat".split(), (-60, 70)),
    "year": (1950, 2025),
    **dict.fromkeys("price amount total cost balance fee rate subtotal budget value revenue salary".split(), (5, 900)),
}
"""Ranges by a word of a field's name; where a name has several, the last here holds."""
_RANK = {word: place for place, word in enumerate(_USUAL)}


def number_maker(view: JsonObject, name: str, *, whole: bool) -> Maker:
    """Return a maker of numbers that are valid against a view.

    Args:
        view: the view of the field's schema.
        name: the field's name.
        whole: the numbers have no fractions.
    """
    if view.get("format") == "unix-time":
        return lambda r: _BEGINNING + r.randrange(600) * _DAY
    low, high = _bounds(view, name, whole=whole)
    if "multipleOf" not in view and whole and math.ceil(low) <= math.floor(high):
        return _whole(math.ceil(low), math.floor(high))
    if "multipleOf" not in view and not whole and low <= high:
        return lambda r: _rounded(low, high, r)
    return lambda r: _tried(view, low, high, r, whole=whole)


def _whole(low: int, high: int) -> Maker:
    return lambda r: r.randint(low, high)


def _rounded(low: float, high: float, r: random.Random) -> float:
    made = low + (high - low) * r.random()
    short = round(made, 2)
    return short if low <= short <= high else made


def _tried(view: JsonObject, low: float, high: float, r: random.Random, *, whole: bool) -> int | float:
    """Return a number of a view with odd bounds or steps; the nearest there is where none is valid."""
    for _ in range(_TRIES):
        made = _stepped(low, high, view.get("multipleOf", 0), r, whole=whole)
        if accepts(made, view):
            return made
    edges = [int(edge) if whole else edge for edge in (low, high, (low + high) / 2)]
    return next((edge for edge in edges if accepts(edge, view)), edges[0])


def _stepped(low: float, high: float, step: float, r: random.Random, *, whole: bool) -> int | float:
    if not step:
        return r.randint(math.ceil(low), max(math.ceil(low), math.floor(high))) if whole else r.uniform(low, high)
    first = math.ceil(low / step)
    made = r.randint(first, max(first, math.floor(high / step))) * step
    return round(made) if whole else round(made, 10)


def _bounds(view: JsonObject, name: str, *, whole: bool) -> tuple[float, float]:
    usual_low, usual_high = _usual_range(name)
    low, high = view.get("minimum"), view.get("maximum")
    edge = 1 if whole else 0.01
    if (above := view.get("exclusiveMinimum")) is not None:
        low = max(above + edge, above + edge if low is None else low)
    if (below := view.get("exclusiveMaximum")) is not None:
        high = min(below - edge, below - edge if high is None else high)
    if low is None:
        low = usual_low if high is None or usual_low <= high else high - (usual_high - usual_low)
    if high is None:
        high = usual_high if usual_high >= low else low + (usual_high - usual_low)
    # A documented range far wider than usual (up to 2**31) says less than the field's name does.
    if low <= usual_low and usual_high <= high:
        return usual_low, usual_high
    return low, high


def _usual_range(name: str) -> tuple[float, float]:
    known = [word for word in words(name) if word in _USUAL]
    return _USUAL[max(known, key=_RANK.__getitem__)] if known else (1, 40)
