"""One turn, and everything there to do what it asks."""

from dataclasses import dataclass

from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.instructions import answer, instruction
from toolbench.tasks.kinds.base import Base, Blueprint, Said, shaped
from toolbench.tasks.kinds.offers import ALIKE, DISTRACTORS, distractors, likeness, mixed, spoken_of, usual
from toolbench.tasks.phrases import together

_MOST_ALIKE = 4
_MOST = 4
"""Wishes of a turn, where a task has to be long."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A wish as it is: a look-up or a change."""

    shapes: tuple[Shape, ...]

    def make(self, base: Base) -> Blueprint:
        """Return the wish in one turn, with the usual tools."""
        text = instruction(base.intents, base.r)
        return Blueprint((Said(text, usual(base), base.answer()),), base.gold(), base.facts())


LOOKUP = Plain(
    (
        Shape(READS, chain=True, most=_MOST),
        Shape(READS, chain=False, most=_MOST),
        Shape(READS, chain=True, most=_MOST),
        Shape(READS, chain=True, most=_MOST),
        Shape(READS, chain=True, parts=2, most=_MOST),
    )
)
CHANGE = Plain(
    (
        Shape(WRITES, chain=True, most=_MOST),
        Shape(WRITES, chain=True, most=_MOST),
        Shape(WRITES, chain=True, parts=2, most=_MOST),
        Shape(WRITES, chain=False, most=_MOST),
        Shape(WRITES, chain=True, most=_MOST),
    )
)
FAN_IN = Plain(shaped("fan_in", Shape(WRITES, chain=True, fans_in=True, most=_MOST)))
"""A change that values of two or more look-ups come together in, none of which needs another: fan-in."""


class Several:
    """The same wish about two or more things at once, whose calls do not need each other: fan-out."""

    shapes = shaped(
        "several",
        Shape(("delete", "action"), chain=True, parts=2, most=_MOST, same=True),
        Shape(("get",), chain=True, parts=2, most=_MOST, same=True),
        Shape(("create",), chain=True, parts=2, most=3, same=True),
        Shape(("update", "action"), chain=True, parts=3, most=_MOST, same=True),
        Shape(("get",), chain=True, parts=3, most=_MOST, same=True),
        Shape(("create",), chain=False, parts=2, most=3, same=True),
    )

    def make(self, base: Base) -> Blueprint:
        """Return the wish for all of them in one sentence.

        Raises:
            InfeasibleError: there is only one thing.
        """
        if len(base.parts) < 2:
            raise InfeasibleError("one_wish_only")
        wish = together(base.intents)
        reply = base.answer() if wish.asked else answer([wish], [[]], base.r)
        return Blueprint((Said(instruction([wish], base.r), usual(base), reply),), base.gold(), base.facts())


class NearDuplicateTools:
    """A wish, and beside the tool for it others that are easily taken for it."""

    shapes = shaped("near_duplicate_tools", Shape(WRITES, chain=True), Shape(READS, chain=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish with the tools most like its aim beside it.

        Raises:
            InfeasibleError: no tool is like it.
        """
        used = list(dict.fromkeys(one.call.tool for one in base.draft.gold))
        operation = base.landscape.operations[base.aim.call.tool]
        aim, spoken = operation.tool, spoken_of(operation)
        near = [one for one in base.landscape.operations.values() if one.tool.api == aim.api]
        others = [one.tool for one in near if spoken_of(one) & spoken]
        scored = {tool.name: likeness(aim, tool) for tool in others if tool.name not in used}
        alike = sorted((name for name in scored if scored[name] >= ALIKE), key=lambda name: (-scored[name], name))
        if not alike:
            raise InfeasibleError("no_tool_alike")
        more = [name for name in distractors(base.landscape, used, base.r) if name not in alike[:_MOST_ALIKE]]
        offered = [*used, *alike[:_MOST_ALIKE], *more][: len(used) + DISTRACTORS]
        said = Said(instruction(base.intents, base.r), mixed(offered, base.r), base.answer())
        return Blueprint((said,), base.gold(), base.facts())
