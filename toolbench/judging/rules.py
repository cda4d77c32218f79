"""ToolEval's rules as published (ToolLLM, appendix on ToolEval): what an answer and its task are, and what passes."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

AnswerStatus = Literal["Solved", "Unsure", "Unsolved"]
"""Whether an answer gives the user what was asked for; `Unsure` where that cannot be told."""

TaskStatus = Literal["Solvable", "Unsure", "Unsolvable"]
"""Whether the tools offered, and what the user says, are enough for the task."""

Outcome = Literal["pass", "fail", "unsure"]
"""`unsure`: the rules leave it open. ToolEval tosses a coin then; here it counts as half a pass, the coin's mean."""

Ruling: TypeAlias = tuple[AnswerStatus, TaskStatus]

PASSES: Mapping[Ruling, Outcome] = {
    # What is solved passes, whatever was thought of the task.
    ("Solved", "Solvable"): "pass",
    ("Solved", "Unsure"): "pass",
    ("Solved", "Unsolvable"): "pass",
    ("Unsolved", "Solvable"): "fail",
    ("Unsolved", "Unsure"): "unsure",
    # Nobody can be blamed for what could not be done.
    ("Unsolved", "Unsolvable"): "pass",
    ("Unsure", "Solvable"): "unsure",
    ("Unsure", "Unsure"): "unsure",
    ("Unsure", "Unsolvable"): "pass",
}
"""The outcome of each combination."""

SHARE: Mapping[Outcome, float] = {"pass": 1.0, "unsure": 0.5, "fail": 0.0}
"""What an outcome counts in the pass rate."""

SOLVED: Mapping[AnswerStatus, float] = {"Solved": 1.0, "Unsure": 0.5, "Unsolved": 0.0}
"""What a status counts in the solvable pass rate (StableToolBench), where the task's own share is no way to pass."""

ORDER: tuple[str, ...] = ("Solved", "Unsure", "Unsolved")
"""The normalised evaluator's order: the better status wins; only among equals the judge chooses."""


def written(ruling: Ruling) -> str:
    """Return a ruling as a vote holds it: `Unsolved/Solvable`."""
    return "/".join(ruling)


def read(ruling: str) -> Ruling | None:
    """Return the ruling that a vote holds; None where it holds none."""
    return next((one for one in PASSES if written(one) == ruling), None)
