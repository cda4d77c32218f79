"""What each kind of operation does to the state, and what it answers."""

from collections.abc import Sequence
from datetime import datetime

from toolbench.model import HttpBinding, JsonObject, canonical
from toolbench.world.answers import Answers, ApiError, Found, Response
from toolbench.world.bulk import Bulk
from toolbench.world.dependence import of_answer
from toolbench.world.entities import Entities
from toolbench.world.inputs import Inputs, read_inputs
from toolbench.world.memory import Basis
from toolbench.world.nouns import same_name, words
from toolbench.world.population import Population
from toolbench.world.query import Query, Row, equals, is_understood, page, select
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Operation, Resource
from toolbench.world.rng import rng
from toolbench.world.state import Key, WorldState
from toolbench.world.writing import Writer, is_home

__all__ = ["ApiError", "Behaviour", "Response"]

_MEMBERS = 1 / 3
"""Share of the entities that a path shows where nothing says which."""


class Behaviour:
    """Runs operations against a state.

    Args:
        models: the world's APIs, by id.
        relations: what refers to what.
        population: the entities before the first call.
        seed: the world's seed.
        now: the world's time at its beginning.
    """

    def __init__(
        self, models: dict[str, ApiModel], relations: Relations, population: Population, seed: int, now: datetime
    ) -> None:
        self._entities = Entities(models, relations, population, seed)
        self._answers = Answers(self._entities)
        self._writer = Writer(self._entities, self._answers, now)
        self._bulk = Bulk(self._entities, self._writer)
        self._views: dict[str, dict[str, JsonObject]] = {}

    def run(self, operation: Operation, arguments: JsonObject, state: WorldState) -> Response:
        """Return the answer to a call with valid arguments.

        Raises:
            ApiError: the API turns the call down; the state stays as it is.
        """
        inputs = read_inputs(operation, arguments, self._entities.models[operation.tool.api].shapes)
        resource = operation.resource
        if operation.searches:
            return self._search(operation, inputs, state)
        if resource is None:
            return self._answers.of_nothing_known(operation, arguments, state)
        self._check_scope(operation, inputs, state)
        if operation.role == "list":
            return self._list(operation, resource, inputs, state)
        if operation.role == "create":
            return self._writer.create(operation, resource, inputs, state)
        if operation.role == "bulk":
            return self._on_many(operation, resource, inputs, state)
        return self._on_entity(operation, resource, inputs, state)

    def basis(self, operation: Operation, arguments: JsonObject) -> Basis:
        """Return what the answer to a call that reads depends on.

        Args:
            operation: its role is `get` or `list`.
            arguments: valid arguments.
        """
        inputs = read_inputs(operation, arguments, self._entities.models[operation.tool.api].shapes)
        return of_answer(operation, inputs.path)

    def _on_entity(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        if operation.role == "replace" and not operation.by:
            key = _path_key(operation, resource, inputs)
            if self.read(resource, key, state) is None:
                return self._writer.put(operation, resource, key, inputs, state)
        key = self._key(operation, resource, inputs, state)
        match operation.role:
            case "update" | "replace":
                return self._writer.update(operation, resource, key, inputs, state)
            case "delete":
                return self._writer.delete(operation, resource, key, state)
            case "action":
                return self._writer.act(operation, resource, key, inputs, state)
            case _:
                return self._answers.of_entity(operation, resource, key, state)

    def _on_many(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        chosen: list[Key] = []
        if not operation.items:
            rows = self._visible(operation, resource, inputs, state)
            query = Query(inputs.query, self._query_views(operation))
            # A filter that is not understood must not let everything be deleted.
            chosen = [row.key for row in select(rows, query)] if is_understood(rows, query) else []
        done, after = self._bulk.run(operation, resource, inputs, chosen, state)
        return self._answers.of_many(operation, resource, done, after)

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, resource: Resource, key: Key, state: WorldState) -> JsonObject | None:
        """Return an entity as it is in a state, or None where there is none."""
        return self._entities.read(resource, key, state)

    def keys(self, resource: Resource, ancestors: Key, state: WorldState) -> list[Key]:
        """Return the keys of the entities there are in a state under given ancestors, seeded ones first."""
        return self._entities.keys(resource, ancestors, state)

    def link(self, resource: Resource, target: Resource | None, name: str) -> str | None:
        """Return the field of an entity that refers to a target, or repeats a parameter's name."""
        return self._entities.link(resource, target, name)

    def _check_scope(self, operation: Operation, inputs: Inputs, state: WorldState) -> None:
        """Turn down a path that leads through something that is not there."""
        values = tuple(inputs.path.get(param.name, "") for param in operation.scope)
        for place, param in enumerate(operation.scope):
            target = param.target
            if target is None or target.singleton or (target is operation.resource and operation.role != "list"):
                continue
            key = values[: place + 1] if param.nested else (values[place],)
            if len(key) == len(target.params) and self.read(target, key, state) is None:
                raise ApiError(404, f"No {target.noun} {values[place]!r} was found")

    def _key(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Key:
        key = _path_key(operation, resource, inputs)
        if operation.by:
            found = next(self._entities.having(resource, operation.by, key[-1], state), None)
            if found is None:
                field = " ".join(words(operation.by))
                raise ApiError(404, f"No {resource.noun} with {field} {key[-1]!r} was found")
            return found
        if self.read(resource, key, state) is None:
            named = f" {key[-1]!r}" if key and not resource.singleton else ""
            raise ApiError(404, f"No {resource.noun}{named} was found")
        return key

    # -- lists -----------------------------------------------------------------------------------------------------

    def _list(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        query = Query(inputs.query, self._query_views(operation))

        def chosen() -> list[Row]:
            return select(self._visible(operation, resource, inputs, state), query)

        # Pages are cut from what was chosen once.
        question = (operation.tool.name, *inputs.path.items(), canonical(query.choosing))
        rows = self._entities.latest.of(state, question, chosen, lambda: of_answer(operation, inputs.path))
        found = Found(page(rows, query), query.views, self._url(operation, inputs))
        return self._answers.of_list(operation, resource, found, state)

    def _rows(self, resource: Resource, keys: list[Key], state: WorldState) -> list[Row]:
        found = ((key, self.read(resource, key, state)) for key in keys)
        return [Row(key, entity) for key, entity in found if entity is not None]

    def _query_views(self, operation: Operation) -> dict[str, JsonObject]:
        """Return the views of an operation's query parameters, by their names on the wire."""
        tool = operation.tool
        if tool.name not in self._views:
            shapes, properties = self._entities.models[tool.api].shapes, tool.parameters.get("properties", {})
            self._views[tool.name] = {
                a.key: shapes.view(properties[a.name]) for a in tool.arguments if a.location in ("query", "body")
            }
        return self._views[tool.name]

    def _url(self, operation: Operation, inputs: Inputs) -> str:
        binding = operation.tool.binding
        path = binding.path if isinstance(binding, HttpBinding) else ""
        for param in operation.scope:
            path = path.replace("{" + param.name + "}", inputs.path.get(param.name, ""))
        return f"https://www.example.com{path}"

    def _visible(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Sequence[Row]:
        values = tuple(inputs.path.get(param.name, "") for param in operation.scope)
        if is_home(operation, resource):
            return list(self._entities.rows(resource, values, state))
        keys = self._entities.everywhere(resource, state)
        for param, value in zip(operation.scope, values, strict=True):
            keys = [key for key in keys if self._belongs(resource, key, param.target, param.name, value, state)]
        return self._rows(resource, keys, state)

    def _belongs(
        self, resource: Resource, key: Key, target: Resource | None, name: str, value: str, state: WorldState
    ) -> bool:
        """Tell whether an entity stands under a parameter of a path that is not its own collection's."""
        for place, parent in enumerate(resource.parents[: len(resource.ancestor_params)]):
            if (parent is target and target is not None) or same_name(resource.params[place], name):
                return key[place] == value
        link = self.link(resource, target, name)
        if link is not None:
            return equals((self.read(resource, key, state) or {}).get(link), value)
        return rng(self._entities.seed, "membership", name, value, resource.id, key).random() < _MEMBERS

    def _search(self, operation: Operation, inputs: Inputs, state: WorldState) -> Response:
        """Return what a search over several resources finds, each kind in its own list."""
        query = Query(inputs.query, self._query_views(operation))
        body: JsonObject = {}
        for name, resource in operation.searches:
            rows = self._rows(resource, self._entities.everywhere(resource, state), state)
            body[name] = [row.entity for row in page(select(rows, query), query).rows]
        return self._answers.of_search(operation, body, state)


def _path_key(operation: Operation, resource: Resource, inputs: Inputs) -> Key:
    return tuple(inputs.path.get(param.name, "") for param in operation.scope)[: len(resource.params)]
