"""Finds tasks that say the same again: exactly, or with nothing changed but the values."""

import re
from dataclasses import dataclass
from typing import Literal

from toolbench.model import Json, Task, digest
from toolbench.tasks.similarity import Nearest, grams, shingles

_WORD = re.compile(r"\w+")


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
    masked texts have a Jaccard similarity of at least `similarity`. Where no solution is known, they must offer the
    same tools.

    Args:
        similarity: from 0 (exclusive) to 1.
    """

    def __init__(self, similarity: float) -> None:
        self._exact: dict[str, str] = {}
        self._nearest = Nearest(similarity)

    def add(self, name: str, task: Task) -> Duplicate | None:
        """Return what the task repeats; otherwise remember it under a name and return None."""
        exact = digest([[turn.text for turn in task.turns], [_action(call) for call in _calls(task)]])
        if exact in self._exact:
            return Duplicate("duplicate", self._exact[exact], 1.0)
        tools = tuple(call[0] for call in _calls(task))
        found = shingles(task)
        if near := self._nearest.find(tools, found):
            return Duplicate("near_duplicate", near[1], near[0])
        self._exact[exact] = name
        self._nearest.add(tools, name, found)
        return None


class SameTexts:
    """Remembers texts and recognises repetitions, whatever their case and punctuation.

    Args:
        similarity: Jaccard similarity of the word 5-grams from which a text counts as the same; over 0, at most 1.
    """

    def __init__(self, similarity: float) -> None:
        self._exact: dict[str, str] = {}
        self._nearest = Nearest(similarity)

    def add(self, name: str, text: str) -> Duplicate | None:
        """Return what a text repeats; otherwise remember it under a name and return None."""
        words = _WORD.findall(text.casefold())
        exact = " ".join(words)
        if exact in self._exact:
            return Duplicate("duplicate", self._exact[exact], 1.0)
        found = grams(words)
        if near := self._nearest.find(None, found):
            return Duplicate("near_duplicate", near[1], near[0])
        self._exact[exact] = name
        self._nearest.add(None, name, found)
        return None


def _calls(task: Task) -> list[tuple[str, Json]]:
    if task.solution == "unknown":
        return [(name, None) for turn in task.turns for name in turn.tools]
    return [(gold.call.tool, gold.call.arguments) for gold in task.gold]


def _action(call: tuple[str, Json]) -> list[Json]:
    return list(call)
