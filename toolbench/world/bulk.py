"""Operations on many entities at once: how they are recognised, and what they do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from toolbench.model import Argument, HttpBinding, Json, JsonObject, Tool, is_array, is_object
from toolbench.world.answers import ApiError
from toolbench.world.conditions import check_references
from toolbench.world.entities import Entities
from toolbench.world.inputs import Inputs, as_key
from toolbench.world.nouns import KEY_NAMES, noun, same_name, words
from toolbench.world.procedures import ROLES
from toolbench.world.query import Row
from toolbench.world.resources import Operation, Resource, Role, is_named
from toolbench.world.shapes import Shapes, main_type
from toolbench.world.state import Key, WorldState
from toolbench.world.writing import Writer

_MARKS = frozenset(("bulk", "batch", "mass", "multiple", "many"))
_WITH_FIELDS: tuple[Role, ...] = ("create", "update")
_BY_METHOD: dict[str, Role] = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}


class Form(NamedTuple):
    """How an operation treats many at once."""

    each: Role
    """What is done to each."""
    verb: str
    """For an action: the verb."""
    items: str
    """The argument that lists them; empty where they are all that the query lets through."""


def on_collection(tool: Tool, resource: Resource, shapes: Shapes) -> Form | None:
    """Return how an operation on the path of a collection treats many at once; None where it does not.

    `POST`, `PUT` and `PATCH` take a list of entities, `DELETE` one of entities or keys; `DELETE` without a list takes
    all that the query lets through.
    """
    method = tool.binding.method if isinstance(tool.binding, HttpBinding) else ""
    each = _BY_METHOD.get(method)
    if each is None:
        return None
    items = _list_argument(tool, resource, shapes, entities=each in _WITH_FIELDS)
    if each == "create":
        return Form(each, "", items) if items and _is_alone(tool, items, resource, shapes) else None
    return Form(each, "", items) if items or each == "delete" else None


def on_verb(name: str, tool: Tool, resource: Resource, shapes: Shapes) -> Form | None:
    """Return how an operation below the path of a collection treats many at once; None where it does not.

    Args:
        name: the last part of its path: `bulk`, `bulkDelete`, `archive`.
        tool: the tool.
        resource: the collection's.
        shapes: views of the API's schemas.
    """
    method = tool.binding.method if isinstance(tool.binding, HttpBinding) else ""
    rest = [word for word in words(name) if word not in _MARKS]
    if method == "GET" or (rest and len(rest) > 1 and noun("_".join(rest[1:])) != resource.noun):
        return None
    each = ROLES.get(rest[0], "action") if rest else _BY_METHOD.get(method, "unknown")
    items = _list_argument(tool, resource, shapes, entities=each in _WITH_FIELDS)
    if not items or each in ("unknown", "list"):
        return None
    return Form(each, rest[0] if each == "action" else "", items)


def _list_argument(tool: Tool, resource: Resource, shapes: Shapes, *, entities: bool) -> str:
    """Return the argument that lists entities, or keys of them unless only entities will do; empty for none."""
    properties = tool.parameters.get("properties", {})
    for argument in tool.arguments:
        items = shapes.items(properties[argument.name]) if argument.location in ("body", "query") else None
        if items is None:
            continue
        shown = shapes.properties(items)
        if shown and _are_entities(shown, argument, resource, shapes):
            return argument.name
        if not entities and not shown and _are_keys(argument, resource) and _is_scalar(items, shapes):
            return argument.name
    return ""


def _are_entities(shown: JsonObject, argument: Argument, resource: Resource, shapes: Shapes) -> bool:
    known = shapes.properties(resource.schema).keys()
    return bool(shown.keys() & known) and "op" not in shown and (not argument.key or argument.key not in known)


def _are_keys(argument: Argument, resource: Resource) -> bool:
    name = argument.key
    last = words(noun(name))[-1:] if name else ()
    return not name or is_named(name, resource.noun) or last in tuple((key,) for key in KEY_NAMES)


def _is_scalar(items: Json, shapes: Shapes) -> bool:
    return main_type(shapes.view(items)) in ("string", "integer", "number", "")


def _is_alone(tool: Tool, items: str, resource: Resource, shapes: Shapes) -> bool:
    """Tell whether a body says nothing but a list, so that it is no entity that merely holds one."""
    known = shapes.properties(resource.schema)
    others = [a for a in tool.arguments if a.location == "body" and a.name != items]
    return not any(same_name(a.key, name) for a in others for name in known)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Carries out operations on many entities: on all of them, or, where one is turned down, on none."""

    entities: Entities
    writer: Writer

    def run(
        self, operation: Operation, resource: Resource, inputs: Inputs, chosen: list[Key], state: WorldState
    ) -> tuple[list[Row], WorldState]:
        """Return the entities dealt with, as they are then or, if deleted, were, and the state after it.

        Args:
            operation: the operation.
            resource: what it works on.
            inputs: what the call says.
            chosen: keys of the entities that the query lets through.
            state: the state before.

        Raises:
            ApiError: one of them is turned down; its place is in the pointers.
        """
        check_references(self.entities, operation, inputs, state)
        one = replace(operation, role=operation.each, envelope=(), items="")
        rows: list[Row] = []
        for place, item in enumerate(self._items(operation, inputs, chosen)):
            try:
                row, state = self._on_one(one, resource, inputs, item, state)
            except ApiError as error:
                raise _placed(error, f"/{operation.items}/{place}") from error
            rows.append(row)
        return rows, state

    def _items(self, operation: Operation, inputs: Inputs, chosen: list[Key]) -> Iterator[Json]:
        if not operation.items:
            yield from (key[-1] for key in chosen)
            return
        listed: Json = inputs.listed
        yield from listed if is_array(listed) else ()

    def _on_one(
        self, one: Operation, resource: Resource, inputs: Inputs, item: Json, state: WorldState
    ) -> tuple[Row, WorldState]:
        ancestors = tuple(inputs.path.get(param.name, "") for param in one.scope)
        body = item if is_object(item) else {}
        said = Inputs(inputs.path, {}, body)
        if one.each == "create":
            key, state = self.writer.add(one, resource, said, state)
            return Row(key, self.entities.read(resource, key, state) or {}), state
        key = (*ancestors, self._own(resource, item))
        before = self.entities.read(resource, key, state)
        if before is None:
            raise ApiError(404, f"No {resource.noun} {key[-1]!r} was found")
        match one.each:
            case "delete":
                return Row(key, before), state.put((resource.id, key), None)
            case "update":
                state = self.writer.update(one, resource, key, said, state).state
            case "action":
                state = self.writer.act(one, resource, key, said, state).state
            case _:
                pass
        return Row(key, self.entities.read(resource, key, state) or {}), state

    def _own(self, resource: Resource, item: Json) -> str:
        if not is_object(item):
            return as_key(item)
        held: Json = item
        for name in resource.key_path:
            held = held.get(name) if is_object(held) else None
        wanted = (resource.own_param, "id", *KEY_NAMES)
        other = next((item[name] for name in wanted if isinstance(item.get(name), str | int)), "")
        return as_key(other if held is None or is_object(held) else held)


def _placed(error: ApiError, place: str) -> ApiError:
    details = error.details or ({"pointer": "", "message": error.message},)
    return ApiError(
        error.status, error.message, tuple({**each, "pointer": f"{place}{each['pointer']}"} for each in details)
    )
