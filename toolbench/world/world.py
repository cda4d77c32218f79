"""A world: some APIs, simulated together from their descriptions alone."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from toolbench.model import Api, Change, Json, JsonObject, Tool, is_array, is_object
from toolbench.world.behaviour import ApiError, Behaviour, Response, is_made_on
from toolbench.world.failures import error_body
from toolbench.world.population import Population
from toolbench.world.query import snake
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Operation, Resource, infer
from toolbench.world.shapes import main_type
from toolbench.world.state import Key, WorldState, spell
from toolbench.world.validation import Checks

WORLD_VERSION = "1"
"""Version of the behaviour: a trace replays only in the version that made it."""

_DAYS = 300


class Landscape:
    """APIs understood once, for any number of worlds.

    Args:
        apis: the APIs; the order does not matter.
    """

    def __init__(self, apis: Iterable[Api]) -> None:
        self.apis: Mapping[str, Api] = {api.id: api for api in sorted(apis, key=lambda api: api.id)}
        self.models: dict[str, ApiModel] = {name: infer(api) for name, api in self.apis.items()}
        self.operations: dict[str, Operation] = {
            name: operation for model in self.models.values() for name, operation in model.operations.items()
        }
        self.resources: dict[str, Resource] = {
            name: resource for model in self.models.values() for name, resource in model.resources.items()
        }
        self.relations = Relations(self.models)
        self.checks = Checks()
        self._tools: dict[str, Tool] = {}

    def tool(self, name: str) -> Tool:
        """Return a closed tool; KeyError where there is none."""
        if name not in self._tools:
            self._tools[name] = self.apis[self.operations[name].tool.api].tool(name)
        return self._tools[name]

    def part(self, apis: Iterable[str]) -> "Landscape":
        """Return the landscape of some of its APIs."""
        return _part(self, tuple(sorted(apis)))


@lru_cache(maxsize=64)
def _part(landscape: Landscape, apis: tuple[str, ...]) -> Landscape:
    if apis == tuple(landscape.apis):
        return landscape
    return Landscape(landscape.apis[name] for name in apis)


class World:
    """A seeded simulation of a landscape. A call never changes a state: it returns the next one.

    Args:
        landscape: the APIs.
        seed: decides everything that the descriptions leave open.
    """

    def __init__(self, landscape: Landscape, seed: int) -> None:
        self.landscape, self.seed = landscape, seed
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=seed % _DAYS)
        self.population = Population(landscape.models, landscape.relations, seed, self.now)
        self.behaviour = Behaviour(landscape.models, landscape.relations, self.population, seed, self.now)
        self.initial = WorldState()

    def call(self, tool: str, arguments: JsonObject, state: WorldState) -> Response:
        """Return the answer to a call, and the state after it.

        Never raises for a bad call: what the API turns down is a response with its status.
        KeyError where there is no such tool.
        """
        operation = self.landscape.operations[tool]
        after = state.tick(tool, arguments)
        problems = self.landscape.checks.problems(self.landscape.tool(tool), arguments)
        if problems:
            return self._refuse(operation, ApiError(422, "The arguments are not valid", tuple(problems)), after)
        try:
            return self.behaviour.run(operation, arguments, after)
        except ApiError as error:
            return self._refuse(operation, error, after)

    def _refuse(self, operation: Operation, error: ApiError, after: WorldState) -> Response:
        shapes = self.landscape.models[operation.tool.api].shapes
        sampler = self.population.sampler(operation.tool.api)
        return Response(error.status, error_body(operation.tool, error, shapes, sampler), after, operation.confidence)

    def entity(self, resource: Resource, key: Key, state: WorldState) -> JsonObject | None:
        """Return an entity in a state, or None where there is none."""
        return self.behaviour.read(resource, key, state)

    def call_confidence(self, tool: str) -> float:
        """Return how sure the world is of what an operation does, 0 to 1."""
        return self.landscape.operations[tool].confidence

    def changes(self, state: WorldState) -> tuple[Change, ...]:
        """Return the net difference between the initial state and this one, in a fixed order."""
        found: list[Change] = []
        for (name, key), now in state.entities.items():
            resource = self.landscape.resources[name]
            before = self.plain(resource, self.population.entity(resource, key))
            after = self.plain(resource, now)
            if before == after and (before is not None) == (after is not None):
                continue
            kind = "created" if before is None else "deleted" if after is None else "updated"
            found.append(Change(resource=name, key=spell(key), kind=kind, before=before, after=after))
        return tuple(sorted(found, key=lambda change: (change.resource, change.key)))

    def plain(self, resource: Resource, entity: JsonObject | None) -> JsonObject | None:
        """Return an entity without what the server makes of itself: its id and timestamps."""
        if entity is None:
            return None
        shapes = self.landscape.models[resource.api].shapes
        properties = shapes.properties(resource.schema)
        return {
            name: value
            for name, value in entity.items()
            if (name,) != resource.key_path and not is_server_made(name, shapes.view(properties.get(name)))
        }


def is_server_made(name: str, view: JsonObject) -> bool:
    """Tell whether a field holds a timestamp or a mark that the server makes of itself."""
    if snake(name) in ("id", "uuid", "etag", "_links", "links", "url", "self"):
        return True
    timed = view.get("format") in ("date-time", "date") or main_type(view) == ""
    return timed and (
        is_made_on(name, ("created", "updated", "modified"))
        or (bool(view.get("readOnly")) and snake(name).endswith(("_at", "_on")))
    )


def leaves(value: Json, pointer: str = "") -> Iterable[tuple[str, Json]]:
    """Yield the leaves of a JSON value with their pointers (RFC 6901); empty objects and arrays are leaves."""
    if is_object(value) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif is_array(value) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{place}")
    else:
        yield pointer, value
