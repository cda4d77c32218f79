"""How long and how hard a task is, and what a run may ask for of both."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from toolbench.model import Task, Tool
from toolbench.model.task import Difficulty
from toolbench.tasks.kinds.offers import ALIKE, likeness

MOST_CALLS = 20
"""Calls beyond which no task is asked for."""

_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")
_EASY, _HARD = 4, 8
"""Highest score that is easy, lowest that is hard."""
_USUAL: Mapping[Difficulty, tuple[int, int]] = {"easy": (0, 2), "medium": (2, 4), "hard": (4, MOST_CALLS)}
"""How many calls tasks of a difficulty usually have."""


@dataclass(frozen=True, slots=True)
class Size:
    """What is asked for of every task of a run."""

    calls: tuple[int, int] | None = None
    """Fewest and most gold calls; None for any number."""
    difficulty: Difficulty | None = None
    """None for any."""

    @property
    def aimed(self) -> tuple[int, int] | None:
        """How many calls to aim for."""
        return self.calls or (_USUAL[self.difficulty] if self.difficulty else None)

    def fits(self, calls: int) -> bool:
        """Tell whether a task of so many gold calls is short and long enough."""
        return self.calls is None or self.calls[0] <= calls <= self.calls[1]


def parse_calls(text: str) -> tuple[int, int] | None:
    """Return the fewest and most calls that `3-6` or `4` asks for; None for an empty text.

    Raises:
        ValueError: it is no such range.
    """
    if not text:
        return None
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a number of calls; it looks like 4 or 3-6")
    low, high = int(found[1]), int(found[2] or found[1])
    if low > high:
        raise ValueError(f"{text!r} begins with the larger number")
    if high > MOST_CALLS:
        raise ValueError(f"{text!r} asks for more than {MOST_CALLS} calls")
    return low, high


def difficulty_of(task: Task, tools: Mapping[str, Tool]) -> Difficulty:
    """Return how hard a task is, by the rule that `Task.difficulty` states.

    Args:
        task: the task.
        tools: the tools offered, by name.
    """
    found = sum(len(gold.values("observed")) for gold in task.gold)
    used = [tools[name] for name in sorted({gold.call.tool for gold in task.gold})]
    alike = sum(any(likeness(tools[name], tool) >= ALIKE for tool in used) for name in task.distractors)
    score = len(task.gold) + found + 2 * (len(task.turns) - 1) + alike // 2
    return "easy" if score <= _EASY else "hard" if score >= _HARD else "medium"
