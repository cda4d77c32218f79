"""Changes that the user wants to confirm, thinks better of, or takes back."""

from dataclasses import replace

from toolbench.tasks.choosing import Shape
from toolbench.tasks.draft import InfeasibleError
from toolbench.tasks.instructions import answer, instruction
from toolbench.tasks.kinds import words
from toolbench.tasks.kinds.again import other_value, place_of, rerun, template
from toolbench.tasks.kinds.base import Base, Blueprint, Said, in_turn, shaped
from toolbench.tasks.kinds.offers import usual
from toolbench.tasks.phrases import Detail, Intent

_AGREES = 0.7
"""How often the user agrees to what is proposed."""


class Confirm:
    """Something is to go away, or to be done for good, and the user wants to be asked first. Then it is yes, or no."""

    shapes = shaped("confirm", Shape(("delete",), chain=True), Shape(("delete", "action"), chain=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish that asks for a confirmation, and the user's yes or no."""
        first = _with_check(base)
        if base.r.random() >= _AGREES:
            return Blueprint((first, Said(words.refused(base.r), first.tools, words.left(base.r), "answer")))
        second = Said(words.agreed(base.r), first.tools, base.answer())
        return Blueprint((first, second), base.gold(turn=1), base.facts([1]))


class ChangeOfMind:
    """A change that the user wants to confirm, and then wants otherwise, before it was made."""

    shapes = shaped("change_of_mind", Shape(("update", "replace"), chain=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish that asks for a confirmation, and the user's yes to another value.

        Raises:
            InfeasibleError: no other value can be said.
        """
        first = _with_check(base)
        old, new, pointer = _revised(base)
        draft = rerun(base, base.draft.gold, {base.aim.call.id: {pointer: new.value}})
        intent = _with(base.intents[0], old, new)
        second = Said(words.otherwise(new, base.r), first.tools, answer([intent], [[]], base.r))
        return Blueprint((first, second), in_turn(draft.gold, 1))


class Correction:
    """A change that the user corrects after it was made."""

    shapes = shaped("correction", Shape(("update", "replace"), chain=True), Shape(("update", "replace"), chain=False))

    def make(self, base: Base) -> Blueprint:
        """Return the wish, and a turn that wants another value.

        Raises:
            InfeasibleError: no other value can be said.
        """
        text, reply = instruction(base.intents, base.r), base.answer()
        old, new, pointer = _revised(base)
        aim, count = base.aim, len(base.draft.gold)
        first = Said(text, usual(base), reply)
        base.draft.call(aim.call.tool, template(aim, {pointer: new.value}))
        gold = base.draft.gold
        intent = _with(base.intents[0], old, new)
        second = Said(words.wrong(new, base.r), first.tools, answer([intent], [[]], base.r))
        turns = (*in_turn(gold[:count], 0), *in_turn(gold[count:], 1))
        return Blueprint((first, second), turns, undone=frozenset((aim.call.id,)))


def _with_check(base: Base) -> Said:
    text = instruction(base.intents, base.r, condition=words.check_first(base.r))
    return Said(text, usual(base), words.proposed(base.intents[0], base.r), "confirm")


def _revised(base: Base) -> tuple[Detail, Detail, str]:
    """Return a detail of a change, the same with another value, and where in the aim's arguments it stands."""
    intent = base.intents[0]
    if intent.kind != "update":
        raise InfeasibleError("no_update")
    detail = base.r.choice(intent.details)
    pointer = place_of(base, detail)
    return detail, Detail(detail.label, other_value(base, pointer, detail.value)), pointer


def _with(intent: Intent, old: Detail, new: Detail) -> Intent:
    return replace(intent, details=tuple(new if one is old else one for one in intent.details))
