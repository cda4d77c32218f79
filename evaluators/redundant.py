"""No call is an exact repeat of an earlier one, with nothing changed in between."""

from collections.abc import Iterator

from evaluators._verdicts import Judge
from toolbench.model import Call, Case, Observation, Verdict, canonical

__all__ = ["RedundantEvaluator"]

_AGAIN = ("retry", "wait_and_retry", "read_again")
"""What is right to do after some faults: the same call once more."""

_PASSING = ("timeout", "rate_limited")


class RedundantEvaluator(Judge):
    """Looks for calls of the same tool with the same arguments between which nothing was changed.

    A repeat after a fault, a timeout or a limit is right, and none is one that changes something itself. The score is
    the share of calls that are no repeats.
    """

    name = "redundant"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass or fail (`repeated_call`)."""
        repeats = list(_repeats(case))
        if not repeats:
            return self.passed(case)
        told = ", ".join(f"call {place + 1} ({call.tool}) repeats call {first + 1}" for place, first, call in repeats)
        verdict = self.failed(case, "repeated_call", told)
        return verdict.model_copy(update={"score": 1 - len(repeats) / len(case.calls())})


def _repeats(case: Case) -> Iterator[tuple[int, int, Call]]:
    """Yield each repeat: its place, that of the earlier call, and the call."""
    known: dict[bytes, int] = {}
    pairs = zip(case.calls(), case.observations(), strict=False)
    for place, (call, seen) in enumerate(pairs):
        key = canonical([call.tool, call.arguments])
        changed = _changed(case, place, call)
        if key in known and not changed:
            yield place, known[key], call
        if changed:
            # What was read before may be different now.
            known.clear()
        if not _may_pass(seen):
            known.setdefault(key, place)


def _changed(case: Case, place: int, call: Call) -> bool:
    """Tell whether a call changed something; where that is not known, whether it may have."""
    if case.replay.wrote:
        return case.replay.wrote[place]
    tool = case.tools.get(call.tool)
    return tool is not None and tool.safety != "read"


def _may_pass(seen: Observation) -> bool:
    recovery = seen.fault.recovery if seen.fault else ""
    return recovery in _AGAIN or seen.status in _PASSING or (seen.http_status or 0) >= 500
