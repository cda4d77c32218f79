"""Conversations that go on: what was found is asked about again, or worked with."""

from dataclasses import replace

from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.instructions import answer, instruction
from toolbench.tasks.kinds.base import Base, Blueprint, Said, in_turn, shaped
from toolbench.tasks.kinds.offers import usual


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
    """A wish, and another that needs what came of the first."""

    shapes = shaped(
        "follow_up",
        Shape(WRITES, chain=True, parts=2),
        Shape((*READS, *WRITES), chain=True, parts=2),
        Shape(READS, chain=True, parts=2),
    )

    def make(self, base: Base) -> Blueprint:
        """Return two turns, one for each wish.

        Raises:
            InfeasibleError: the second does not need the first, or does not speak of the same.
        """
        if len(base.parts) != 2:
            raise InfeasibleError("one_wish_only")
        gold = base.draft.gold
        before, after = gold[: base.ends[0]], gold[base.ends[0] :]
        made = {one.call.id for one in before}
        if not any(made & {origin.call for origin in one.origins} for one in after):
            raise InfeasibleError("independent")
        one, two = base.intents
        if two.after([one]) == two:
            raise InfeasibleError("unrelated")
        first = Said(instruction([one], base.r), usual(base), _reply(base, 0))
        second = Said(instruction([two], base.r, earlier=[one]), first.tools, _reply(base, 1))
        return Blueprint((first, second), (*in_turn(before, 0), *in_turn(after, 1)), base.facts([0, 1]))


def _reply(base: Base, place: int) -> str:
    part = base.parts[place]
    return answer([part.intent], [[fact.value for fact in part.facts]], base.r)
