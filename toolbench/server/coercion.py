"""Text given the types that a schema asks for. What cannot be read so stays text, for validation to refuse."""

import math
import re
from collections.abc import Iterator, Mapping

import orjson

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.server.styles import Tree

_INTEGER = re.compile(r"-?\d+", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_INTEGERS = range(-(2**63), 2**64)
"""Whole numbers that keep their type in JSON here; those beyond become floats."""
_MOST_DIGITS = 20
_DEEPEST = 24
_ANYTHING: JsonObject = {}
_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string", "list": "array", "dict": "object"}


class Coercion:
    """Gives text the types that the schemas of one API ask for.

    Args:
        definitions: the API's shared schemas, `Api.definitions`.
    """

    def __init__(self, definitions: Mapping[str, JsonObject]) -> None:
        self._definitions = definitions
        # A schema is kept beside what is known of it, so that its id is not given to another object.
        self._kinds: dict[int, tuple[Json, frozenset[str]]] = {}

    def kinds(self, schema: Json) -> frozenset[str]:
        """Return the JSON types that a schema's alternatives name, empty where they name none."""
        known = self._kinds.get(id(schema))
        if known is None:
            found = frozenset(kind for leaf in self._leaves(schema) for kind in _named(leaf))
            known = self._kinds[id(schema)] = (schema, found)
        return known[1]

    def structure(self, schema: Json) -> str:
        """Return `array` or `object` where a schema asks for one and plain text would not do, else nothing."""
        kinds = self.kinds(schema)
        if "string" in kinds:
            return ""
        return next((kind for kind in ("array", "object") if kind in kinds), "")

    def properties(self, schema: Json) -> list[str]:
        """Return the names of an object's properties."""
        return [name for leaf in self._leaves(schema) for name in leaf.get("properties", ())]

    def value(self, tree: Tree, schema: Json) -> Json:
        """Return a value with the types that a schema asks for, as far as it can be read so."""
        kinds = self.kinds(schema)
        if isinstance(tree, str):
            return self._text(tree, schema, kinds)
        if isinstance(tree, list):
            if "array" not in kinds and kinds:
                return self.value(tree[-1], schema) if tree else []
            return [self.value(item, self._items(schema)) for item in tree]
        if "array" in kinds and all(key.isdigit() for key in tree):
            return [self.value(tree[key], self._items(schema)) for key in sorted(tree, key=int)]
        return {name: self.value(inner, self._property(schema, name)) for name, inner in tree.items()}

    def _text(self, text: str, schema: Json, kinds: frozenset[str]) -> Json:
        if "string" in kinds or not kinds:
            return scalar(text, kinds)
        if kinds & {"array", "object"}:
            if text[:1] in ("{", "[") and (parsed := _parsed(text)) is not None:
                return parsed
            if "array" in kinds and not kinds & {"integer", "number", "boolean"}:
                return [self.value(text, self._items(schema))]
        return scalar(text, kinds)

    def _items(self, schema: Json) -> Json:
        return next((leaf["items"] for leaf in self._leaves(schema) if "items" in leaf), _ANYTHING)

    def _property(self, schema: Json, name: str) -> Json:
        leaves = list(self._leaves(schema))
        for leaf in leaves:
            if name in leaf.get("properties", ()):
                return leaf["properties"][name]
        return next((extra for leaf in leaves if is_object(extra := leaf.get("additionalProperties"))), _ANYTHING)

    def _leaves(self, schema: Json, depth: int = 0) -> Iterator[JsonObject]:
        """Yield a schema and all that it refers to or chooses from."""
        if not is_object(schema) or depth > _DEEPEST:
            return
        yield schema
        if "$ref" in schema:
            target = str(schema["$ref"]).removeprefix("#/$defs/")
            yield from self._leaves(self._definitions.get(target), depth + 1)
        for keyword in ("allOf", "anyOf", "oneOf"):
            branches: Json = schema.get(keyword)
            for branch in branches if is_array(branches) else ():
                yield from self._leaves(branch, depth + 1)


def _named(leaf: JsonObject) -> list[str]:
    """Return the types that a schema names itself."""
    kinds: Json = leaf.get("type")
    if kinds is not None:
        return [str(kind) for kind in (kinds if is_array(kinds) else [kinds])]
    if "properties" in leaf:
        return ["object"]
    if "items" in leaf:
        return ["array"]
    options: list[Json] = leaf.get("enum") or ([leaf["const"]] if "const" in leaf else [])
    return [_TYPES.get(type(option).__name__, "null") for option in options]


def scalar(text: str, kinds: frozenset[str]) -> Json:
    """Return the number, truth value or null that a text spells, where one of these types is asked for, else the text.

    Args:
        text: the text.
        kinds: JSON types to choose from.
    """
    if kinds & {"integer", "number"} and _NUMBER.fullmatch(text):
        return _number(text, kinds)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if text == "null" and "null" in kinds and "string" not in kinds:
        return None
    return text


def _number(text: str, kinds: frozenset[str]) -> float | str:
    if _INTEGER.fullmatch(text):
        if len(text) <= _MOST_DIGITS and (whole := int(text)) in _INTEGERS:
            return whole
    elif "number" not in kinds:
        return text
    number = float(text)
    return number if math.isfinite(number) else text


def _parsed(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
