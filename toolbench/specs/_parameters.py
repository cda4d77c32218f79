"""Parameters: path, query, header and cookie in all versions, and the form fields of Swagger 2.0."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import Json, JsonObject, is_object
from toolbench.model.tool import Location
from toolbench.specs._content import Media, media_of
from toolbench.specs._json import as_object, as_text
from toolbench.specs._names import template_names
from toolbench.specs._references import Found, Place
from toolbench.specs._schemas import Schemas
from toolbench.specs._text import plain

_LOCATIONS: dict[str, Location] = {"path": "path", "query": "query", "header": "header", "cookie": "cookie"}
_DEFAULT_STYLES: dict[Location, str] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
    "body": "form",
}
_SPREADING = ("form", "deepObject")
_SWAGGER_STYLES = {"ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited"}
_IN_BODY = ("body", "formData")
_RESERVED_HEADERS = ("accept", "authorization", "content-type")
_NOT_A_SCHEMA = ("allowEmptyValue", "collectionFormat", "description", "in", "name", "required")


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that a call carries, before it has an argument's name."""

    key: str
    """Name on the wire; empty for a whole body."""
    location: Location
    """Part of the request that carries it."""
    schema: JsonObject
    """Open schema of its value."""
    required: bool = False
    """Whether every call must carry it."""
    style: str = ""
    """As `Argument.style`; `tabDelimited` stands for the `tsv` of Swagger 2.0."""
    explode: bool = False
    """As `Argument.explode`."""
    content_type: str = ""
    """As `Argument.content_type`."""
    example: tuple[Json, ...] = ()
    """A documented value, where there is one."""


def style_of(written: JsonObject, location: Location) -> tuple[str, bool]:
    """Return style, empty for the location's default, and explode of a parameter or of a form's field in OpenAPI 3."""
    default = _DEFAULT_STYLES[location]
    style = as_text(written.get("style")) or default
    explode = written.get("explode")
    return "" if style == default else style, explode if isinstance(explode, bool) else style in _SPREADING


class Parameters:
    """Reads the parameters of one description, each shared one once."""

    def __init__(self, schemas: Schemas, *, swagger: bool) -> None:
        self._schemas, self._references, self._swagger = schemas, schemas.references, swagger
        self._slots: dict[Place, Slot | None] = {}

    def chosen(self, written: Sequence[Found]) -> list[Found]:
        """Return parameters behind their references; the last of one name and location counts."""
        chosen: dict[tuple[str, str], Found] = {}
        for each in written:
            parameter, at = self._references.follow_object(*each)
            name, location = as_text(parameter.get("name")), as_text(parameter.get("in"))
            if name and location:
                chosen[name, location] = (parameter, at)
            else:
                self._schemas.note("parameter without name or location dropped", at)
        return list(chosen.values())

    def slots(self, path: str, at: Place, chosen: Sequence[Found]) -> list[Slot]:
        """Return the slots of an operation's parameters outside of the body.

        Those in the path follow the template: each of its names once, as text where it is not declared, and no other.
        """
        slots = [slot for found in chosen if (slot := self._slot(*found))]
        names = template_names(path)
        declared = {slot.key for slot in slots if slot.location == "path"}
        if not declared.issubset(names):
            self._schemas.note("path parameter that is not in the path dropped", at)
        if not declared.issuperset(names):
            self._schemas.note("path parameter that is not declared taken as text", at)
        missing = [Slot(name, "path", {"type": "string"}, required=True) for name in names if name not in declared]
        return missing + [slot for slot in slots if slot.location != "path" or slot.key in names]

    def fields(self, chosen: Sequence[Found]) -> list[Slot]:
        """Return the slots of a Swagger 2.0 form."""
        return [self._read(as_object(raw), at, "body") for raw, at in chosen if as_object(raw)["in"] == "formData"]

    def _slot(self, raw: Json, at: Place) -> Slot | None:
        if at not in self._slots:
            self._slots[at] = self._outside_body(as_object(raw), at)
        return self._slots[at]

    def _outside_body(self, parameter: JsonObject, at: Place) -> Slot | None:
        """Return the slot of a parameter outside of the body; None for what is not an argument."""
        location = _LOCATIONS.get(parameter["in"])
        if location is None:
            if not (self._swagger and parameter["in"] in _IN_BODY):
                self._schemas.note("parameter in an unknown location dropped", at)
            return None
        if location == "header" and as_text(parameter["name"]).lower() in _RESERVED_HEADERS:
            return None
        return self._read(parameter, at, location)

    def _read(self, parameter: JsonObject, at: Place, location: Location) -> Slot:
        media = media_of(parameter.get("content"), at.at("content"))
        style, explode = ("", False) if media else self._style(parameter, location)
        example = self._example(parameter, at)
        return Slot(
            key=as_text(parameter["name"]),
            location=location,
            schema=self._described(parameter, at, media, example),
            required=location == "path" or parameter.get("required") is True,
            style=style,
            explode=explode,
            content_type=media[0].type if media else "",
            example=example,
        )

    def _style(self, parameter: JsonObject, location: Location) -> tuple[str, bool]:
        if not self._swagger:
            return style_of(parameter, location)
        collection = as_text(parameter.get("collectionFormat"))
        return _SWAGGER_STYLES.get(collection, ""), collection == "multi"

    def _described(
        self, parameter: JsonObject, at: Place, media: Sequence[Media], example: tuple[Json, ...]
    ) -> JsonObject:
        """Return a parameter's schema, with what the parameter itself says of the value."""
        described = dict(self._schema(parameter, at, media))
        if description := plain(as_text(parameter.get("description"))):
            described["description"] = description
        if parameter.get("deprecated") is True:
            described["deprecated"] = True
        if example:
            described.setdefault("examples", list(example))
        return described

    def _schema(self, parameter: JsonObject, at: Place, media: Sequence[Media]) -> JsonObject:
        if self._swagger:
            raw: Json = {key: value for key, value in parameter.items() if key not in _NOT_A_SCHEMA}
            return self._schemas.convert(raw, at, "input")
        if media:
            return self._schemas.convert(media[0].schema or {}, media[0].at, "input")
        return self._schemas.convert(parameter.get("schema") or {}, at.at("schema"), "input")

    def _example(self, parameter: JsonObject, at: Place) -> tuple[Json, ...]:
        """Return the first documented value of a parameter."""
        if "example" in parameter:
            return (parameter["example"],)
        named = as_object(parameter.get("examples"))
        found = [self._references.follow_object(each, at.at("examples", name))[0] for name, each in named.items()]
        return tuple(each["value"] for each in found if is_object(each) and "value" in each)[:1]
