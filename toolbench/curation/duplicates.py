"""Finds tasks that say the same again: exactly, or with nothing changed but the values."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from toolbench.model import Json, Task, digest, is_array, is_object
from toolbench.model.reading import plain, read
from toolbench.model.wording import Scalar, spellings

GRAM = 5
"""Words of a shingle."""

_MASK = "¤"
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(rf"\w+|{_MASK}")
_SHORTEST = 3
"""Characters of the shortest value that is masked in a text: shorter ones are words of the language."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What a task repeats."""

    kind: Literal["duplicate", "near_duplicate"]
    of: str
    """Name of the earlier one."""
    similarity: float
    """Jaccard similarity of the shingles; 1 for an exact one."""


class Duplicates:
    """Remembers tasks and recognises repetitions.

    Two tasks are near duplicates when their solutions call the same tools in the same order and the shingles of their
    masked texts have a Jaccard similarity of at least `similarity`. Texts that share no shingle of their prefixes (the
    first few in sorted order) cannot be that similar, so only those that do are compared.

    Args:
        similarity: from 0 (exclusive) to 1.
    """

    def __init__(self, similarity: float) -> None:
        self._similarity = similarity
        self._exact: dict[str, str] = {}
        self._prefixes: dict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
        self._shingles: dict[str, frozenset[str]] = {}

    def add(self, name: str, task: Task) -> Duplicate | None:
        """Return what the task repeats; otherwise remember it under a name and return None."""
        exact = digest([[turn.text for turn in task.turns], [_action(call) for call in _calls(task)]])
        if exact in self._exact:
            return Duplicate("duplicate", self._exact[exact], 1.0)
        tools = tuple(call[0] for call in _calls(task))
        found = shingles(task)
        if near := self._nearest(tools, found):
            return near
        self._exact[exact] = name
        self._shingles[name] = found
        for shingle in self._prefix(found):
            self._prefixes[tools, shingle].append(name)
        return None

    def _nearest(self, tools: tuple[str, ...], found: frozenset[str]) -> Duplicate | None:
        near = dict.fromkeys(name for shingle in self._prefix(found) for name in self._prefixes[tools, shingle])
        scored = [(jaccard(found, self._shingles[name]), name) for name in near]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        return Duplicate("near_duplicate", best[1], best[0]) if best[0] >= self._similarity else None

    def _prefix(self, found: frozenset[str]) -> list[str]:
        ordered = sorted(found)
        return ordered[: len(ordered) - math.ceil(self._similarity * len(ordered)) + 1]


def shingles(task: Task) -> frozenset[str]:
    """Return the word 5-grams of what the user says, its values masked; the whole of a shorter text."""
    words = _WORD.findall(" ".join(masked(turn.text, task) for turn in task.turns))
    starts = range(max(1, len(words) - GRAM + 1))
    return frozenset(" ".join(words[start : start + GRAM]) for start in starts)


def masked(text: str, task: Task) -> str:
    """Return a text in plain form with its values masked: quotations, the gold's arguments, numbers and dates."""
    text = _QUOTED.sub(f" {_MASK} ", plain(text))
    spelled = {
        plain(form) for _, arguments in _calls(task) for value in _scalars(arguments) for form in spellings(value)
    }
    for form in sorted(spelled, key=lambda form: (-len(form), form)):
        if len(form) >= _SHORTEST:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", f" {_MASK} ", text)
    reading = read(text)
    places = sorted((found.start, found.end) for found in (*reading.numbers, *reading.dates, *reading.times))
    return _mask_places(reading.text, places)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of common elements among all."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0


def _mask_places(text: str, places: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in places:
        if start >= done:
            pieces += [text[done:start], f" {_MASK} "]
            done = end
    return "".join([*pieces, text[done:]])


def _calls(task: Task) -> list[tuple[str, Json]]:
    return [(gold.call.tool, gold.call.arguments) for gold in task.gold]


def _action(call: tuple[str, Json]) -> list[Json]:
    return list(call)


def _scalars(value: Json) -> Iterator[Scalar]:
    if is_object(value) or is_array(value):
        for item in value.values() if is_object(value) else value:
            yield from _scalars(item)
    elif not isinstance(value, bool):
        yield value
