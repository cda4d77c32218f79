"""Each turn ends in the right decision; the path changes what it should and nothing else, and says what was asked."""

from collections.abc import Container, Sequence

from evaluators._assignment import optimal
from evaluators._decisions import decision_fault, unclosed_fault
from evaluators._turns import Stretch, stretches
from evaluators._values import ABSENT, equal, scalars, show
from evaluators._verdicts import Judge
from toolbench.model import Assertion, Case, Change, Json, Verdict
from toolbench.model.calendar import resolved
from toolbench.model.pointers import at, leaves
from toolbench.model.wording import Scalar, as_date, as_moment, mentions

__all__ = ["GoalEvaluator"]


class GoalEvaluator(Judge):
    """Compares the decisions, the net effect of a path, as re-executed, and its words with the task's goal."""

    name = "goal"
    version = "2"

    def evaluate(self, case: Case) -> Verdict:
        """Return pass, fail, or unscored.

        Kinds: `no_answer`, `gave_up`, `wrong_decision`, `acted_too_early` (changed something where the user should
        speak first), `needless_call` (the answer was known), `unfounded` (asked or declined without having looked),
        `nothing_done` (said so in a turn that asks for a change), `goal_not_reached`, `collateral_change`,
        `fact_missing`; unscored as `not_repeatable` where the calls could not be executed anew, and as `no_gold` where
        nobody has said what is right: then all that can be told is that each turn was closed in some way but giving up.
        """
        heard = stretches(case)
        known = case.task.solution == "known"
        if fault := (decision_fault if known else unclosed_fault)(case, heard):
            return self.failed(case, *fault)
        if not known:
            return self.unscored(case, "no_gold", "nobody has said what is right")
        if not case.replay.states:
            return self.unscored(case, "not_repeatable", "the calls cannot be executed anew")
        if fault := _change_fault(case) or _fact_fault(case, heard):
            return self.failed(case, *fault)
        return self.passed(case)


def _change_fault(case: Case) -> tuple[str, str] | None:
    wanted, made = case.task.goal.changes, case.replay.changes
    pairs = match(wanted, made)
    for place, assertion in enumerate(wanted):
        if place not in pairs:
            return "goal_not_reached", _missing(assertion, made)
    for place, change in enumerate(made):
        if place not in pairs.values():
            return "collateral_change", f"{_named(change)} was {change.kind}, which nobody asked for"
    sent = {value for call in case.calls() for value in scalars(call.arguments)}
    for place, partner in pairs.items():
        if extra := _extra(wanted[place], made[partner], sent):
            return "collateral_change", f"{_named(made[partner])}: {extra} was changed too, which nobody asked for"
    return None


def match(wanted: Sequence[Assertion], made: Sequence[Change]) -> dict[int, int]:
    """Return a largest one-to-one assignment of assertions to changes that satisfy them."""
    found = optimal(len(wanted), len(made), lambda one, change: satisfies(made[change], wanted[one]))
    return {one: change for one, change in enumerate(found) if change is not None}


def satisfies(change: Change, assertion: Assertion) -> bool:
    """Tell whether a change is one that an assertion asks for. Of a created entity only the place is given."""
    return _is_about(change, assertion) and not _wrong_fields(change, assertion)


def _is_about(change: Change, assertion: Assertion) -> bool:
    same_key = change.key.startswith(assertion.key) if assertion.kind == "created" else change.key == assertion.key
    return (change.resource, change.kind) == (assertion.resource, assertion.kind) and same_key


def _wrong_fields(change: Change, assertion: Assertion) -> list[str]:
    return [
        f"{pointer} is {show(at(change.after, pointer, ABSENT))}, not {show(value)}"
        for pointer, value in assertion.fields.items()
        if not equal(at(change.after, pointer, ABSENT), value)
    ]


def _missing(assertion: Assertion, made: Sequence[Change]) -> str:
    target = f"{assertion.resource} {assertion.key}".rstrip()
    near = [fault for change in made if _is_about(change, assertion) for fault in _wrong_fields(change, assertion)]
    return f"{target} should have been {assertion.kind}" + (f": {near[0]}" if near else "")


def _extra(assertion: Assertion, change: Change, sent: Container[Scalar]) -> str | None:
    """Return the pointer to a leaf of an updated entity that changed without being asked for, or None.

    An assertion without fields asks for the update as such, whatever it changes. Times that no call has `sent` are the
    server's own. What is no longer there does not count: an assertion cannot ask for its absence, and a call that
    replaces an entity drops whatever it does not name.
    """
    if change.kind != "updated" or not assertion.fields:
        return None
    for place, now in leaves(change.after):
        asked = any(place == pointer or place.startswith(f"{pointer}/") for pointer in assertion.fields)
        own = _is_time(now) and now not in sent
        if not asked and not own and not equal(at(change.before, place, ABSENT), now):
            return place
    return None


def _is_time(value: Json) -> bool:
    return isinstance(value, str) and (as_moment(value) or as_date(value)) is not None


def _fact_fault(case: Case, heard: Sequence[Stretch]) -> tuple[str, str] | None:
    said = [resolved(one.closing.text, case.task.today) if one.closing else "" for one in heard]
    missing = [fact for fact in case.task.goal.facts if not mentions(said[fact.turn], fact.value)]
    if not missing:
        return None
    return "fact_missing", "not said: " + "; ".join(f"{fact.label} ({show(fact.value)})" for fact in missing)


def _named(change: Change) -> str:
    return f"{change.resource} {change.key}".rstrip()
