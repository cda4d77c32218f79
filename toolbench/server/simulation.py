"""The one world behind a server, and the state it is in."""

from collections.abc import Iterator

from toolbench.model import Json, JsonObject, Tool
from toolbench.world.behaviour import ApiError, Response
from toolbench.world.failures import error_body
from toolbench.world.resources import Resource
from toolbench.world.rng import rng
from toolbench.world.state import Key, WorldState
from toolbench.world.world import Landscape, World


class Simulation:
    """A world that moves on with each call. Not to be used from several threads.

    A state is never overwritten, so a snapshot is a reference.

    Args:
        landscape: the APIs.
        seed: the world's seed.
    """

    def __init__(self, landscape: Landscape, seed: int) -> None:
        self.landscape = landscape
        self.world = World(landscape, seed)
        self.state: WorldState = self.world.initial
        self._snapshots: dict[str, tuple[World, WorldState]] = {}
        self._sampled = 0

    def call(self, tool: str, arguments: JsonObject) -> Response:
        """Return the answer to a call; the world is in the state after it then."""
        response = self.world.call(tool, arguments, self.state)
        self.state = response.state
        return response

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
            self.world = World(self.landscape, seed)
        self.state, self._sampled = self.world.initial, 0

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
        return True

    def entities(self, resource: Resource) -> Iterator[tuple[Key, JsonObject]]:
        """Yield the entities of a resource that there are now, with their keys."""
        places = dict.fromkeys(self.world.population.prefixes(resource))
        places |= dict.fromkeys(place[1] for place in self.state.created if place[0] == resource.id)
        for place in places:
            for key in self.world.behaviour.keys(resource, place, self.state):
                if (entity := self.world.entity(resource, key, self.state)) is not None:
                    yield key, entity
