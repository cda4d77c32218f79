"""Wishes for which there is no tool: none at all, or not yet."""

import re

from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.instructions import instruction
from toolbench.tasks.kinds import words
from toolbench.tasks.kinds.base import Base, Blueprint, Said, shaped
from toolbench.tasks.kinds.offers import DISTRACTORS, distractors, is_about, mixed
from toolbench.world.nouns import singular
from toolbench.world.resources import Operation

_FEWEST = 2
"""Tools without which an offer would give the answer away."""


class Irrelevant:
    """A wish about things that no offered tool has to do with: to be declined."""

    shapes = shaped("irrelevant", Shape((*WRITES, *READS), chain=False, idle=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish with tools for other things, of other APIs where there are any.

        Raises:
            InfeasibleError: all tools have to do with what is spoken of.
        """
        text = instruction(base.intents, base.r)
        spoken = spoken_in(text)
        pool = [one for one in base.whole.operations.values() if not is_about(one, spoken)]
        base.r.shuffle(pool)
        home = base.aims[0].tool.api
        offered = sorted(pool, key=lambda one: one.tool.api == home)[:DISTRACTORS]
        if len(offered) < _FEWEST:
            raise InfeasibleError("nothing_irrelevant")
        said = Said(text, mixed((one.tool.name for one in offered), base.r), _unable(base), "decline")
        return Blueprint((said,), apis=tuple(one.tool.api for one in offered))


class MissingTool:
    """A change for which the tool is not offered, though those that find what it takes are: to be declined."""

    shapes = shaped("missing_tool", Shape(WRITES, chain=True, idle=True), Shape(WRITES, chain=False, idle=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish without any tool that could change what is spoken of.

        Raises:
            InfeasibleError: its tool works on something that the text does not name, or no tool is left.
        """
        return Blueprint((_declined(base),))


class LateTool:
    """A change whose tool is offered in the second turn only: first to be declined, then to be made."""

    shapes = shaped("late_tool", Shape(WRITES, chain=True), Shape(WRITES, chain=False))

    def make(self, base: Base) -> Blueprint:
        """Return the wish without its tool, and a turn that brings it.

        Raises:
            InfeasibleError: as for `MissingTool`.
        """
        first = _declined(base)
        tools = mixed([*first.tools, *(one.call.tool for one in base.draft.gold)], base.r)
        second = Said(words.supplies(base.r), tools, base.answer())
        return Blueprint((first, second), base.gold(turn=1), base.facts([1]))


def spoken_in(text: str) -> set[str]:
    """Return the words of a text in lower case, as they are and in the singular."""
    found = re.findall(r"[a-z]+", text.lower())
    return {*found, *map(singular, found)}


def _declined(base: Base) -> Said:
    text = instruction(base.intents, base.r)
    spoken = spoken_in(text)
    if not is_about(base.aims[0], spoken):
        raise InfeasibleError("not_named")

    def suits(operation: Operation) -> bool:
        return operation.role in READS or not is_about(operation, spoken)

    used = [one.call.tool for one in base.draft.gold]
    reads = [name for name in used if base.landscape.operations[name].role in READS]
    offered = [*reads, *distractors(base.landscape, used, base.r, suits)]
    if len(offered) < _FEWEST:
        raise InfeasibleError("nothing_to_offer")
    return Said(text, mixed(offered, base.r), _unable(base), "decline")


def _unable(base: Base) -> str:
    return words.unable(base.intents[0], base.r)
