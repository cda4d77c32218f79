"""After every turn the state is as the known solution leaves it, and what that has learned by then was seen."""

from collections.abc import Iterator, Sequence
from functools import partial

from evaluators._assignment import optimal
from evaluators._values import equal, scalars, show
from evaluators._verdicts import Judge
from toolbench.model import Call, Case, Change, Json, Replayer, Verdict
from toolbench.model.refusals import replayed

__all__ = ["TurnsEvaluator"]


class TurnsEvaluator(Judge):
    """Compares a conversation turn by turn, by state and response, after BFCL's multi-turn categories.

    `goal` looks at the end, and lets a detour be; this does not. As what a server makes of itself is never the same,
    entities are compared without it; and of the solution's responses only what its later arguments and its answers take
    from them must have been seen, in whatever response.
    """

    name = "turns"
    version = "1"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail, or unscored.

        Kinds: `turns_missing`, `state_differs`, `response_missing`; unscored as `one_turn` where there is but one, as
        `no_gold` where nobody has said what is right, and as `not_repeatable` where calls cannot be executed anew.
        """
        if len(case.task.turns) < 2:
            return self.unscored(case, "one_turn", "there is only one turn")
        if case.task.solution != "known":
            return self.unscored(case, "no_gold", "nobody has said what is right")
        if case.replayer is None or not case.replay.states:
            return self.unscored(case, "not_repeatable", "the calls cannot be executed anew")
        ends = list(_ends(case))
        for turn, end in enumerate(ends):
            if fault := _state_fault(case, turn, end, case.replayer) or _response_fault(case, turn, end):
                return self.failed(case, *fault)
        if len(ends) < len(case.task.turns):
            return self.failed(case, "turns_missing", f"{len(ends)} of {len(case.task.turns)} turns were heard")
        return self.passed(case)


def _ends(case: Case) -> Iterator[int]:
    """Yield for each turn that was heard where in the path the answer to it ends."""
    for place, node in enumerate(case.path):
        if node.step and node.step.kind == "user":
            yield place
    yield len(case.path)


def _state_fault(case: Case, turn: int, end: int, replayer: Replayer) -> tuple[str, str] | None:
    wanted = replayer.replay(case.task, _solution(case, turn)).changes
    made = replayed(case.path[:end], partial(replayer.replay, case.task)).changes
    pairs = optimal(len(wanted), len(made), lambda one, other: _same(wanted[one], made[other]))
    if None in pairs:
        lost = wanted[pairs.index(None)]
        return "state_differs", f"after turn {turn + 1} {lost.resource} {lost.key} is not {lost.kind} as it should be"
    if len(made) > len(wanted):
        extra = next(made[place] for place in range(len(made)) if place not in pairs)
        return "state_differs", f"after turn {turn + 1} {extra.resource} {extra.key} is {extra.kind} besides"
    return None


def _same(wanted: Change, made: Change) -> bool:
    """Tell whether two changes are the same; a created entity's own key, the server's, does not count."""
    kinds = (wanted.resource, wanted.kind) == (made.resource, made.kind)
    keys = wanted.kind == "created" or wanted.key == made.key
    return kinds and keys and equal(wanted.after, made.after)


def _solution(case: Case, turn: int) -> Sequence[Call]:
    return [one.call for one in case.task.gold if one.turn <= turn]


def _response_fault(case: Case, turn: int, end: int) -> tuple[str, str] | None:
    steps = [node.step for node in case.path[:end] if node.step]
    seen = {value for step in steps for one in step.observations for value in scalars(one.body)}
    missing = [value for value in _learned(case, turn) if value not in seen]
    return ("response_missing", f"by turn {turn + 1} no response held {show(missing[0])}") if missing else None


def _learned(case: Case, turn: int) -> Iterator[Json]:
    """Yield what the solution takes from its responses up to a turn, but for those of what it has changed itself."""
    tools = {one.call.id: case.tools.get(one.call.tool) for one in case.task.gold}
    reads = {call for call, tool in tools.items() if tool is not None and tool.safety == "read"}
    for one in (one for one in case.task.gold if one.turn <= turn):
        yield from one.values("observed") if all(origin.call in reads for origin in one.origins if origin.call) else ()
    yield from (fact.value for fact in case.task.goal.facts if fact.turn <= turn and fact.call in reads)
