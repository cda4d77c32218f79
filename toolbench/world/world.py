"""A world: some APIs, simulated together from their descriptions alone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache

from toolbench.model import Api, Change, Json, JsonObject, Tool, canonical, digest, is_object
from toolbench.retrieval import Shelf, memory_shelf
from toolbench.world.access import Granted, denial
from toolbench.world.answers import ApiError, Response
from toolbench.world.behaviour import Behaviour
from toolbench.world.failures import error_body
from toolbench.world.faults import NONE, Faults, error_inside, instead, spoiled
from toolbench.world.inference import infer
from toolbench.world.nouns import is_made_on, snake
from toolbench.world.population import Population
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Operation, Resource, Role
from toolbench.world.shapes import Shapes, main_type
from toolbench.world.state import Answered, Key, WorldState, spell
from toolbench.world.validation import Checks

WORLD_VERSION = "3"
"""Version of the behaviour: a trace replays only in the version that made it."""

_DAYS = 300
_WRITES: tuple[Role, ...] = ("create", "update", "replace")
_STATUSES = {422: (422, 400), 409: (409, 422, 400)}
"""What an API may say instead of a status that it does not document."""


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

    @cached_property
    def shelf(self) -> Shelf:
        """All its tools, to be searched. Belongs to the thread that asks first."""
        return memory_shelf([tool for api in self.apis.values() for tool in api.tools])

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
        faults: profile of the faults it shows, a name in `faults.PROFILES`.
        granted: security schemes and scopes that all calls carry; None for all that are asked for.
        shelf: what `search_tools` searches; None where there is no such tool.

    Raises:
        ConfigError: there is no such profile.
    """

    def __init__(
        self,
        landscape: Landscape,
        seed: int,
        faults: str = NONE,
        granted: Iterable[str] | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self.landscape, self.seed, self.shelf = landscape, seed, shelf
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=seed % _DAYS)
        self.population = Population(landscape.models, landscape.relations, seed, self.now)
        self.behaviour = Behaviour(landscape.models, landscape.relations, self.population, seed, self.now)
        self.initial = WorldState()
        self._faults = Faults(faults, seed)
        self._granted: Granted = None if granted is None else frozenset(granted)
        self._written: dict[str, frozenset[str]] = {}

    def call(self, tool: str, arguments: JsonObject, state: WorldState) -> Response:
        """Return the answer to a call, and the state after it.

        Never raises for a bad call: what the API turns down is a response with its status.
        KeyError where there is no such tool.
        """
        operation = self.landscape.operations[tool]
        if denied := denial(operation.tool, self._granted):
            return replace(self._refuse(operation, denied, state.tick(tool, arguments)), confidence=1.0)
        problems = self.landscape.checks.problems(self.landscape.tool(tool), arguments)
        if not problems:
            return self.call_valid(tool, arguments, state)
        first = f"{problems[0]['pointer'][1:] or 'arguments'}: {problems[0]['message']}"
        error = ApiError(422, f"The arguments are not valid: {first}", tuple(problems))
        return replace(self._refuse(operation, error, state.tick(tool, arguments)), confidence=1.0)

    def call_valid(self, tool: str, arguments: JsonObject, state: WorldState) -> Response:
        """Return the answer to a call whose arguments are known to be valid, and the state after it."""
        operation = self.landscape.operations[tool]
        after = state.tick(tool, arguments)
        number = after.counts[tool]
        fault = self._faults.due(operation, number)
        if fault is None:
            return self._run(operation, arguments, after)
        if error := instead(fault, self._faults.wait(operation, number)):
            return replace(self._refuse(operation, error, after), confidence=1.0, fault=fault)
        if inside := error_inside(fault):
            return Response(200, inside, after, fault=fault)
        stale = self._run(operation, arguments, self.initial.tick(tool, arguments))
        return spoiled(fault, operation, self._run(operation, arguments, after), stale)

    def _run(self, operation: Operation, arguments: JsonObject, after: WorldState) -> Response:
        try:
            if name := str(arguments.get(operation.once) or ""):
                return self._once(operation, name, arguments, after)
            return self.behaviour.run(operation, arguments, after)
        except ApiError as error:
            return self._refuse(operation, error, after)

    def _once(self, operation: Operation, name: str, arguments: JsonObject, after: WorldState) -> Response:
        """Carry out a call, unless one of that name was: then its answer is given again, and nothing is done."""
        tool, said = operation.tool.name, canonical(arguments)
        known = after.answers.get((tool, name))
        if known is None:
            response = self.behaviour.run(operation, arguments, after)
            kept = response.state.keep(tool, name, Answered(said, response.status, response.body, response.source))
            return replace(response, state=kept)
        if known.arguments != said:
            detail: JsonObject = {"pointer": f"/{operation.once}", "message": "was used with other arguments"}
            raise ApiError(422, "This idempotency key was used with other arguments", (detail,))
        return Response(known.status, known.body, after, operation.confidence, source=known.source)

    def _refuse(self, operation: Operation, error: ApiError, after: WorldState) -> Response:
        tool = operation.tool
        shapes, sampler = self.landscape.models[tool.api].shapes, self.population.sampler(tool.api)
        documented = (status for status in _STATUSES.get(error.status, ()) if str(status) in tool.errors)
        told = ApiError(next(documented, error.status), error.message, error.details)
        body = error_body(tool, told, shapes, sampler)
        return Response(told.status, body, after, operation.confidence, wait=error.wait)

    def entity(self, resource: Resource, key: Key, state: WorldState) -> JsonObject | None:
        """Return an entity in a state, or None where there is none."""
        return self.behaviour.read(resource, key, state)

    def effective(self, state: WorldState) -> str:
        """Return the digest of what matters of a state to later answers, whatever calls led there.

        That is the entities that differ from the seeded ones, and the chain of simulated writes; neither the clock nor
        what was merely read.
        """
        differing = [
            [name, spell(key), now]
            for (name, key), now in state.entities.items()
            if now != self.population.entity(self.landscape.resources[name], key)
        ]
        return digest([sorted(differing, key=lambda one: one[:2]), state.simulated])

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
        return _plain(entity, resource.schema, resource.key_path, self._writable(resource), shapes)

    def _writable(self, resource: Resource) -> frozenset[str]:
        """Return the names of the body's arguments with which a resource's entities are written."""
        if resource.id not in self._written:
            tools = (self.landscape.operations[name].tool for role in _WRITES for name in resource.tools.get(role, ()))
            keys = frozenset(a.key for tool in tools for a in tool.arguments if a.location == "body")
            self._written[resource.id] = keys
        return self._written[resource.id]


def _plain(
    entity: JsonObject, schema: Json, key: tuple[str, ...], writable: frozenset[str], shapes: Shapes
) -> JsonObject:
    properties = shapes.properties(schema)
    kept: JsonObject = {}
    for name, value in entity.items():
        if (name,) == key or (name not in writable and is_server_made(name, shapes.view(properties.get(name)))):
            continue
        nested = len(key) > 1 and name == key[0] and is_object(value)
        kept[name] = _plain(value, properties.get(name), key[1:], writable, shapes) if nested else value
    return kept


def is_server_made(name: str, view: JsonObject) -> bool:
    """Tell whether a field holds a timestamp or a mark that the server makes of itself."""
    if snake(name) in ("id", "uuid", "etag", "_links", "links", "url", "self"):
        return True
    timed = view.get("format") in ("date-time", "date") or main_type(view) == ""
    return timed and (
        is_made_on(name, ("created", "updated", "modified"))
        or (bool(view.get("readOnly")) and snake(name).endswith(("_at", "_on")))
    )
