"""Request bodies: plain objects as one slot a property, anything else as one slot for the whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from toolbench.model import Json, JsonObject, is_object
from toolbench.specs._content import JSON, MULTIPART, URLENCODED, Media, concrete, examples_of, media_of, preferred
from toolbench.specs._json import as_list, as_object, as_text
from toolbench.specs._keywords import DROP, count, types
from toolbench.specs._parameters import Slot, style_of
from toolbench.specs._references import Found, Place, reference_of
from toolbench.specs._schemas import Schemas
from toolbench.specs._text import plain

_MORE_THAN_PROPERTIES = (
    *("anyOf", "const", "dependentRequired", "dependentSchemas", "enum", "if", "maxProperties", "not", "oneOf"),
    *("patternProperties", "propertyNames"),
)
_REST = ("additionalProperties", "unevaluatedProperties")


@dataclass(frozen=True, slots=True)
class Body:
    """What a call carries in its body."""

    media_type: str = ""
    """Media type, empty when there is no body."""
    slots: Sequence[Slot] = ()
    """One for each property, or one for the whole."""
    least: int = 0
    """How many properties the body has at the least."""
    required: bool = False
    """As `HttpBinding.bodily`."""
    needed: tuple[str, ...] = ()
    """As `HttpBinding.needed`."""
    closed: bool = False
    """As `HttpBinding.closed`."""
    examples: dict[str, Json] = field(default_factory=dict[str, Json])
    """Documented bodies by name."""


@dataclass(slots=True)
class _Fields:
    """Properties of an object schema, gathered over `$ref` and `allOf`."""

    properties: dict[str, list[Found]] = field(default_factory=dict[str, list[Found]])
    required: set[str] = field(default_factory=set[str])
    least: int = 0
    closed: bool = False


class Bodies:
    """Reads the request bodies of one description."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas, self._references = schemas, schemas.references

    def openapi(self, written: Found) -> Body:
        """Return the body of a `requestBody` of OpenAPI 3."""
        body, at = self._references.follow_object(*written)
        media = media_of(body.get("content"), at.at("content"))
        return self._fill(media[0], body) if media else Body()

    def swagger(self, chosen: Sequence[Found], fields: Sequence[Slot], consumes: Sequence[str]) -> Body:
        """Return the body of a Swagger 2.0 operation.

        Args:
            chosen: the operation's parameters, a `body` one among them or not.
            fields: its form, which goes before.
            consumes: media types that it takes.
        """
        raw = [(as_object(parameter), at) for parameter, at in chosen]
        if fields:
            return Body(_form_type(consumes, [parameter for parameter, _ in raw]), fields)
        for parameter, at in raw:
            if parameter["in"] == "body":
                schema, types_taken = parameter.get("schema"), consumes or (JSON,)
                media = preferred(Media(concrete(name), schema, at.at("schema"), {}) for name in types_taken)
                return self._fill(media[0], parameter)
        return Body()

    def _fill(self, media: Media, body: JsonObject) -> Body:
        examples = examples_of(media, self._references)
        required = body.get("required") is True
        fields = _Fields()
        if self._is_flat(media, fields):
            slots = self._flat(fields, media, required=required)
            needed = tuple(slot.key for slot in slots if slot.key in fields.required)
            return Body(media.type, slots, fields.least * required, required, needed, fields.closed, examples)
        schema = dict(self._schemas.convert(_known(media), media.at, "input"))
        if description := plain(as_text(body.get("description"))):
            schema.setdefault("description", description)
        return Body(media.type, [Slot("", "body", schema, required=required)], required=required, examples=examples)

    def _is_flat(self, media: Media, into: _Fields) -> bool:
        structured = media.is_json or media.is_form
        return structured and self._gather(media.schema, media.at, into, ()) and bool(into.properties)

    def _gather(self, raw: Json, at: Place, fields: _Fields, above: tuple[Place, ...]) -> bool:
        """Gather an object's properties; False when it is more than a plain object."""
        if not is_object(raw) or at in above or not _is_plain(raw):
            return False
        reference = reference_of(raw)
        if reference is not None:
            if not self._gather(*self._references.target(reference, at), fields, (*above, at)):
                return False
            if not self._schemas.siblings:
                return True
        for index, member in enumerate(as_list(raw.get("allOf"))):
            if not self._gather(member, at.at("allOf", str(index)), fields, (*above, at)):
                return False
        for name, member in as_object(raw.get("properties")).items():
            fields.properties.setdefault(name, []).append((member, at.at("properties", name)))
        fields.required.update(name for name in as_list(raw.get("required")) if isinstance(name, str))
        least = count(raw.get("minProperties"))
        fields.least = max(fields.least, 0 if least is DROP else least)
        fields.closed |= any(raw.get(keyword) is False for keyword in _REST)
        return True

    def _flat(self, fields: _Fields, media: Media, *, required: bool) -> list[Slot]:
        encodings = as_object(media.raw.get("encoding"))
        slots: list[Slot] = []
        described = fields.properties | {name: [] for name in sorted(fields.required - fields.properties.keys())}
        for name, found in described.items():
            if any(self._is_hidden(*each) for each in found):
                continue
            encoding = as_object(encodings.get(name))
            style, explode = style_of(encoding, "body") if media.is_form else ("", False)
            slots.append(
                Slot(
                    key=name,
                    location="body",
                    schema=self._merged(found),
                    required=required and name in fields.required,
                    style=style,
                    explode=explode,
                    content_type=as_text(encoding.get("contentType")),
                )
            )
        return slots

    def _is_hidden(self, raw: Json, at: Place) -> bool:
        return self._schemas.is_hidden(raw, "input", at.file, lambda: at)

    def _merged(self, found: Sequence[Found]) -> JsonObject:
        """Return the schema of a property that may be described in several places: all of them hold."""
        schemas: list[JsonObject] = []
        for raw, at in found:
            schema = self._schemas.convert(raw, at, "input")
            if schema not in schemas:
                schemas.append(schema)
        if len(schemas) > 1:
            return {"allOf": schemas}
        return schemas[0] if schemas else {}


def _is_plain(raw: JsonObject) -> bool:
    if any(raw.get(keyword) not in (None, [], {}) for keyword in _MORE_THAN_PROPERTIES):
        return False
    if any(is_object(raw.get(keyword)) and raw[keyword] for keyword in _REST):
        return False
    kind = types(raw["type"]) if "type" in raw else "object"
    return kind is DROP or "object" in kind


def _known(media: Media) -> Json:
    if media.schema is None:
        return {} if media.is_json else {"type": "string"}
    return media.schema


def _form_type(consumes: Sequence[str], parameters: Sequence[JsonObject]) -> str:
    has_file = any(parameter.get("type") == "file" for parameter in parameters)
    return MULTIPART if has_file or (MULTIPART in consumes and URLENCODED not in consumes) else URLENCODED
