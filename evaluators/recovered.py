"""What went wrong on the way was made up for, as is right for each error and fault."""

from collections.abc import Sequence

from evaluators._verdicts import Judge
from evaluators.goal import GoalEvaluator
from toolbench.model import Call, Case, Observation, Verdict, canonical

__all__ = ["RecoveredEvaluator"]

_KINDS = {
    "retry": "not_retried",
    "wait_and_retry": "not_retried",
    "read_again": "not_read_again",
    "adapt": "not_adapted",
}
"""Kinds of failure by the recovery that a fault asks for."""


class RecoveredEvaluator(Judge):
    """Looks at each call that failed, and at each fault that the backend showed, for what was done about it.

    A fault is made up for by the recovery that it asks for: the same call again, without a fault. An error without a
    fault is made up for by a later call of the same tool that worked. Whoever reached the goal another way has made up
    for all.
    """

    name = "recovered"
    version = "1"

    def __init__(self) -> None:
        self._goal = GoalEvaluator()

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail, or unscored (`nothing_met`) where nothing went wrong.

        Kinds: `not_retried`, `not_read_again`, `not_adapted`; `not_made_up` for an error that was no fault of the
        backend's.
        """
        pairs = list(zip(case.calls(), case.observations(), strict=False))
        met = [place for place, (_, seen) in enumerate(pairs) if _is_trouble(seen)]
        if not met:
            return self.unscored(case, "nothing_met", "nothing went wrong on the way")
        told = ", ".join(f"call {place + 1} ({_named(pairs[place])})" for place in met)
        left = [place for place in met if not _made_up(pairs, place)]
        if not left or self._goal.evaluate(case).label == "pass":
            return self.passed(case, f"made up for {told}")
        place = left[0]
        fault = pairs[place][1].fault
        kind = _KINDS.get(fault.recovery, "not_made_up") if fault else "not_made_up"
        return self.failed(case, kind, f"not made up for: call {place + 1} ({_named(pairs[place])})")


def _is_trouble(seen: Observation) -> bool:
    """Tell whether something went wrong that asks for something to be done."""
    if seen.fault is not None:
        return seen.fault.recovery != "go_on"
    return seen.status != "ok"


def _made_up(pairs: Sequence[tuple[Call, Observation]], place: int) -> bool:
    call, seen = pairs[place]
    later = [other for other in pairs[place + 1 :] if other[0].tool == call.tool]
    if seen.fault is None:
        return any(again.status == "ok" for _, again in later)
    if seen.fault.recovery == "adapt":
        return any(again.status == "ok" for _, again in pairs[place + 1 :])
    same = canonical(call.arguments)
    return any(canonical(one.arguments) == same and _is_sound(again) for one, again in later)


def _is_sound(seen: Observation) -> bool:
    """Tell whether what came back can be gone on with, be it in another form."""
    return seen.status == "ok" and (seen.fault is None or seen.fault.recovery in ("go_on", "adapt"))


def _named(pair: tuple[Call, Observation]) -> str:
    call, seen = pair
    what = seen.fault.kind if seen.fault else seen.status
    return f"{call.tool}: {what.replace('_', ' ')}"
