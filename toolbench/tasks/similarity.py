"""How alike tasks are that say the same with other values: word shingles over texts whose values are masked."""

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from toolbench.model import Json, Task, is_array, is_object
from toolbench.model.calendar import resolved
from toolbench.model.reading import plain, read
from toolbench.model.wording import Scalar, spellings

GRAM = 5
"""Words of a shingle."""

_MASK = "¤"
_QUOTED = re.compile(r'"[^"]*"')
_WORD = re.compile(rf"\w+|{_MASK}")
_SHORTEST = 3
"""Characters of the shortest value that is masked in a text: shorter ones are words of the language."""


@dataclass(slots=True)
class Nearest:
    """Sets of shingles, by group and name, in which the most similar one is found.

    Sets that share no shingle of their prefixes (the first few in sorted order) cannot be that similar, so only those
    that do are compared.
    """

    similarity: float
    """The least Jaccard similarity that counts, from 0 (exclusive) to 1."""
    _prefixes: dict[tuple[Hashable, str], list[str]] = field(
        default_factory=lambda: defaultdict[tuple[Hashable, str], list[str]](list)
    )
    _shingles: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def find(self, group: Hashable, found: frozenset[str]) -> tuple[float, str] | None:
        """Return the similarity and the name of the most similar set in a group; None where none is similar enough."""
        near = dict.fromkeys(
            name for shingle in self._prefix(found) for name in self._prefixes.get((group, shingle), ())
        )
        scored = [(jaccard(found, self._shingles[name]), name) for name in near]
        best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        return best if best[0] >= self.similarity else None

    def add(self, group: Hashable, name: str, found: frozenset[str]) -> None:
        """Remember a set."""
        self._shingles[name] = found
        for shingle in self._prefix(found):
            self._prefixes[group, shingle].append(name)

    def _prefix(self, found: frozenset[str]) -> list[str]:
        ordered = sorted(found)
        return ordered[: len(ordered) - math.ceil(self.similarity * len(ordered)) + 1]


def shingles(task: Task) -> frozenset[str]:
    """Return the word 5-grams of what the user says, its values masked; the whole of a shorter text."""
    return grams(masked_words(task))


def masked_words(task: Task) -> list[str]:
    """Return the words of what the user says in all turns, its values masked."""
    return _WORD.findall(" ".join(masked(turn.text, task) for turn in task.turns))


def grams(words: Sequence[str]) -> frozenset[str]:
    """Return the 5-grams of some words; all of them as one where they are fewer."""
    starts = range(max(1, len(words) - GRAM + 1))
    return frozenset(" ".join(words[start : start + GRAM]) for start in starts)


def masked(text: str, task: Task) -> str:
    """Return a text in plain form with its values masked: quotations, the gold's arguments, numbers and dates."""
    text = _QUOTED.sub(f" {_MASK} ", plain(resolved(text, task.today)))
    spelled = {
        plain(form) for arguments in _arguments(task) for value in _scalars(arguments) for form in spellings(value)
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


def _arguments(task: Task) -> Iterator[Json]:
    for gold in task.gold:
        yield gold.call.arguments


def _scalars(value: Json) -> Iterator[Scalar]:
    if is_object(value) or is_array(value):
        for item in value.values() if is_object(value) else value:
            yield from _scalars(item)
    elif not isinstance(value, bool):
        yield value
