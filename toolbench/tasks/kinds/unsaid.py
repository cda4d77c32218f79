"""Wishes that leave open what only the user can say: a value, or which of several things is meant."""

from dataclasses import replace

from toolbench.model import Json, is_array
from toolbench.model.pointers import at
from toolbench.model.wording import mentions
from toolbench.tasks.choosing import Shape
from toolbench.tasks.draft import InfeasibleError
from toolbench.tasks.instructions import instruction
from toolbench.tasks.kinds import words
from toolbench.tasks.kinds.again import is_required, place_of
from toolbench.tasks.kinds.base import Base, Blueprint, Said, in_turn, shaped
from toolbench.tasks.kinds.offers import usual
from toolbench.tasks.kinds.sought import Sought, sought
from toolbench.tasks.naming import Trait, is_naming, traits
from toolbench.tasks.phrases import Detail, Intent, Mention


class MissingParameter:
    """A change without a value that it takes: to be asked for; the second turn says it."""

    shapes = shaped(
        "missing_parameter",
        Shape(("create",), chain=False),
        Shape(("update", "replace"), chain=True),
        Shape(("create", "action"), chain=True),
    )

    def make(self, base: Base) -> Blueprint:
        """Return the wish without a value, and a turn that supplies it.

        Raises:
            InfeasibleError: there is no value that the call cannot do without.
        """
        intent = base.intents[0]
        detail = _needed(base, intent)
        rest = replace(intent, details=tuple(one for one in intent.details if one is not detail))
        text = words.bare_change(intent, base.r) if intent.kind == "update" else instruction([rest], base.r)
        if mentions(text, detail.value):
            raise InfeasibleError("said_already")
        first = Said(text, usual(base), words.asked_for(detail, base.r), "ask")
        second = Said(words.supplied(detail, base.r), first.tools, base.answer())
        return Blueprint((first, second), base.gold(turn=1), base.facts([1]))


def _needed(base: Base, intent: Intent) -> Detail:
    """Return a detail without which the call cannot be made; for an update the only one: it would change nothing."""
    if intent.kind == "update" and len(intent.details) != 1:
        raise InfeasibleError("more_to_change")
    for detail in base.r.sample(intent.details, k=len(intent.details)):
        try:
            pointer = place_of(base, detail)
        except InfeasibleError:
            continue
        if intent.kind == "update" or is_required(base, pointer):
            return detail
    raise InfeasibleError("nothing_required")


class Ambiguous:
    """A wish about something that two or more things fit: to be looked up, then asked; the second turn tells which."""

    shapes = shaped(
        "ambiguous", Shape(("update", "delete", "action", "replace"), chain=True), Shape(("get",), chain=True)
    )

    def make(self, base: Base) -> Blueprint:
        """Return the wish with a vague name for its object, and a turn that names it.

        Raises:
            InfeasibleError: nothing else in the list that shows it can be called the same.
        """
        intent = base.intents[0]
        found = sought(base)
        if any(mention in (intent.target, intent.target.outer) for mention in _referred(intent)):
            raise InfeasibleError("named_elsewhere")
        vague = _vague(base, found, intent.target)
        text = instruction([replace(intent, target=vague)], base.r)
        first = Said(text, usual(base), words.which(vague, base.r), "ask")
        exact = Mention(intent.target.noun, intent.target.traits)
        second = Said(words.meant(exact, base.r), first.tools, base.answer())
        ids = [one.call.id for one in found.calls]
        looked = [one for one in base.draft.gold if one.call.id in ids]
        rest = [one for one in base.draft.gold if one.call.id not in ids]
        return Blueprint((first, second), (*in_turn(looked, 0), *in_turn(rest, 1)), base.facts([1]))


def _referred(intent: Intent) -> list[Mention]:
    return [inner for detail in intent.details if isinstance(detail.value, Mention) for inner in detail.value.within()]


def _vague(base: Base, found: Sought, target: Mention) -> Mention:
    """Return a name for an item of a list that others in it bear too."""
    body = next(seen.body for seen in base.draft.observations if seen.call == found.listing.call.id)
    others = [item for item in _list(body, found.list_at) if item != found.item]
    said = [trait for trait in traits(found.item) if not is_naming(trait) and _fits_other(trait, others)]
    if said and (target.outer is None or base.r.random() < 0.5):
        return Mention(target.noun, (base.r.choice(said[:3]),), target.outer)
    if target.outer is None or not others:
        raise InfeasibleError("not_ambiguous")
    return Mention(target.noun, (), target.outer)


def _fits_other(trait: Trait, others: list[Json]) -> bool:
    """Tell whether another item has the same there, and the value is a word, not one of many numbers."""
    worded = isinstance(trait.value, str) and len(trait.value) > 2
    return worded and any(at(item, trait.pointer) == trait.value for item in others)


def _list(body: Json, pointer: str) -> list[Json]:
    held = at(body, pointer)
    return held if is_array(held) else []
