"""Requests: parameters and body of an operation as one flat set of named arguments."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import Argument, Json, JsonObject, is_object
from toolbench.specs._bodies import Bodies, Body
from toolbench.specs._names import argument_names
from toolbench.specs._parameters import Parameters, Slot
from toolbench.specs._references import Found, Place
from toolbench.specs._schemas import Schemas


@dataclass(frozen=True, slots=True)
class Request:
    """All that a call carries."""

    parameters: JsonObject
    """Open schema of the arguments, as `Tool.parameters`."""
    arguments: tuple[Argument, ...]
    """Where each argument goes."""
    media_type: str
    """Media type of the body, empty when there is none."""
    bodily: bool
    """As `HttpBinding.bodily`."""
    needed: tuple[str, ...]
    """As `HttpBinding.needed`."""
    closed: bool
    """As `HttpBinding.closed`."""
    examples: dict[str, JsonObject]
    """Documented arguments, by the name of the example; not always all that are required."""


class Requests:
    """Builds requests for the operations of one description."""

    def __init__(self, schemas: Schemas, *, swagger: bool) -> None:
        self._schemas, self._swagger = schemas, swagger
        self._parameters = Parameters(schemas, swagger=swagger)
        self._bodies = Bodies(schemas)

    def build(
        self, path: str, at: Place, parameters: Sequence[Found], body: Found | None, consumes: Sequence[str]
    ) -> Request:
        """Return what a call of an operation carries.

        Args:
            path: the path template.
            at: where the operation stands.
            parameters: parameters, those of the path item first; a later one overrides an earlier one of the same
                name and location.
            body: the request body of OpenAPI 3.
            consumes: media types of the body in Swagger 2.0.
        """
        chosen = self._parameters.chosen(parameters)
        slots = self._parameters.slots(path, at, chosen)
        content = self._content(chosen, body, consumes)
        keys = [slot.key for slot in (*slots, *content.slots)]
        if len(set(keys)) < len(keys):
            self._schemas.note("arguments of one name told apart by their location", at)
        return _compose(slots, content)

    def _content(self, chosen: Sequence[Found], body: Found | None, consumes: Sequence[str]) -> Body:
        if self._swagger:
            return self._bodies.swagger(chosen, self._parameters.fields(chosen), consumes)
        return self._bodies.openapi(body) if body else Body()


def _compose(slots: Sequence[Slot], body: Body) -> Request:
    every = [*slots, *body.slots]
    names = argument_names([(slot.key or slot.location, slot.location) for slot in every])
    named = list(zip(names, every, strict=True))
    parameters: JsonObject = {
        "type": "object",
        "properties": {name: slot.schema for name, slot in named},
        "additionalProperties": False,
    }
    if required := [name for name, slot in named if slot.required]:
        parameters["required"] = required
    if body.least:
        parameters["minProperties"] = body.least + sum(slot.required for slot in slots)
    return Request(
        parameters=parameters,
        arguments=tuple(_argument(name, slot) for name, slot in named),
        media_type=body.media_type,
        bodily=body.required,
        needed=body.needed,
        closed=body.closed,
        examples=_examples(named, body.examples),
    )


def _argument(name: str, slot: Slot) -> Argument:
    return Argument(
        name=name,
        location=slot.location,
        key=slot.key,
        style=slot.style,
        explode=slot.explode,
        content_type=slot.content_type,
    )


def _examples(named: Sequence[tuple[str, Slot]], bodies: dict[str, Json]) -> dict[str, JsonObject]:
    """Return documented arguments: the parameters' own values together with each example of the body.

    Those without a body are named by an empty text, which is no name of a response's example.
    """
    own = {name: slot.example[0] for name, slot in named if slot.example}
    found = {title: own | _in_body(named, body) for title, body in bodies.items()} or {"": own}
    return {title: arguments for title, arguments in found.items() if arguments}


def _in_body(named: Sequence[tuple[str, Slot]], body: Json) -> JsonObject:
    whole = {name: body for name, slot in named if slot.location == "body" and not slot.key}
    fields = {name: slot.key for name, slot in named if slot.location == "body" and slot.key}
    return whole | {name: body[key] for name, key in fields.items() if is_object(body) and key in body}
