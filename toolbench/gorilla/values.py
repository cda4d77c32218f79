"""Values for a call, made from what its document says of its parameters."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from toolbench.gorilla.docset import ApiDoc, Parameter
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.nouns import words
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import Shapes

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""The day around which made-up dates lie."""

MOST_LEAVES = 8
"""Values that an instruction says, at most."""

MOST_OPTIONAL = 3
"""Optional parameters that a call gives, at most."""

LONGEST_TEXT = 120
"""Characters of a text that somebody says."""

_UNSAID = frozenset(
    "cursor expand fields include offset page after before token signature idempotency key header accept etag embed "
    "args kwargs body callback fn func function iteratee ending starting".split()
)
"""Words of parameters that nobody asks for in words."""

_NUMBERS = frozenset(
    "width height size length count number limit maximum minimum max min degrees angle index depth level precision "
    "digits seconds minutes hours days amount total radius".split()
)
"""Last words of names of what is a number, where a document does not say its type."""

_SHAPES = Shapes({})
_SAMPLER = Sampler(_SHAPES, NOW)
_SCALARS = ("string", "integer", "number", "boolean")


def sampled(doc: ApiDoc, r: random.Random) -> JsonObject | None:
    """Return values for the parameters that each call must give, and for some others; None where nobody could say them.

    No optional parameter is given its default.
    """
    chosen = [one for one in doc.parameters if one.required]
    optional = [one for one in doc.parameters if not one.required and is_sayable(one)]
    least = 0 if chosen or not optional else 1
    most = min(MOST_OPTIONAL, len(optional))
    chosen += r.sample(optional, r.randint(min(least, most), most)) if not doc.written else []
    names = {one.name for one in chosen}
    wanted = {one.name: value_for(one, r, doc) for one in doc.parameters if one.name in names}
    said = list(leaves(wanted))
    usable = len(said) <= MOST_LEAVES and all(map(_can_be_said, said))
    return wanted if usable and all(_says_something(value) for value in wanted.values()) else None


def is_sayable(parameter: Parameter) -> bool:
    """Tell whether somebody could ask for a value of a parameter."""
    kind = parameter.content.get("type")
    return kind in _SCALARS and not _UNSAID.intersection(words(parameter.name))


def value_for(parameter: Parameter, r: random.Random, doc: ApiDoc) -> Json:
    """Return a value for a parameter; of an optional one none that is its default, if there is another."""
    schema = _schema(parameter.content, parameter.name)
    owner = words(doc.operation)[-1] if words(doc.operation) else ""
    if (
        schema.get("type") == "string"
        and "enum" not in schema
        and f"{{{parameter.name}}}" in str(doc.extra.get("path"))
    ):
        return _SAMPLER.identifier(schema, r, parameter.name)
    for _ in range(6):
        value = _tidy(_SAMPLER.value(schema, r, name=parameter.name, owner=owner))
        if parameter.required or value != parameter.content.get("default"):
            return value
    return None


def leaves(value: Json) -> Iterator[Json]:
    """Yield the scalars in a value."""
    if is_object(value):
        for inner in value.values():
            yield from leaves(inner)
    elif is_array(value):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def _schema(content: JsonObject, name: str = "") -> JsonObject:
    """Return what a document says of a value as JSON Schema; where it says no type, the name may tell."""
    made = {key: value for key, value in content.items() if key not in ("required_properties", "default")}
    if not made.get("type") and "enum" not in made and "const" not in made:
        is_number = len(name) == 1 or bool(_NUMBERS.intersection(words(name)[-1:]))
        made |= {"type": "integer", "minimum": 2, "maximum": 90} if is_number else {"type": "string"}
    if is_object(content.get("properties")):
        must = content.get("required_properties") or list(content["properties"])[:1]
        made["properties"] = {name: _schema(content["properties"][name]) for name in must}
        made["required"] = must
    if is_object(content.get("items")):
        made["items"] = _schema(content["items"])
        made |= {"maxItems": max(2, content.get("minItems", 0))}
    return made


def _tidy(value: Json) -> Json:
    """Return a value with amounts as people have them."""
    return round(value, 2) if isinstance(value, float) else value


def _can_be_said(value: Json) -> bool:
    if value is None or (isinstance(value, str) and (not value.strip() or "\n" in value)):
        return False
    return not isinstance(value, str) or len(value) <= LONGEST_TEXT


def _says_something(value: Json) -> bool:
    return not (is_array(value) or is_object(value)) or any(True for _ in leaves(value))
