"""A task in the making: calls executed one by one in a world, with the origin of every argument known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from toolbench.model import Call, GoldCall, Json, Observation, Origin, Replay
from toolbench.model.pointers import escape, leaves
from toolbench.model.task import OriginKind
from toolbench.tasks.fixed import is_once, only_value, set_apart
from toolbench.world.replay import observe
from toolbench.world.resources import Role
from toolbench.world.rng import rng
from toolbench.world.state import WorldState
from toolbench.world.world import World

WRITES: tuple[Role, ...] = ("create", "update", "replace", "delete", "action")
"""Roles of operations that change the state."""


class InfeasibleError(Exception):
    """This candidate cannot become a task; the argument is the reason, for counting."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A value together with where it comes from."""

    value: Json
    kind: OriginKind
    """`user`, `default` or `observed`."""
    call: str = ""
    """For `observed`: id of the call whose observation holds it."""
    source: str = ""
    """For `observed`: JSON pointer into that observation's body."""


Template: TypeAlias = "Bound | Mapping[str, Template] | list[Template]"
"""Arguments in the making: JSON whose leaves are bound values."""


@dataclass
class Draft:
    """Executes calls and keeps what a gold needs."""

    world: World
    state: WorldState = field(default_factory=WorldState)
    gold: list[GoldCall] = field(default_factory=list[GoldCall])
    observations: list[Observation] = field(default_factory=list[Observation])
    states: list[str] = field(default_factory=list[str])
    """Digest of the state after each call."""
    confidence: float = 1.0
    """Lowest confidence among the operations used."""

    def call(self, tool: str, arguments: Mapping[str, Template]) -> tuple[str, Json]:
        """Execute a call, once where it only reads; return its id and the body of its answer.

        Raises:
            InfeasibleError: the world turned it down.
        """
        arguments = {**arguments, **self._unsaid(tool)}
        call = Call(id=f"g{len(self.gold) + 1}", tool=tool, arguments=plain(arguments))
        if (known := self._made_before(call)) is not None:
            return known.call, known.body
        seen, after = observe(self.world, call, self.state)
        if seen.status != "ok":
            raise InfeasibleError(f"refused_{seen.http_status or seen.status}")
        origins = tuple(_origins(arguments))
        self.gold.append(GoldCall(call=call, origins=origins, needs=self._needs(tool, origins)))
        self.observations.append(seen)
        self.states.append(after.digest)
        self.state = after
        self.confidence = min(self.confidence, self.world.call_confidence(tool))
        return call.id, seen.body

    def _unsaid(self, tool: str) -> dict[str, Template]:
        """Return the required arguments that no user knows of: of one legal value, or a key made up for the call."""
        operation = self.world.landscape.operations[tool]
        properties = operation.tool.parameters.get("properties", {})
        shapes = self.world.landscape.models[operation.tool.api].shapes
        found: dict[str, Template] = {}
        for name in set_apart(operation):
            if (value := only_value(shapes.view(properties[name]))) and name != operation.once:
                found[name] = Bound(value[0], "default")
        if is_once(operation, operation.once):
            r = rng(self.world.seed, "once", tool, len(self.gold))
            made = self.world.population.sampler(operation.tool.api).value(properties[operation.once], r)
            found[operation.once] = Bound(made, "default")
        return found

    def _made_before(self, call: Call) -> Observation | None:
        """Return what the same call gave since the last change, or None."""
        for gold, seen in zip(reversed(self.gold), reversed(self.observations), strict=True):
            if self.world.landscape.operations[gold.call.tool].role in WRITES:
                return None
            if (gold.call.tool, gold.call.arguments) == (call.tool, call.arguments):
                return seen
        return None

    def _needs(self, tool: str, origins: tuple[Origin, ...]) -> tuple[str, ...]:
        """Return the calls that must come first: those that show what it takes, and earlier changes to its resource."""
        operations = self.world.landscape.operations
        sources = {origin.call for origin in origins if origin.call}
        resource = operations[tool].resource
        for gold in self.gold:
            earlier = operations[gold.call.tool]
            if earlier.role in WRITES and earlier.resource is not None and earlier.resource is resource:
                sources.add(gold.call.id)
        return tuple(gold.call.id for gold in self.gold if gold.call.id in sources)

    def part_ways(self, calls: Sequence[str]) -> None:
        """Have none of these calls wait for another: they are about different things.

        Raises:
            InfeasibleError: two of them are one and the same call.
        """
        if len(set(calls)) < len(calls):
            raise InfeasibleError("same_call")
        for place, gold in enumerate(self.gold):
            if gold.call.id in calls:
                needs = tuple(one for one in gold.needs if one not in calls)
                self.gold[place] = gold.model_copy(update={"needs": needs})

    def mark(self) -> tuple[int, WorldState, float]:
        """Return a place to come back to."""
        return len(self.gold), self.state, self.confidence

    def reset(self, mark: tuple[int, WorldState, float]) -> None:
        """Go back to a place, forgetting the calls made since."""
        count, self.state, self.confidence = mark
        del self.gold[count:], self.observations[count:], self.states[count:]

    def replay(self) -> Replay:
        """Return what the calls gave, as executing them anew must give it again."""
        states = (self.world.initial.digest, *self.states)
        return Replay(tuple(self.observations), states, self.world.changes(self.state))

    def observed_values(self) -> list[Json]:
        """Return every value that must be looked up, in the order of use."""
        return [value for gold in self.gold for value in gold.values("observed")]


def plain(template: Template) -> Json:
    """Return the JSON that a template stands for."""
    if isinstance(template, Bound):
        return template.value
    if isinstance(template, Mapping):
        return {name: plain(inner) for name, inner in template.items()}
    return [plain(inner) for inner in template]


def _origins(template: Template, at: str = "") -> list[Origin]:
    if isinstance(template, Bound):
        return [
            Origin(pointer=at + deep, kind=template.kind, call=template.call, source=template.source + deep)
            if template.kind == "observed"
            else Origin(pointer=at + deep, kind=template.kind)
            for deep, _ in leaves(template.value)
        ]
    if isinstance(template, Mapping):
        return [origin for name, inner in template.items() for origin in _origins(inner, f"{at}/{escape(name)}")]
    return [origin for place, inner in enumerate(template) for origin in _origins(inner, f"{at}/{place}")]
