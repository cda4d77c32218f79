"""No call can be left out: without it the goal would be missed, or something said or sent would come from nowhere."""

from evaluators._claims import claims
from evaluators._knowledge import knowledge
from evaluators._loose import loose
from evaluators._variants import without
from evaluators._verdicts import Judge
from evaluators.goal import GoalEvaluator
from evaluators.provenance import trace
from toolbench.model import Call, Case, Observation, Verdict, canonical

__all__ = ["MinimalEvaluator"]


class MinimalEvaluator(Judge):
    """Leaves out each call that worked, executes the others anew, and looks whether anything is missed.

    A call is needless if it is none of the known solution's, and the path without it still reaches its goal and says
    and sends nothing more that cannot be traced. Calls that failed are recoveries, and those that the backend's faults
    spoiled are not the path's to blame: neither is needless. The score is the share of calls that are needed.
    """

    name = "minimal"
    version = "1"

    def __init__(self) -> None:
        self._goal = GoalEvaluator()

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail (`needless_call`), or unscored.

        Unscored are paths that cannot be executed anew (`not_repeatable`), and those that miss their goal as they are
        (`goal_missed`): of these nobody can say what they need.
        """
        replayer = case.replayer
        if replayer is None or not case.replay.states:
            return self.unscored(case, "not_repeatable", "the calls cannot be executed anew")
        if self._goal.evaluate(case).label != "pass":
            return self.unscored(case, "goal_missed", "the path does not reach its goal as it is")
        loose_before = _loose_ends(case)
        pairs = list(zip(case.calls(), case.observations(), strict=False))
        gold = {_key(one.call) for one in case.task.gold}
        needless = [
            f"call {place + 1} ({call.tool})"
            for place, (call, seen) in enumerate(pairs)
            if _is_sound(seen)
            and not (_key(call) in gold and _is_only(pairs, place))
            and self._is_spared(without(case, place, replayer), loose_before)
        ]
        if not needless:
            return self.passed(case)
        verdict = self.failed(case, "needless_call", f"could be left out: {', '.join(needless)}")
        return verdict.model_copy(update={"score": 1 - len(needless) / len(pairs)})

    def _is_spared(self, case: Case, loose_before: frozenset[str]) -> bool:
        return self._goal.evaluate(case).label == "pass" and _loose_ends(case) <= loose_before


def _is_sound(seen: Observation) -> bool:
    return seen.status == "ok" and (seen.fault is None or seen.fault.recovery == "go_on")


def _is_only(pairs: list[tuple[Call, Observation]], place: int) -> bool:
    """Tell whether no other call did the same soundly."""
    same = _key(pairs[place][0])
    return not any(at != place and _key(call) == same and _is_sound(seen) for at, (call, seen) in enumerate(pairs))


def _key(call: Call) -> bytes:
    return canonical([call.tool, call.arguments])


def _loose_ends(case: Case) -> frozenset[str]:
    """Return what of a path's arguments and last words cannot be traced."""
    step = case.path[-1].step
    said = loose(claims(step.text), knowledge(case)) if step else ()
    sent = (f"{one.call} {one.pointer}" for one in trace(case) if one.source == "untraceable")
    return frozenset((*said, *sent))
