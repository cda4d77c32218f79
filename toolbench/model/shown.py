"""Observations as a model reads them: whole where they fit, else cut by structure, saying what was cut."""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

import orjson

from toolbench.model.base import Json, JsonObject, is_array, is_object
from toolbench.model.trace import Observation

LIMIT = 8_000
"""Bytes of an observation's text beyond which it is cut."""

CUT = "…"
"""Begins every note of what was cut, and is the key such notes stand under in objects."""

_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
_NAMES = frozenset("id uuid key name title number login slug email status state type code error message detail".split())
_IDS = frozenset(("id", "uuid", "guid", "key", "slug"))
_ID_ENDS = ("_id", "-id", "Id", "ID", "_uuid", "_key")

LONGEST_ID = 200
"""Characters up to which a text that is an entity's key stays whole."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """How much is left of each part."""

    items: int
    """Items of an array, those that hold a wanted term besides."""
    fields: int
    """Fields of an object, those that name it or are wanted first."""
    characters: int
    """Characters of a text; keys of entities stay whole."""
    depth: int
    """Levels below which an object is reduced to what names it."""


_LADDER = (
    _Measure(1_000, 1_000, 1_000, 12),
    _Measure(50, 200, 400, 6),
    _Measure(20, 100, 200, 4),
    _Measure(10, 60, 120, 3),
    _Measure(5, 40, 80, 2),
    _Measure(3, 20, 60, 1),
    _Measure(1, 10, 40, 1),
)


def observation_text(observation: Observation, wanted: AbstractSet[str] = frozenset(), limit: int = LIMIT) -> str:
    """Return an observation as compact JSON: the body; around that of a failure, what failed.

    What is over the limit is cut by structure, never within a word or number: long arrays lose items, long texts their
    end, deep objects all but what names them. Keys of entities stay whole, and items that hold a wanted term are kept
    before others. What was cut is said where it was. The whole body stays in the trace, and the same body with the same
    terms gives the same text.

    Args:
        observation: what came back.
        wanted: terms, as `terms` gives them, that the reader will need.
        limit: most bytes of the text, if it is over 60.
    """
    return _compact(shortened(_framed(observation), wanted, limit))


@lru_cache(maxsize=1_024)
def terms(text: str) -> frozenset[str]:
    """Return what a text may refer to, in lower case: its quotations, and its words that hold a digit or an `@`."""
    found = (quoted or word.strip(".,;:!?()") for quoted, word in _TERM.findall(text))
    return frozenset(term.lower() for term in found if " " in term or any(c.isdigit() or c == "@" for c in term))


def shortened(body: Json, wanted: AbstractSet[str] = frozenset(), limit: int = LIMIT) -> Json:
    """Return a JSON value cut by structure until its compact text fits the limit; the value itself where it fits.

    Where nothing else helps, as with names of many kilobytes, a note of its size is all that is left.
    """
    size = _size(body)
    if size <= limit:
        return body
    holds = _holder(wanted)
    for measure in _LADDER:
        cut = _cut(body, measure, holds, 0)
        if _size(cut) <= limit:
            return cut
    return f"{CUT} [{size} bytes]"


def _framed(observation: Observation) -> Json:
    if observation.status == "ok":
        return {"status": "ok"} if observation.body is None else observation.body
    parts: JsonObject = {
        "error": observation.status,
        "http_status": observation.http_status,
        "body": observation.body,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _compact(value: Json) -> str:
    return orjson.dumps(value).decode()


def _size(value: Json) -> int:
    return len(orjson.dumps(value))


def _holder(wanted: AbstractSet[str]) -> Callable[[Json], bool]:
    def holds(value: Json) -> bool:
        text = _compact(value).lower() if wanted else ""
        return any(term in text for term in wanted)

    return holds


def _cut(value: Json, measure: _Measure, holds: Callable[[Json], bool], depth: int) -> Json:
    if is_array(value):
        return _cut_array(value, measure, holds, depth)
    if is_object(value):
        return _cut_object(value, measure, holds, depth)
    if isinstance(value, str) and len(value) > measure.characters and not holds(value):
        kept = value[: _last_gap(value, measure.characters)]
        return f"{kept}{CUT} [{len(value) - len(kept)} more characters]"
    return value


def _last_gap(text: str, end: int) -> int:
    """Return where the last word that ends by `end` does so; 0 where none does."""
    return next((place for place in range(end, 0, -1) if text[place].isspace()), 0)


def _cut_array(items: list[Json], measure: _Measure, holds: Callable[[Json], bool], depth: int) -> list[Json]:
    if len(items) <= measure.items:
        return [_cut(item, measure, holds, depth + 1) for item in items]
    needed = [place for place, item in enumerate(items) if holds(item)][: measure.items]
    others = [place for place in range(len(items)) if place not in needed][: max(0, measure.items - len(needed))]
    kept = [_cut(items[place], measure, holds, depth + 1) for place in sorted((*needed, *others))]
    return [*kept, f"{CUT} [{len(items) - len(kept)} more items]"]


def _cut_object(value: JsonObject, measure: _Measure, holds: Callable[[Json], bool], depth: int) -> JsonObject:
    needed = [name for name, inner in value.items() if holds(inner)]
    telling = [name for name, inner in value.items() if _is_telling(name, inner)]
    others = value if depth < measure.depth else ()
    chosen = frozenset(list(dict.fromkeys((*needed, *telling, *others)))[: measure.fields])
    kept = {
        name: inner if _is_key(name, inner) else _cut(inner, measure, holds, depth + 1)
        for name, inner in value.items()
        if name in chosen
    }
    left = len(value) - len(kept)
    return {**kept, CUT: f"[{left} more fields]"} if left else kept


def _is_telling(name: str, value: Json) -> bool:
    """Tell whether a field names what holds it, or says what became of it."""
    return not is_object(value) and not is_array(value) and (name.lower() in _NAMES or _is_key(name, value))


def _is_key(name: str, value: Json) -> bool:
    """Tell whether a field is the key of an entity: a number, or one word."""
    if name.lower() not in _IDS and not name.endswith(_ID_ENDS):
        return False
    is_word = isinstance(value, str) and len(value) <= LONGEST_ID and not any(map(str.isspace, value))
    return is_word or (isinstance(value, int) and not isinstance(value, bool))
