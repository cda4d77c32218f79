"""What a call is answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from toolbench.model import Fault, HttpBinding, Json, JsonObject, canonical
from toolbench.model.trace import Answerer
from toolbench.world.entities import Entities
from toolbench.world.memory import Made
from toolbench.world.nouns import words
from toolbench.world.query import Page, Row, is_next_cursor, next_argument, page_field
from toolbench.world.resources import Operation, Resource
from toolbench.world.rng import rng
from toolbench.world.shapes import Shapes, main_type
from toolbench.world.state import Key, WorldState

_FAILURES = frozenset("error errors fail failed failure failures invalid rejected skipped missing".split())
UNSURE = 0.3
"""Confidence in an answer, or an effect, that nothing in the description bears out."""


class ApiError(Exception):
    """A call the API turns down.

    Args:
        status: HTTP status.
        message: what a person reads.
        details: what is wrong where, each with `pointer` and `message`.
        wait: seconds after which to try again, where the API says so.
    """

    def __init__(
        self, status: int, message: str, details: tuple[JsonObject, ...] = (), *, wait: int | None = None
    ) -> None:
        self.status, self.message, self.details, self.wait = status, message, details, wait
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of the world."""

    status: int
    body: Json = None
    state: WorldState = field(default_factory=WorldState)
    """The state after it."""
    confidence: float = 1.0
    """How sure the world is that a real server would behave so."""
    fault: Fault | None = None
    """The fault behind it, where one was made on purpose."""
    source: Answerer = "mock"
    """`made_up` where no more than the answer's form is known."""
    wait: int | None = None
    """Seconds after which it asks to try again (`Retry-After`)."""


class Found(NamedTuple):
    """A page of a list, and what the next one is asked for with."""

    page: Page
    views: Mapping[str, JsonObject]
    """Views of the query's parameters."""
    url: str
    """The address asked for."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Makes the answers that the operations document."""

    entities: Entities
    made: Made = field(default_factory=Made)
    """Keeps entities as they are shown."""

    def of_entity(self, operation: Operation, resource: Resource, key: Key, state: WorldState) -> Response:
        """Return the answer that shows an entity as it is in a state."""
        return self.of(operation, resource, key, self.entities.read(resource, key, state) or {}, state)

    def of(self, operation: Operation, resource: Resource, key: Key, entity: JsonObject, state: WorldState) -> Response:
        """Return the answer that shows an entity, as far as the operation shows any."""
        status = success_of(operation)
        if operation.tool.returns is None or status == 204:
            return Response(status, None, state, operation.confidence)
        body = self._show(operation, resource, key, entity)
        return Response(status, body, state, operation.confidence)

    def of_nothing_known(self, operation: Operation, arguments: JsonObject, state: WorldState) -> Response:
        """Return an answer of the documented form, the same each time, to a call whose meaning is unknown."""
        tool, status = operation.tool, success_of(operation)
        body: Json = None
        if tool.returns is not None and status != 204:
            population = self.entities.population
            address = (self.entities.seed, tool.name, canonical(arguments).decode())
            made = population.sampler(tool.api).value(tool.returns, rng(*address))
            body = population.related(tool.api, made, tool.returns, address)
        return Response(status, body, state, min(operation.confidence, UNSURE), source="made_up")

    def of_search(self, operation: Operation, found: JsonObject, state: WorldState) -> Response:
        """Return the answer that shows what a search over several resources found."""
        fitter = self.entities.population.fitter(operation.tool.api)
        body = fitter.fit(found, operation.tool.returns, (self.entities.seed, operation.tool.name))
        return Response(success_of(operation), body, state, operation.confidence)

    def of_list(self, operation: Operation, resource: Resource, found: Found, state: WorldState) -> Response:
        """Return the answer that shows a page of a list."""
        schema: Json = operation.tool.returns
        body = self._wrap(operation, resource, schema, operation.envelope, found)
        return Response(success_of(operation), body, state, operation.confidence)

    def of_many(self, operation: Operation, resource: Resource, rows: Sequence[Row], state: WorldState) -> Response:
        """Return the answer to an operation on many entities: what became of each, or how many there were."""
        shapes, status = self.entities.models[operation.tool.api].shapes, success_of(operation)
        schema: Json = operation.tool.returns
        if schema is None or status == 204:
            return Response(status, None, state, operation.confidence)
        held = reduce(lambda outer, name: shapes.properties(outer)[name], operation.envelope, schema)
        if shapes.items(held) is None:
            fitter = self.entities.population.fitter(operation.tool.api)
            address = (self.entities.seed, operation.tool.name, state.clock)
            body = fitter.fit(_counted(shapes, schema, len(rows)), schema, address, owner=resource.noun)
            return Response(status, body, state, operation.confidence)
        scalar = not shapes.properties(shapes.items(held))
        shown = [Row(row.key, {}) if scalar else row for row in rows]
        everything = Page(shown, len(shown), 0, max(1, len(shown)), 1)
        return self.of_list(operation, resource, Found(everything, {}, ""), state)

    def shown(self, resource: Resource, key: Key, entity: JsonObject, schema: Json, api: str) -> Json:
        """Return an entity as a schema of an API shows it."""
        return self.made.of(
            entity, schema, (resource.id, key, api), lambda: self._fitted(resource, key, entity, schema, api)
        )

    def _fitted(self, resource: Resource, key: Key, entity: JsonObject, schema: Json, api: str) -> Json:
        fitter = self.entities.population.fitter(api)
        address = (self.entities.seed, resource.id, key)
        named = main_type(self.entities.models[api].shapes.view(schema)) in ("string", "integer", "number")
        if key and (named or not entity) and fitter.accepts(key[-1], schema):
            return key[-1]
        return fitter.fit(self._telling(resource, entity, schema, api), schema, address, owner=resource.noun)

    def _telling(self, resource: Resource, entity: JsonObject, schema: Json, api: str) -> JsonObject:
        """Return an entity with its key under the names that a schema has for it."""
        held = entity.get(resource.key_path[0]) if len(resource.key_path) == 1 else None
        if held is None:
            return entity
        names = self.entities.models[api].shapes.properties(schema)
        return {**{name: held for name in names if resource.is_key(name)}, **entity}

    def _show(self, operation: Operation, resource: Resource, key: Key, entity: JsonObject) -> Json:
        returns, api = operation.tool.returns, operation.tool.api
        if not operation.envelope:
            return self.shown(resource, key, entity, returns, api)
        shapes = self.entities.models[api].shapes
        required = shapes.view(returns).get("required") or ()
        body: JsonObject = {}
        for name, schema in shapes.properties(returns).items():
            if name == operation.envelope[0]:
                body[name] = self.shown(resource, key, entity, schema, api)
            elif name in required:
                address = (self.entities.seed, resource.id, key, name)
                sampler = self.entities.population.sampler(api)
                body[name] = sampler.value(schema, rng(*address), name=name, owner=resource.noun, depth=2)
        return body

    # -- the envelope of a list ------------------------------------------------------------------------------------

    def _wrap(
        self, operation: Operation, resource: Resource, schema: Json, where: tuple[str, ...], found: Found
    ) -> Json:
        shapes = self.entities.models[operation.tool.api].shapes
        if not where:
            items, most = shapes.items(schema), shapes.view(schema).get("maxItems")
            rows = found.page.rows[:most]
            return [self.shown(resource, row.key, row.entity, items, operation.tool.api) for row in rows]
        needed = shapes.view(schema).get("required") or ()
        properties = shapes.properties(schema)
        result: JsonObject = {}
        for name, inner in properties.items():
            if name == where[0]:
                result[name] = self._wrap(operation, resource, inner, where[1:], found)
            else:
                result |= self._beside(operation, name, inner, found, tuple(properties), required=name in needed)
        return result | {name: "" for name in needed if name not in properties}

    def _beside(
        self, operation: Operation, name: str, schema: Json, found: Found, siblings: tuple[str, ...], *, required: bool
    ) -> JsonObject:
        """Return a field of an envelope that says something of the page, or that must be there."""
        shapes = self.entities.models[operation.tool.api].shapes
        view = shapes.view(schema)
        if inner := shapes.properties(schema):
            deep: JsonObject = {}
            needed = view.get("required") or ()
            for key, part in inner.items():
                deep |= self._beside(operation, key, part, found, tuple(inner), required=key in needed)
            return {name: deep} if deep or required else {}
        if is_next_cursor(name):
            return self._next(operation, name, schema, found, required=required)
        known = page_field(name, found.page, siblings)
        if known is not None and shapes.accepts(known, view):
            return {name: known}
        if not required:
            return {}
        if shapes.allows_null(schema):
            return {name: None}
        sampler = self.entities.population.sampler(operation.tool.api)
        return {name: sampler.value(schema, rng(self.entities.seed, operation.tool.name, name), name=name, depth=2)}

    def _next(self, operation: Operation, name: str, schema: Json, found: Found, *, required: bool) -> JsonObject:
        """Return what leads to the next page: a cursor, a number or a link, whichever the field takes."""
        shapes = self.entities.models[operation.tool.api].shapes
        view = shapes.view(schema)
        options: list[Json] = ["", 0]
        if found.page.more:
            argument, value = next_argument(found.views, found.page) or ("cursor", found.page.cursor)
            link = f"{found.url}?{argument}={value}"
            options = [link] if str(view.get("format", "")).startswith(("uri", "url")) else [value, str(value), link]
        elif shapes.allows_null(schema):
            return {name: None}
        elif not required:
            return {}
        made = next((option for option in options if shapes.accepts(option, view)), None)
        return {} if made is None and not required else {name: made}


def _counted(shapes: Shapes, schema: Json, count: int) -> JsonObject:
    """Return what the fields of an answer say that only tells how many entities were dealt with, all of them well."""
    said: JsonObject = {}
    for name, inner in shapes.properties(schema).items():
        kind, failed = main_type(shapes.view(inner)), not _FAILURES.isdisjoint(words(name))
        if kind in ("integer", "boolean"):
            said[name] = (0 if failed else count) if kind == "integer" else not failed
        elif kind == "array" and failed:
            said[name] = []
    return said


def success_of(operation: Operation) -> int:
    """Return the documented status of success."""
    binding = operation.tool.binding
    return binding.success if isinstance(binding, HttpBinding) else 200
