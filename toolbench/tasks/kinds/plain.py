"""One turn, and everything there to do what it asks."""

from dataclasses import dataclass

from toolbench.tasks.choosing import READS, Shape
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.instructions import instruction
from toolbench.tasks.kinds.base import Base, Blueprint, Said, shaped
from toolbench.tasks.kinds.offers import DISTRACTORS, distractors, likeness, mixed, usual

_ALIKE = 1 / 3
"""Likeness from which tools are easily confused."""
_MOST_ALIKE = 4


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
        Shape(READS, chain=True),
        Shape(READS, chain=False),
        Shape(READS, chain=True),
        Shape(READS, chain=True),
        Shape(READS, chain=True, parts=2),
    )
)
CHANGE = Plain(
    (
        Shape(WRITES, chain=True),
        Shape(WRITES, chain=True),
        Shape(WRITES, chain=True, parts=2),
        Shape(WRITES, chain=False),
        Shape(WRITES, chain=True),
    )
)


class NearDuplicateTools:
    """A wish, and beside the tool for it others that are easily taken for it."""

    shapes = shaped("near_duplicate_tools", Shape(WRITES, chain=True), Shape(READS, chain=True))

    def make(self, base: Base) -> Blueprint:
        """Return the wish with the tools most like its aim beside it.

        Raises:
            InfeasibleError: no tool is like it.
        """
        used = list(dict.fromkeys(one.call.tool for one in base.draft.gold))
        aim = base.landscape.operations[base.aim.call.tool].tool
        others = [one.tool for one in base.landscape.operations.values() if one.tool.api == aim.api]
        scored = {tool.name: likeness(aim, tool) for tool in others if tool.name not in used}
        alike = sorted((name for name in scored if scored[name] >= _ALIKE), key=lambda name: (-scored[name], name))
        if not alike:
            raise InfeasibleError("no_tool_alike")
        more = [name for name in distractors(base.landscape, used, base.r) if name not in alike[:_MOST_ALIKE]]
        offered = [*used, *alike[:_MOST_ALIKE], *more][: len(used) + DISTRACTORS]
        said = Said(instruction(base.intents, base.r), mixed(offered, base.r), base.answer())
        return Blueprint((said,), base.gold(), base.facts())
