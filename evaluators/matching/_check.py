"""All calls of an answer held against all accepted ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluators.matching._assignment import greedy, in_order, optimal
from evaluators.matching._fault import Fault, Kind, NamedCall
from evaluators.matching._gold import gold_fault
from evaluators.matching._one import call_fault
from evaluators.matching._rules import BFCL, Rules
from toolbench.model import AcceptedCall, JsonObject

_CLOSENESS: tuple[Kind, ...] = (
    "wrong_function",
    "missing_argument",
    "unexpected_argument",
    "wrong_type",
    "wrong_value",
    "left_out",
)
"""Faults, the worst first: of several calls the one that comes closest is told of."""


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """What an answer's calls are worth."""

    kind: Kind
    """`right`, what is wrong, or that nobody can tell because the gold contradicts its own document."""
    reason: str = ""
    """Why, in one sentence; empty where it is right."""
    place: str = ""
    """JSON pointer to the place at fault, among the calls as a list of objects with `name` and `arguments`."""
    gold_fault: str = ""
    """Where the accepted calls contradict the functions' documents; empty where they do not. By the rules as published
    the verdict stands in spite of it."""

    @property
    def valid(self) -> bool:
        """Whether the calls are right."""
        return self.kind == "right"

    @property
    def scored(self) -> bool:
        """Whether the verdict says anything of the model."""
        return self.kind != "gold_contradicts_document"


def check_calls(
    functions: Sequence[JsonObject],
    calls: Sequence[NamedCall],
    accepted: Sequence[AcceptedCall] | None,
    *,
    rules: Rules = BFCL,
) -> CallVerdict:
    """Return whether calls are the accepted ones.

    Args:
        functions: descriptions of the functions offered: `name`, and `parameters` as JSON Schema or in BFCL's types.
        calls: the calls made.
        accepted: the accepted calls, each to be made once; empty: no call is right; None: some call is, whichever.
        rules: what counts as the same.
    """
    if accepted is None or not accepted:
        return _by_number(calls, needed=accepted is None)
    documents = {str(one.get("name")): one for one in reversed(functions)}
    contradiction = gold_fault(accepted, documents)
    if contradiction and not rules.as_published:
        return CallVerdict("gold_contradicts_document", contradiction, gold_fault=contradiction)
    if len(calls) != len(accepted):
        kind: Kind = "wrong_count" if calls else "no_call"
        reason = f"{len(calls)} calls are made, {len(accepted)} are right"
        return CallVerdict(kind, reason, gold_fault=contradiction)
    faults = [[call_fault(call, one, documents.get(one.name, {}), rules) for call in calls] for one in accepted]
    assign = in_order if not rules.order_free else greedy if rules.as_published else optimal
    found = assign(len(accepted), len(calls), lambda wanted, made: faults[wanted][made] is None)
    if None not in found:
        return CallVerdict("right", gold_fault=contradiction)
    lost = found.index(None)
    free = [made for made in range(len(calls)) if made not in found] if rules.order_free else [lost]
    closest = _closest(faults[lost], free)
    return CallVerdict(closest.kind, closest.reason, closest.place, contradiction)


def _by_number(calls: Sequence[NamedCall], *, needed: bool) -> CallVerdict:
    if needed == bool(calls):
        return CallVerdict("right")
    if needed:
        return CallVerdict("no_call", "a call is right, none is made")
    return CallVerdict("needless_call", f"no call is right, {calls[0].name} is called", "/0")


def _closest(faults: Sequence[Fault | None], places: Sequence[int]) -> Fault:
    """Return the least bad of the faults at some places, seen from all of the calls."""
    there = ((place, faults[place]) for place in places)
    told = [fault.within(place) for place, fault in there if fault is not None]
    return max(told, key=lambda fault: _CLOSENESS.index(fault.kind))
