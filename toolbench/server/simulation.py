"""The one world behind a server, and the state it is in."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from toolbench.model import Fault, Json, JsonObject, Tool, canonical
from toolbench.world.answers import ApiError, Response
from toolbench.world.failures import error_body
from toolbench.world.faults import NONE
from toolbench.world.memory import Latest
from toolbench.world.resources import Resource
from toolbench.world.rng import rng
from toolbench.world.state import Key, WorldState
from toolbench.world.world import Landscape, World

_READS = ("get", "list")
"""Roles whose answers depend on the entities alone, neither on the clock nor on earlier calls."""
_MOST_FAULTS = 10_000


class Shown(NamedTuple):
    """A fault that a client was shown."""

    clock: int
    """The world's clock after the call."""
    tool: str
    fault: Fault


class Simulation:
    """A world that moves on with each call. Not to be used from several threads.

    A state is never overwritten, so a snapshot is a reference.

    Args:
        landscape: the APIs.
        seed: the world's seed.
        faults: profile of the faults it shows, a name in `faults.PROFILES`.

    Raises:
        ConfigError: there is no such profile.
    """

    def __init__(self, landscape: Landscape, seed: int, faults: str = NONE) -> None:
        self.landscape, self.profile = landscape, faults
        self.world = World(landscape, seed, faults)
        self.state: WorldState = self.world.initial
        self._snapshots: dict[str, tuple[World, WorldState]] = {}
        self._sampled = 0
        self._reads = Latest()
        self.faults: deque[Shown] = deque(maxlen=_MOST_FAULTS)
        """The latest faults since the beginning, the oldest first. To restore a snapshot takes none of them back."""

    def call(self, tool: str, arguments: JsonObject) -> Response:
        """Return the answer to a call with valid arguments; the world is in the state after it then.

        What was read is remembered until something is written that it depends on: clients poll. Where there are faults,
        each call counts.
        """
        if self.profile == NONE and self.landscape.operations[tool].role in _READS:
            return self._read(tool, arguments)
        response = self.world.call_valid(tool, arguments, self.state)
        self.state = response.state
        if response.fault is not None:
            self.faults.append(Shown(response.state.clock, tool, response.fault))
        return response

    def _read(self, tool: str, arguments: JsonObject) -> Response:
        def said() -> Response:
            response = self.world.call_valid(tool, arguments, self.state)
            return replace(response, state=self.world.initial)  # Else what is remembered would hold on to old states.

        operation = self.landscape.operations[tool]
        asked = (tool, canonical(arguments))
        found = self._reads.of(self.state, asked, said, lambda: self.world.behaviour.basis(operation, arguments))
        self.state = self.state.tick(tool, arguments)
        return found

    def problems(self, tool: str, arguments: JsonObject) -> list[JsonObject]:
        """Return what is wrong with arguments: `pointer` into them and `message`; empty when all is well."""
        return self.landscape.checks.problems(self.landscape.tool(tool), arguments)

    def refusal(self, tool: Tool, error: ApiError) -> Json:
        """Return what the API of a tool would say of an error. The state stays as it is."""
        sampler = self.world.population.sampler(tool.api)
        return error_body(tool, error, self.landscape.models[tool.api].shapes, sampler)

    def sample(self, tool: Tool, schema: JsonObject, *, fresh: bool) -> Json:
        """Return a body made up for a schema of a tool.

        Args:
            tool: the tool.
            schema: one of its open schemas.
            fresh: whether to make up another one each time.
        """
        self._sampled += fresh
        address = (self.world.seed, "sampled", tool.name, self._sampled if fresh else 0)
        return self.world.population.sampler(tool.api).value(schema, rng(*address))

    def reset(self, seed: int | None = None) -> None:
        """Go back to the beginning, or to that of another world."""
        if seed is not None and seed != self.world.seed:
            self.world = World(self.landscape, seed, self.profile)
        self.state, self._sampled = self.world.initial, 0
        self._reads = Latest()
        self.faults.clear()

    def snapshot(self) -> str:
        """Keep the state as it is; return the snapshot's id."""
        identity = f"s{len(self._snapshots) + 1}"
        self._snapshots[identity] = (self.world, self.state)
        return identity

    def restore(self, identity: str) -> bool:
        """Go back to a snapshot; tell whether there is one of this id."""
        if identity not in self._snapshots:
            return False
        self.world, self.state = self._snapshots[identity]
        self._reads = Latest()
        return True

    def entities(self, resource: Resource) -> Iterator[tuple[Key, JsonObject]]:
        """Yield the entities of a resource that there are now, with their keys."""
        places = dict.fromkeys(self.world.population.prefixes(resource))
        places |= dict.fromkeys(place[1] for place in self.state.created if place[0] == resource.id)
        for place in places:
            for key in self.world.behaviour.keys(resource, place, self.state):
                if (entity := self.world.entity(resource, key, self.state)) is not None:
                    yield key, entity
