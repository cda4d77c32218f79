"""Whether each of the user's turns is answered rightly: by a call, a question, a refusal, or what is known."""

from collections.abc import Sequence

from evaluators._turns import Stretch
from toolbench.model import Case
from toolbench.model.task import Decision
from toolbench.model.trace import StepKind

ENDINGS: dict[Decision, StepKind] = {
    "call": "finish",
    "answer": "finish",
    "ask": "ask",
    "decline": "decline",
    "confirm": "confirm",
}
"""The step that each decision ends in."""

DECISIONS: dict[StepKind, Decision] = {step: decision for decision, step in ENDINGS.items()}
"""A decision that each step ends, where nobody has said which is right."""


def decision_fault(case: Case, heard: Sequence[Stretch]) -> tuple[str, str] | None:
    """Return what is wrong with the first turn that was not answered as it should be."""
    for turn, (wanted, stretch) in enumerate(zip(case.task.decisions, heard, strict=False)):
        where = f" in turn {turn + 1}" if len(case.task.turns) > 1 else ""
        if fault := _closing_fault(wanted, stretch, where) or _conduct_fault(case, turn, wanted, stretch):
            return fault
    return _unheard_fault(case, heard)


def unclosed_fault(case: Case, heard: Sequence[Stretch]) -> tuple[str, str] | None:
    """Return what is wrong with the first turn that was not answered at all."""
    for turn, stretch in enumerate(heard):
        where = f" in turn {turn + 1}" if len(case.task.turns) > 1 else ""
        taken = DECISIONS.get(stretch.closing.kind, "call") if stretch.closing else "call"
        if fault := _closing_fault(taken, stretch, where):
            return fault
    return _unheard_fault(case, heard)


def _unheard_fault(case: Case, heard: Sequence[Stretch]) -> tuple[str, str] | None:
    if len(heard) < len(case.task.turns):
        return "no_answer", f"the path ends after turn {len(heard)} of {len(case.task.turns)}"
    return None


def _closing_fault(decision: Decision, stretch: Stretch, where: str) -> tuple[str, str] | None:
    step, wanted = stretch.closing, ENDINGS[decision]
    if step is None or step.kind not in {*ENDINGS.values(), "give_up"}:
        return "no_answer", f"the path ends without a {wanted}{where}"
    if step.kind == "give_up":
        return "gave_up", "the path ends in giving up"
    if step.kind != wanted:
        return "wrong_decision", f"the path ends in {step.kind}{where}, where {wanted} is right"
    return None if step.text.strip() else ("no_answer", f"the last words are empty{where}")


def _conduct_fault(case: Case, turn: int, decision: Decision, stretch: Stretch) -> tuple[str, str] | None:
    """Return what was done, or left undone, before a turn was closed as it should be."""
    place = f"turn {turn + 1}"
    early = next((deed.call.tool for deed in stretch.deeds if deed.wrote), "")
    if decision != "call" and early:
        return "acted_too_early", f"{early} changed something in {place}, where {decision} is right"
    if decision == "answer" and stretch.deeds:
        return "needless_call", f"{stretch.deeds[0].call.tool} was called in {place}, though the answer was known"
    due = [gold.call.tool for gold in case.task.gold if gold.turn == turn]
    worked = [deed.call.tool for deed in stretch.deeds if deed.worked]
    if decision in ("ask", "decline") and due and not worked and not _writing(case, due):
        return "unfounded", f"{place} is closed with {decision} before anything was looked up"
    followed = turn < len(case.task.turns) - 1
    if decision == "call" and followed and _writing(case, due) and not _writing(case, worked):
        return "nothing_done", f"{place} asks for a change, and none was made"
    return None


def _writing(case: Case, tools: Sequence[str]) -> bool:
    """Tell whether any of these tools does more than read."""
    return any(case.tools[name].safety != "read" for name in tools if name in case.tools)
