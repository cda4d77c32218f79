"""What the evaluators said of a run, brought together by path."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolbench.model import Trace, Verdict
from toolbench.model.verdict import Label

DEFAULT_EVALUATORS = ("schema", "executed", "goal", "grounded", "provenance")
"""The evaluators a path must pass, unless told otherwise."""

MEASURES = ("decision", "minimal", "redundant", "recovered", "turns")
"""Evaluators that tell more of a path; none has to be passed."""

WHERE_KNOWN = ("calls",)
"""Evaluators that judge only where something is known that most tasks do not say; their failures count."""

NOT_REPEATABLE = "not_repeatable"
"""Kind of the verdicts that need an execution where there can be none; their label is `unscored`."""

NO_GOLD = "no_gold"
"""Kind of the verdicts that need a known solution where there is none; their label is `unscored`."""

UNVERIFIED = "real APIs answered, or nobody has said what is right"
"""Why no execution can confirm what a trace did, in words."""

NO_PATH = 0
"""Leaf of the verdicts on a trace that hands out no path: its root."""

_Z = 1.959964
"""Quantile of the normal distribution for a two-sided 95% interval."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one evaluator said of one path."""

    label: Label
    kind: str
    """Short name of the failure; empty when passed."""
    reason: str
    """Why, in one sentence."""
    version: str
    """Version of the evaluator's rules."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a trace falls."""

    kind: str
    """Short name, for counting: the failure's own, `not_judged`, `unscored`, or how the search ended."""
    evaluator: str
    """The first evaluator that did not pass it; empty where none was needed to tell."""
    detail: str
    """Why, in one sentence."""


class Judgements:
    """The latest verdict of each evaluator on each path.

    Args:
        verdicts: verdicts in the order written; a later one replaces an earlier one.
    """

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._marks: dict[tuple[str, int], dict[str, Mark]] = {}
        for verdict in verdicts:
            self.add(verdict)

    def add(self, verdict: Verdict) -> None:
        """Take in a verdict; it replaces an earlier one."""
        mark = Mark(verdict.label, verdict.kind, verdict.reason, verdict.evaluator_version)
        self._marks.setdefault((verdict.trace, verdict.leaf), {})[verdict.evaluator] = mark

    def __len__(self) -> int:
        """Return the number of paths judged."""
        return len(self._marks)

    def marks(self, trace: str, leaf: int) -> dict[str, Mark]:
        """Return what was said of a path, by evaluator."""
        return self._marks.get((trace, leaf), {})

    def fault(self, trace: Trace, evaluators: Sequence[str] = DEFAULT_EVALUATORS) -> Fault | None:
        """Return why a trace falls, or None: its best path passes all of these evaluators.

        Where real APIs answered, what only an execution can tell is left open: it counts neither way. So is the goal of
        an imported task.
        """
        if trace.best is None:
            return Fault(trace.outcome, "", f"the search ended as {trace.outcome}, without a path to hand out")
        marks = self.marks(trace.id, trace.best)
        for evaluator in evaluators:
            mark = marks.get(evaluator)
            if mark is None:
                return Fault("not_judged", evaluator, f"{evaluator} has not judged it")
            if mark.label != "pass" and not _is_open(mark, trace):
                return Fault(mark.kind or mark.label, evaluator, mark.reason)
        known = ((evaluator, marks.get(evaluator)) for evaluator in WHERE_KNOWN)
        failed = ((name, mark) for name, mark in known if mark is not None and mark.label == "fail")
        return next((Fault(mark.kind, name, mark.reason) for name, mark in failed), None)

    def is_unverified(self, trace: Trace) -> bool:
        """Tell whether no execution can confirm what a trace's best path did, whatever else the evaluators said."""
        marks = self.marks(trace.id, judged_leaf(trace)).values()
        return not trace.provenance.is_simulated or any(mark.kind == NO_GOLD for mark in marks)


def _is_open(mark: Mark, trace: Trace) -> bool:
    return mark.kind == NO_GOLD or (mark.kind == NOT_REPEATABLE and not trace.provenance.is_simulated)


def judged_leaf(trace: Trace) -> int:
    """Return the leaf at which a trace as a whole is judged: that of the path it hands out."""
    return NO_PATH if trace.best is None else trace.best


def wilson(passed: int, total: int) -> tuple[float, float]:
    """Return the 95% Wilson score interval of a rate; all of [0, 1] where nothing was tried."""
    if total == 0:
        return 0.0, 1.0
    rate = passed / total
    square = _Z * _Z / total
    centre = rate + square / 2
    spread = _Z * math.sqrt(rate * (1 - rate) / total + square / (4 * total))
    low, high = (centre - spread) / (1 + square), (centre + spread) / (1 + square)
    return (0.0 if passed == 0 else low), (1.0 if passed == total else high)
