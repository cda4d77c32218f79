"""ToolEval's rates over many answers, each with the standard error over the votes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from toolbench.judging.rules import SOLVED, read
from toolbench.judging.tooleval import share
from toolbench.model import JsonObject, Vote


@dataclass(frozen=True, slots=True)
class Rate:
    """A mean over votes: each vote is one judgement of all answers."""

    value: float | None
    """None where nothing could be judged."""
    error: float | None
    """Standard error of the mean over the votes; None where fewer than two could be read."""
    answers: int
    """Answers it rests on."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {"rate": self.value, "standard_error": self.error, "of": self.answers}


UNKNOWN = Rate(None, None, 0)
"""The rate where nothing was judged."""


def pass_rate(answers: Iterable[Sequence[Vote]]) -> Rate:
    """Return the pass rate; the rules' open cases count half. Answers of which no vote can be read do not count."""
    return _rate([[share(vote) for vote in votes] for votes in answers])


def solvable_pass_rate(answers: Iterable[Sequence[Vote]]) -> Rate:
    """Return the share solved among the tasks that most votes call solvable; an unsure status counts half.

    What cannot be done passes in the pass rate; here it does not count at all, after StableToolBench.
    """
    return _rate([[_solved(vote) for vote in votes] for votes in answers if _is_solvable(votes)])


def _solved(vote: Vote) -> float | None:
    ruling = read(vote.ruling)
    return None if ruling is None else SOLVED[ruling[0]]


def _is_solvable(votes: Sequence[Vote]) -> bool:
    rulings = [ruling for vote in votes if (ruling := read(vote.ruling))]
    return sum(ruling[1] == "Solvable" for ruling in rulings) * 2 > len(rulings)


def _rate(shares: Sequence[Sequence[float | None]]) -> Rate:
    """Return the mean over the votes of their means over the answers; a vote that could not be read counts nowhere."""
    counted = [row for row in shares if any(one is not None for one in row)]
    columns = [
        [row[place] for row in counted if place < len(row)] for place in range(max(map(len, counted), default=0))
    ]
    means = [mean(read) for column in columns if (read := [one for one in column if one is not None])]
    if not means:
        return UNKNOWN
    return Rate(mean(means), stdev(means) / math.sqrt(len(means)) if len(means) > 1 else None, len(counted))
