"""Values of JSON Schema keywords, one by one: kept, mended where the meaning is plain, or dropped.

Real descriptions hold values that no validator accepts. Dropping a constraint only widens a schema; the rules here
never narrow one.
"""

import math
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs
import orjson

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.specs._json import as_list
from toolbench.specs._text import plain


class Drop:
    """The type of `DROP`."""


DROP: Final = Drop()
"""Stands for a value that cannot be used."""

TYPES = ("null", "boolean", "object", "array", "number", "integer", "string")
"""The types of JSON Schema."""

_ALIASES: dict[str, tuple[str, str]] = {
    "arraylist": ("array", ""),
    "bool": ("boolean", ""),
    "date": ("string", "date"),
    "date-time": ("string", "date-time"),
    "datetime": ("string", "date-time"),
    "dict": ("object", ""),
    "double": ("number", ""),
    "file": ("string", "binary"),
    "float": ("number", ""),
    "hashmap": ("object", ""),
    "int": ("integer", ""),
    "list": ("array", ""),
    "long": ("integer", ""),
    "map": ("object", ""),
    "str": ("string", ""),
    "tuple": ("array", ""),
    "uuid": ("string", "uuid"),
}
_JS_LITERAL = re.compile(r"/(\^.*\$)/")
_JS_LITERAL_WITH_FLAGS = re.compile(r"/\^.*\$/[a-z]+")


def anything(value: Json) -> Json:
    """Keep any JSON value."""
    return value


def text(value: Json) -> Json:
    """Keep text, and numbers as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return DROP
    return str(value)


def prose(value: Json) -> Json:
    """Keep text, as plain text."""
    written = text(value)
    return written if written is DROP else plain(written)


def flag(value: Json) -> Json:
    """Keep a boolean."""
    return value if isinstance(value, bool) else DROP


def count(value: Json) -> Json:
    """Keep a whole number, not negative; take it out of a text."""
    found = number(value)
    return DROP if found is DROP or not 0 <= found < 2**53 or found != int(found) else int(found)


def number(value: Json) -> Json:
    """Keep a finite number; take it out of a text."""
    if isinstance(value, str):
        value = _number_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return DROP
    return value


def factor(value: Json) -> Json:
    """Keep a number above zero."""
    found = number(value)
    return DROP if found is DROP or found <= 0 else found


def bound(value: Json) -> Json:
    """Keep a number, or the boolean that older dialects have for `exclusiveMinimum` and `exclusiveMaximum`."""
    return value if isinstance(value, bool) else number(value)


def types(value: Json) -> Json:
    """Keep the names of types that exist, by their usual aliases too; one name alone stays alone."""
    named = [_type(each) for each in (value if is_array(value) else [value])]
    known = list(dict.fromkeys(name for name in named if name))
    if not known or len(known) != len(set(map(str, named))):
        return DROP
    return known[0] if len(known) == 1 else known


def format_of_type(value: Json) -> str:
    """Return the format that a type's alias implies (`file`: `binary`), empty for none."""
    return _ALIASES.get(value.lower(), ("", ""))[1] if isinstance(value, str) else ""


def _type(value: Json) -> str:
    if not isinstance(value, str):
        return ""
    lower = value.lower()
    return lower if lower in TYPES else _ALIASES.get(lower, ("", ""))[0]


def regex(value: Json) -> Json:
    """Keep a regular expression that both Rust's and Python's engines take; `/^…$/` loses its slashes."""
    if not isinstance(value, str) or _JS_LITERAL_WITH_FLAGS.fullmatch(value):
        return DROP
    literal = _JS_LITERAL.fullmatch(value)
    expression = literal[1] if literal else value
    return expression if compiles(expression) else DROP


@lru_cache(maxsize=65536)
def compiles(expression: str) -> bool:
    """Tell whether a regular expression compiles in both engines that check calls."""
    with warnings.catch_warnings():
        # Python warns where it reads a set otherwise than other engines do.
        warnings.simplefilter("error", FutureWarning)
        try:
            re.compile(expression)
            jsonschema_rs.Draft202012Validator({"pattern": expression})
        except (re.error, FutureWarning, OverflowError, RecursionError, ValueError):
            return False
    return True


def names(value: Json) -> Json:
    """Keep a list of names, each once."""
    if not is_array(value):
        return DROP
    return list(dict.fromkeys(name for name in value if isinstance(name, str)))


def names_by_name(value: Json) -> Json:
    """Keep an object of lists of names."""
    if not is_object(value):
        return DROP
    return {key: names(entry) for key, entry in value.items() if is_array(entry)}


def choices(value: Json) -> Json:
    """Keep a list of values that is not empty, each once."""
    distinct = {orjson.dumps(each, option=orjson.OPT_SORT_KEYS): each for each in as_list(value)}
    return list(distinct.values()) or DROP


def examples(value: Json) -> Json:
    """Keep a list of examples; take the values out of an object of named ones."""
    if is_object(value):
        return [each["value"] for each in value.values() if is_object(each) and "value" in each] or DROP
    return value if is_array(value) and value else DROP


VALUES: dict[str, Callable[[Json], Json]] = {
    "const": anything,
    "contentEncoding": text,
    "contentMediaType": text,
    "default": anything,
    "dependentRequired": names_by_name,
    "deprecated": flag,
    "description": prose,
    "enum": choices,
    "examples": examples,
    "exclusiveMaximum": bound,
    "exclusiveMinimum": bound,
    "format": text,
    "maxContains": count,
    "maxItems": count,
    "maxLength": count,
    "maxProperties": count,
    "maximum": number,
    "minContains": count,
    "minItems": count,
    "minLength": count,
    "minProperties": count,
    "minimum": number,
    "multipleOf": factor,
    "pattern": regex,
    "readOnly": flag,
    "required": names,
    "title": prose,
    "type": types,
    "uniqueItems": flag,
    "writeOnly": flag,
}
"""Keywords whose values hold no schema, and what becomes of the value."""

_RANGES = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)


def settle(schema: JsonObject, raw: JsonObject) -> list[str]:
    """Bring the keywords of one schema into agreement, in place. Returns what was mended.

    Args:
        schema: keywords already cleaned one by one.
        raw: the schema as written.
    """
    _settle_bounds(schema)
    mended = _settle_ranges(schema)
    if "example" in raw and "examples" not in schema:
        schema["examples"] = [raw["example"]]
    if "format" not in schema and (implied := format_of_type(raw.get("type"))):
        schema["format"] = implied
    if "patternProperties" in raw and "patternProperties" not in schema:
        _open_to_patterns(schema)
    nullable = raw.get("nullable") is True
    if nullable:
        _name_null(schema)
    if "enum" in schema and "type" in schema:
        mended += _settle_choices(schema)
    if nullable and any(keyword in schema for keyword in _COMPOSING):
        _offer_null(schema)
    return mended


def _settle_bounds(schema: JsonObject) -> None:
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        both = schema.get(exclusive) is True and inclusive in schema
        if isinstance(schema.get(exclusive), bool):
            del schema[exclusive]
        if both:
            schema[exclusive] = schema.pop(inclusive)


def _settle_ranges(schema: JsonObject) -> list[str]:
    mended: list[str] = []
    for low, high in _RANGES:
        if low in schema and high in schema and schema[low] > schema[high]:
            del schema[low], schema[high]
            mended.append(f"`{low}` above `{high}`: both dropped")
    return mended


def _open_to_patterns(schema: JsonObject) -> None:
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        schema.pop(keyword, None)


def _settle_choices(schema: JsonObject) -> list[str]:
    allowed: list[str] = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    written: list[Json] = schema["enum"]
    fitting = [value for value in written if _fits(value, allowed)]
    if len(fitting) == len(written):
        return []
    fitting = fitting or [made for value in written if (made := _made_to_fit(value, allowed)) is not DROP]
    if fitting:
        schema["enum"] = choices(fitting)
        return ["`enum` values brought into line with `type`"]
    del schema["enum"]
    return ["`enum` without a value of its `type` dropped"]


def _fits(value: Json, allowed: list[str]) -> bool:
    return any(_is_a(value, name) for name in allowed)


def _is_a(value: Json, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return name in ("integer", "number")
    kinds: dict[str, type] = {"null": type(None), "object": dict, "array": list, "number": float, "string": str}
    return name in kinds and isinstance(value, kinds[name])


def _made_to_fit(value: Json, allowed: list[str]) -> Json:
    if isinstance(value, str):
        read: Json = {"true": True, "false": False}.get(value.lower(), _number_in(value))
        return read if read is not None and _fits(read, allowed) else DROP
    if "string" in allowed and isinstance(value, bool | int | float):
        return orjson.dumps(value).decode()
    return DROP


def _number_in(written: str) -> int | float | None:
    try:
        found: Json = orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


_ANNOTATIONS = ("title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples")


_COMPOSING = ("$ref", "allOf", "anyOf", "oneOf", "not")


def _name_null(schema: JsonObject) -> None:
    if "type" in schema:
        named: list[str] = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        schema["type"] = list(dict.fromkeys((*named, "null")))
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]


def _offer_null(schema: JsonObject) -> None:
    """Let null in beside whatever a composed schema asks for."""
    constraints = {key: schema.pop(key) for key in list(schema) if key not in _ANNOTATIONS}
    schema["anyOf"] = [constraints, {"type": "null"}]
