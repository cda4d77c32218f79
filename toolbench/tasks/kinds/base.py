"""What a kind of task works on, and what it makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from toolbench.model import Assertion, Change, Fact, GoldCall
from toolbench.model.task import Decision
from toolbench.tasks.choosing import Shape
from toolbench.tasks.draft import WRITES, Draft
from toolbench.tasks.goals import assertions, is_testable
from toolbench.tasks.instructions import answer
from toolbench.tasks.phrases import Intent, Part
from toolbench.world.resources import Operation
from toolbench.world.world import Landscape


@dataclass(frozen=True, slots=True)
class Base:
    """A wish, or several, brought about in a world: what the kinds start from."""

    draft: Draft
    parts: tuple[Part, ...]
    ends: tuple[int, ...]
    """For each part, how many calls were made up to its end; a part's last call is its aim."""
    aims: tuple[Operation, ...]
    """For each part, the operation that it is about."""
    whole: Landscape
    """All APIs of the run; the world may hold fewer."""
    r: Random
    """Decides how it is put."""

    @property
    def landscape(self) -> Landscape:
        """The APIs of the world."""
        return self.draft.world.landscape

    @property
    def intents(self) -> list[Intent]:
        """What is wanted, one after the other."""
        return [part.intent for part in self.parts]

    @property
    def aim(self) -> GoldCall:
        """The last call: what the last wish comes down to."""
        return self.draft.gold[-1]

    def facts(self, turns: Sequence[int] | None = None) -> tuple[Fact, ...]:
        """Return the facts to be told; each part's in the turn given for it, else in the first."""
        places = turns or [0] * len(self.parts)
        pairs = zip(self.parts, places, strict=True)
        return tuple(fact.model_copy(update={"turn": turn}) for part, turn in pairs for fact in part.facts)

    def gold(self, turn: int = 0) -> tuple[GoldCall, ...]:
        """Return the calls, all made in a turn."""
        return in_turn(self.draft.gold, turn)

    def answer(self) -> str:
        """Return a right answer to all that is wanted."""
        return answer(self.intents, [[fact.value for fact in part.facts] for part in self.parts], self.r)

    def wrote(self) -> bool:
        """Tell whether any call changes something."""
        return any(self.landscape.operations[gold.call.tool].role in WRITES for gold in self.draft.gold)


@dataclass(frozen=True, slots=True)
class Said:
    """A user's turn in the making, and what is right to do then."""

    text: str
    tools: tuple[str, ...]
    """Names of the tools offered from then on."""
    reply: str
    """What is right to say in the end."""
    decision: Decision = "call"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A task in the making: turns, and the calls and facts that answer them."""

    turns: tuple[Said, ...]
    gold: tuple[GoldCall, ...] = ()
    facts: tuple[Fact, ...] = ()
    undone: frozenset[str] = frozenset()
    """Ids of calls whose values a later call replaces; the goal does not ask for them."""
    apis: tuple[str, ...] = ()
    """Further APIs whose tools are offered."""
    faults: str = "none"
    """Profile of the faults that the backend shows."""

    def lasting(self) -> list[GoldCall]:
        """Return the calls whose values are there in the end."""
        return [gold for gold in self.gold if gold.call.id not in self.undone]

    def goal(self, landscape: Landscape, changes: Sequence[Change]) -> tuple[Assertion, ...]:
        """Return what must have changed."""
        return assertions(landscape, self.lasting(), changes)

    def is_testable(self, landscape: Landscape, changes: Sequence[Change]) -> bool:
        """Tell whether the goal would see a wrong value."""
        return is_testable(landscape, self.lasting(), changes, self.goal(landscape, changes))


class Kind(Protocol):
    """Makes tasks of one kind."""

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What it starts from, in turn."""
        ...

    def make(self, base: Base) -> Blueprint:
        """Return the blueprint of a task.

        Raises:
            toolbench.tasks.draft.InfeasibleError: this start gives no such task.
        """
        ...


def in_turn(gold: Sequence[GoldCall], turn: int) -> tuple[GoldCall, ...]:
    """Return calls as made in a turn."""
    return tuple(one.model_copy(update={"turn": turn}) for one in gold)


def shaped(kind: str, *shapes: Shape) -> tuple[Shape, ...]:
    """Return shapes marked as a kind's: what gives no task of one kind may give one of another."""
    return tuple(replace(shape, kind=kind) for shape in shapes)
