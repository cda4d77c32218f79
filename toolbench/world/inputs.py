"""A call's arguments as the server gets them: the parts of the request, and the body freed of its wrapping."""

from dataclasses import dataclass, field

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.resources import Operation, wraps
from toolbench.world.shapes import Shapes

_WRITES = ("create", "update", "replace", "action")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a call says, under the names on the wire."""

    path: dict[str, str] = field(default_factory=dict[str, str])
    query: JsonObject = field(default_factory=dict[str, Json])
    body: JsonObject = field(default_factory=dict[str, Json])
    """Fields of the entity."""
    patch: tuple[JsonObject, ...] = ()
    """Operations of a JSON Patch (RFC 6902), where the body is one."""
    written: list[tuple[str, Json, Json]] = field(default_factory=list[tuple[str, Json, Json]])
    """The body's arguments: name, value and open schema."""
    listed: Json = None
    """What the argument holds that lists the entities of a `bulk` operation."""


def read_inputs(operation: Operation, arguments: JsonObject, shapes: Shapes) -> Inputs:
    """Return what a call says.

    Args:
        operation: the operation called.
        arguments: valid arguments.
        shapes: views of the API's schemas.
    """
    tool = operation.tool
    inputs = Inputs()
    named = {param.name for param in operation.scope}
    whole: Json = None
    for argument in tool.arguments:
        if argument.name not in arguments:
            continue
        value = arguments[argument.name]
        if argument.location == "path" or argument.name in named:
            inputs.path[argument.name] = as_key(value)
        elif argument.location == "query" or (argument.location == "body" and operation.role == "list"):
            inputs.query[argument.key] = value
        elif argument.location == "body":
            inputs.written.append((argument.name, value, tool.parameters["properties"][argument.name]))
            if argument.key:
                inputs.body[argument.key] = value
            else:
                whole = value
    return _with_fields(operation, inputs, whole, shapes)


def _with_fields(operation: Operation, inputs: Inputs, whole: Json, shapes: Shapes) -> Inputs:
    known = shapes.properties(operation.resource.schema) if operation.resource else {}
    body = {**inputs.body, **(whole if is_object(whole) else {})}
    if operation.role in _WRITES and not _has_body(operation):
        body = {name: value for name, value in inputs.query.items() if name in known}
    patch = tuple(step for step in whole if is_object(step) and "op" in step) if is_array(whole) else ()
    listed = inputs.query.get(operation.items, body.get(operation.items, whole)) if operation.items else None
    return Inputs(inputs.path, inputs.query, _bare(operation, body, known), patch, inputs.written, listed)


def _has_body(operation: Operation) -> bool:
    return any(argument.location == "body" for argument in operation.tool.arguments)


def _bare(operation: Operation, body: JsonObject, known: JsonObject) -> JsonObject:
    """Return the fields of the entity in a body that may wrap them: `{"order": {…}}`."""
    fields: JsonObject = {}
    phrase = operation.resource.noun if operation.resource else ""
    for name, value in body.items():
        if is_object(value) and name not in known and wraps(name, phrase):
            fields |= _bare(operation, value, known)
        else:
            fields[name] = value
    return fields


def as_key(value: Json) -> str:
    """Return the text of a value in a path; of several, the first."""
    if is_array(value):
        return as_key(value[0]) if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
