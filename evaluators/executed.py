"""What the path records is what its calls give when they are executed anew."""

from collections.abc import Iterator

from evaluators._values import ABSENT, difference, show
from evaluators._verdicts import Judge
from toolbench.model import Case, Json, Node, Observation, Verdict
from toolbench.model.pointers import at

__all__ = ["ExecutedEvaluator"]


class ExecutedEvaluator(Judge):
    """Compares a path with its re-execution: every observation, and the state after every step.

    It catches edited observations, changed arguments and dropped, added or reordered calls; the virtual time gives
    those away that leave the state as it is.
    """

    name = "executed"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail (`observation_missing`, `observation_differs`, `state_differs`), or unscored (live)."""
        if not case.replay.states:
            return self.unscored(case, "not_repeatable", "the calls cannot be executed anew")
        for kind, reason in _faults(case):
            return self.failed(case, kind, reason)
        return self.passed(case)


def _faults(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what differs, in the order of the path."""
    done = 0
    for node in case.path:
        yield from _unpaired(node, done)
        step = node.step
        for seen, call in zip(step.observations, step.calls, strict=True) if step else ():
            done += 1
            anew = case.replay.observations[done - 1]
            if what := _differs(seen, anew):
                yield "observation_differs", f"call {done} ({call.tool}): {what}"
        if node.state != case.replay.states[done]:
            after = f"after call {done}" if done else "at the start"
            yield "state_differs", f"the state {after} is not the one recorded at node {node.id}"


def _unpaired(node: Node, done: int) -> Iterator[tuple[str, str]]:
    calls = [call.id for call in node.step.calls] if node.step else []
    answered = [seen.call for seen in node.step.observations] if node.step else []
    if calls != answered:
        where = f"node {node.id}, after call {done}"
        yield "observation_missing", f"{where}: calls {', '.join(calls)}, yet observations of {', '.join(answered)}"


def _differs(seen: Observation, anew: Observation) -> str:
    if seen.status != anew.status:
        return f"recorded as {seen.status}, executed anew it is {anew.status}{_why(anew)}"
    if seen.http_status != anew.http_status:
        return f"recorded with HTTP status {seen.http_status}, executed anew {anew.http_status}"
    place = difference(seen.body, anew.body)
    if place is not None:
        was, now = (show(at(body, place, ABSENT)) for body in (seen.body, anew.body))
        return f"the body differs at {place or 'its root'}: recorded {was}, executed anew {now}"
    if seen.time != anew.time:
        return f"recorded at virtual second {seen.time:g}, executed anew at {anew.time:g}"
    return ""


def _why(anew: Observation) -> str:
    """Return why a call was not executed anew, where that is said."""
    message: Json = at(anew.body, "/error/message", None)
    return f": {message}" if anew.status == "refused" and isinstance(message, str) else ""
