"""Observations as a model reads them: whole where they fit, else cut by structure, saying what was cut."""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import orjson

from toolbench.model.base import Json, JsonObject, is_array, is_object
from toolbench.model.trace import Observation

LIMIT = 8_000
"""Bytes of an observation's text beyond which it is cut."""

CUT = "…"
"""Begins every note of what was cut, and is the key such notes stand under in objects."""

_TERM = re.compile(r'"([^"]+)"|([^\s"]+)')
_NAMES = frozenset(
    ("id", "uuid", "key", "name", "title", "number", "login", "slug", "email", "status", "state", "type")
)


@dataclass(frozen=True, slots=True)
class _Measure:
    """How much is left of each part."""

    items: int
    """Items of an array, those that hold a wanted term besides."""
    characters: int
    """Characters of a text."""
    depth: int
    """Levels below which an object is reduced to what names it."""


_LADDER = (
    _Measure(1_000, 1_000, 12),
    _Measure(50, 400, 6),
    _Measure(20, 200, 4),
    _Measure(10, 120, 3),
    _Measure(5, 80, 2),
    _Measure(3, 60, 1),
    _Measure(1, 40, 1),
)


def observation_text(observation: Observation, wanted: AbstractSet[str] = frozenset(), limit: int = LIMIT) -> str:
    """Return an observation as compact JSON: the body; around that of a failure, what failed.

    What is over the limit is cut by structure, never within a word or number: long arrays lose items, long texts their
    end, deep objects all but what names them. Items that hold a wanted term are kept before others. The whole body
    stays in the trace.

    Args:
        observation: what came back.
        wanted: terms, as `terms` gives them, that the reader will need.
        limit: bytes of the text, aimed at; a body of very many fields may stay over it.
    """
    return _compact(shortened(_framed(observation), wanted, limit))


def terms(text: str) -> frozenset[str]:
    """Return what a text may refer to, in lower case: its quotations, and its words that hold a digit or an `@`."""
    found = (quoted or word.strip(".,;:!?()") for quoted, word in _TERM.findall(text))
    return frozenset(term.lower() for term in found if " " in term or any(c.isdigit() or c == "@" for c in term))


def shortened(body: Json, wanted: AbstractSet[str] = frozenset(), limit: int = LIMIT) -> Json:
    """Return a JSON value cut by structure until its compact text fits the limit; the value itself where it fits."""
    if len(_compact(body)) <= limit:
        return body
    holds = _holder(wanted)
    cut = body
    for measure in _LADDER:
        cut = _cut(body, measure, holds, 0)
        if len(_compact(cut)) <= limit:
            break
    return cut


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
        kept = value[: measure.characters].rpartition(" ")[0] or ""
        return f"{kept}{CUT} [{len(value) - len(kept)} more characters]"
    return value


def _cut_array(items: list[Json], measure: _Measure, holds: Callable[[Json], bool], depth: int) -> list[Json]:
    if len(items) <= measure.items:
        return [_cut(item, measure, holds, depth + 1) for item in items]
    needed = [place for place, item in enumerate(items) if holds(item)][: measure.items]
    others = [place for place in range(len(items)) if place not in needed][: max(0, measure.items - len(needed))]
    kept = [_cut(items[place], measure, holds, depth + 1) for place in sorted((*needed, *others))]
    return [*kept, f"{CUT} [{len(items) - len(kept)} more items]"]


def _cut_object(value: JsonObject, measure: _Measure, holds: Callable[[Json], bool], depth: int) -> JsonObject:
    if depth < measure.depth:
        return {name: _cut(inner, measure, holds, depth + 1) for name, inner in value.items()}
    kept = {name: inner for name, inner in value.items() if _is_name(name) or _is_needed(inner, holds)}
    left = len(value) - len(kept)
    return {**kept, CUT: f"[{left} more fields]"} if left else kept


def _is_name(name: str) -> bool:
    return name.lower() in _NAMES or name.lower().endswith(("_id", "id"))


def _is_needed(value: Json, holds: Callable[[Json], bool]) -> bool:
    return not is_object(value) and not is_array(value) and holds(value)
