"""Schemas made short enough for a prompt: nearest first, what lies deeper left open."""

from collections.abc import Mapping

from toolbench.model import Json, JsonObject, canonical, is_array, is_object

LIMIT = 6_000
"""Bytes of an outline, aimed at."""

_DEEPEST = 12
_MOST_BRANCHES = 6
_LONGEST_TEXT = 160
_PREFIX = "#/$defs/"
_BOUNDS = frozenset(
    """type format enum const required minimum maximum exclusiveMinimum exclusiveMaximum multipleOf pattern minLength
    maxLength minItems maxItems uniqueItems minProperties maxProperties default""".split()
)


def outline(schema: JsonObject, limit: int = LIMIT) -> JsonObject:
    """Return a closed schema without references, as deep as the limit allows; at least its first level.

    It is for reading, not for validating: what is cut accepts anything.
    """
    definitions: Json = schema.get("$defs")
    known = definitions if is_object(definitions) else {}
    best = _outlined(schema, known, 1)
    for depth in range(2, _DEEPEST + 1):
        deeper = _outlined(schema, known, depth)
        if len(canonical(deeper)) > limit or deeper == best:
            break
        best = deeper
    return best


def _outlined(schema: Json, definitions: Mapping[str, Json], depth: int) -> Json:
    if not is_object(schema):
        return schema
    found: JsonObject = {name: value for name, value in schema.items() if name in _BOUNDS}
    if isinstance(about := schema.get("description"), str):
        found["description"] = about if len(about) <= _LONGEST_TEXT else f"{about[:_LONGEST_TEXT]}…"
    if isinstance(target := schema.get("$ref"), str):
        # A reference takes a level too: definitions may refer to one another in a circle.
        inner = definitions.get(target.removeprefix(_PREFIX)) if depth else None
        found = {**(_outlined(inner, definitions, depth - 1) if is_object(inner) else {}), **found}
    return found | (_parts(schema, definitions, depth - 1) if depth > 0 else {})


def _parts(schema: JsonObject, definitions: Mapping[str, Json], depth: int) -> JsonObject:
    found: JsonObject = {}
    if is_object(properties := schema.get("properties")):
        found["properties"] = {name: _outlined(inner, definitions, depth) for name, inner in properties.items()}
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            found[keyword] = _outlined(schema[keyword], definitions, depth)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if is_array(branches := schema.get(keyword)):
            found[keyword] = [_outlined(branch, definitions, depth) for branch in branches[:_MOST_BRANCHES]]
    return found
