"""Conversations that go on, and turns that hold more than one wish.

The operators of Magnet (Yin et al. 2025) on wishes are these here. *Insert*, a look-up that a wish leaves implicit: all
shapes with a chain, whose recipes find each key that nobody says, nested ones by way of what they stand in. *Merge*,
wishes of two turns in one: `Merged` where one needs the other, a shape with more than one wish of any other kind where
they may be independent, `several` where they are the same. *Split*, one wish over two turns: `FollowUp`; where a turn
leaves a value or its object open, `missing_parameter` and `ambiguous`.
"""

from dataclasses import replace

from toolbench.model import GoldCall
from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.instructions import answer, instruction
from toolbench.tasks.kinds.base import Base, Blueprint, Said, in_turn, shaped
from toolbench.tasks.kinds.offers import usual

_MOST = 3
"""Wishes of a conversation, or of a turn, that build on each other."""


class KnownAnswer:
    """A question whose answer an earlier call has shown already: to be answered without another."""

    shapes = shaped("known_answer", Shape(READS, chain=True), Shape(READS, chain=False))

    def make(self, base: Base) -> Blueprint:
        """Return a question, and another about the same thing that the same observation answers.

        Raises:
            InfeasibleError: the observation shows no more that one would ask for.
        """
        intent, facts = base.intents[0], base.facts()
        if len(intent.asked) < 2:
            raise InfeasibleError("one_fact_only")
        one, more = replace(intent, asked=intent.asked[:1]), replace(intent, asked=intent.asked[1:])
        values = [fact.value for fact in facts]
        first = Said(instruction([one], base.r), usual(base), answer([one], [values[:1]], base.r))
        text = instruction([more], base.r, earlier=[intent])
        second = Said(text, first.tools, answer([more], [values[1:]], base.r), "answer")
        later = tuple(fact.model_copy(update={"turn": 1}) for fact in facts[1:])
        return Blueprint((first, second), base.gold(), (*facts[:1], *later))


class FollowUp:
    """A wish, and another that needs what came of the first; sometimes a third. Each has a turn of its own."""

    shapes = shaped(
        "follow_up",
        Shape(WRITES, chain=True, parts=2, most=_MOST, linked=True),
        Shape((*READS, *WRITES), chain=True, parts=2, most=_MOST, linked=True),
        Shape(READS, chain=True, parts=2, most=_MOST, linked=True),
        Shape((*READS, *WRITES), chain=True, parts=3, most=_MOST, linked=True),
        Shape(("create",), chain=False, parts=2, most=_MOST, linked=True),
    )

    def make(self, base: Base) -> Blueprint:
        """Return a turn for each wish.

        Raises:
            InfeasibleError: one does not need those before it, or does not speak of the same.
        """
        pieces = _building_on_each_other(base)
        intents, tools = base.intents, usual(base)
        said = tuple(
            Said(instruction([intent], base.r, earlier=intents[:place]), tools, _reply(base, place))
            for place, intent in enumerate(intents)
        )
        gold = tuple(one for place, piece in enumerate(pieces) for one in in_turn(piece, place))
        return Blueprint(said, gold, base.facts(range(len(said))))


class Merged:
    """Wishes in one turn of which each needs what one before it found or made: "create an order and then ship it"."""

    shapes = shaped(
        "merged",
        Shape(WRITES, chain=True, parts=2, most=_MOST, linked=True),
        Shape(("create",), chain=False, parts=2, most=_MOST, linked=True),
        Shape((*READS, *WRITES), chain=True, parts=2, most=_MOST, linked=True),
        Shape((*READS, *WRITES), chain=True, parts=3, most=_MOST, linked=True),
    )

    def make(self, base: Base) -> Blueprint:
        """Return all wishes in one turn.

        Raises:
            InfeasibleError: as for `FollowUp`.
        """
        _building_on_each_other(base)
        said = Said(instruction(base.intents, base.r), usual(base), base.answer())
        return Blueprint((said,), base.gold(), base.facts())


def _building_on_each_other(base: Base) -> list[list[GoldCall]]:
    """Return the calls of each wish.

    Raises:
        InfeasibleError: there is only one wish, or one does not need those before it, or does not speak of the same.
    """
    if len(base.parts) < 2:
        raise InfeasibleError("one_wish_only")
    pieces = [base.draft.gold[start:end] for start, end in zip((0, *base.ends), base.ends, strict=False)]
    made = {one.call.id for one in pieces[0]}
    for place, piece in enumerate(pieces[1:], start=1):
        if not any(made & {origin.call for origin in one.origins} for one in piece):
            raise InfeasibleError("independent")
        intent, before = base.intents[place], base.intents[:place]
        if intent.after(before) == intent and not any(mention.new for mention in intent.mentions()):
            raise InfeasibleError("unrelated")
        if intent.kind in ("delete", "remove") and any(intent.target in earlier.mentions() for earlier in before):
            raise InfeasibleError("undone_again")
        made |= {one.call.id for one in piece}
    return pieces


def _reply(base: Base, place: int) -> str:
    part = base.parts[place]
    return answer([part.intent], [[fact.value for fact in part.facts]], base.r)
