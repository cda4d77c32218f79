"""Schemas seen plainly: references followed, `allOf` merged, one alternative chosen."""

from collections.abc import Mapping

from toolbench.model import Json, JsonObject, is_array, is_object

_PREFIX = "#/$defs/"
_DEEPEST = 24
_TIGHTER = {"minimum": max, "minLength": max, "minItems": max, "maximum": min, "maxLength": min, "maxItems": min}


class Shapes:
    """Views of the schemas of one API.

    Args:
        definitions: the API's shared schemas, `Api.definitions`.
    """

    def __init__(self, definitions: Mapping[str, JsonObject]) -> None:
        self._definitions = definitions
        self._views: dict[int, tuple[Json, JsonObject]] = {}

    def view(self, schema: Json) -> JsonObject:
        """Return a schema without `$ref`, `allOf`, `anyOf` and `oneOf` at its top: an equal or narrower one."""
        cached = self._views.get(id(schema))
        if cached is None:
            # The schema is kept beside its view, so that its id is not given to another object.
            cached = self._views[id(schema)] = (schema, self._flatten(schema, 0))
        return cached[1]

    def reference(self, schema: Json) -> str:
        """Return the name of the definition a schema refers to, looking into lists of alternatives, or nothing."""
        if not is_object(schema):
            return ""
        target: Json = schema.get("$ref")
        if isinstance(target, str):
            return target.removeprefix(_PREFIX)
        for branch in _branches(schema, "anyOf") + _branches(schema, "oneOf") + _branches(schema, "allOf"):
            if name := self.reference(branch):
                return name
        return ""

    def properties(self, schema: Json) -> JsonObject:
        """Return the properties of an object schema; empty for any other."""
        found = self.view(schema).get("properties")
        return found if is_object(found) else {}

    def items(self, schema: Json) -> Json:
        """Return the schema of an array's items, or None where it is no array."""
        view = self.view(schema)
        return view.get("items", {}) if main_type(view) == "array" else None

    def allows_null(self, schema: Json) -> bool:
        """Tell whether null is a valid value."""
        if not is_object(schema):
            return schema is not False
        types: Json = schema.get("type")
        if types == "null" or (is_array(types) and "null" in types):
            return True
        if "$ref" in schema:
            return self.allows_null(self._target(schema))
        branches = _branches(schema, "anyOf") + _branches(schema, "oneOf")
        if branches:
            return any(self.allows_null(branch) for branch in branches)
        return types is None and not schema

    def _target(self, schema: JsonObject) -> Json:
        return self._definitions.get(str(schema["$ref"]).removeprefix(_PREFIX), {})

    def _flatten(self, schema: Json, depth: int) -> JsonObject:
        if not is_object(schema) or depth > _DEEPEST:
            return {}
        view: JsonObject = {k: v for k, v in schema.items() if k not in ("$ref", "allOf", "anyOf", "oneOf", "$defs")}
        if "$ref" in schema:
            view = merged(self._flatten(self._target(schema), depth + 1), view)
        for part in _branches(schema, "allOf"):
            view = merged(view, self._flatten(part, depth + 1))
        for keyword in ("oneOf", "anyOf"):
            if branches := _branches(schema, keyword):
                view = merged(view, self._choose(branches, depth + 1))
        return view

    def _choose(self, branches: list[Json], depth: int) -> JsonObject:
        views = [self._flatten(branch, depth) for branch in branches]
        return next((view for view in views if main_type(view) != "null"), views[0])


def _branches(schema: Json, keyword: str) -> list[Json]:
    found: Json = schema.get(keyword)
    return found if is_array(found) else []


def merged(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return a schema that holds where both hold, as far as a plain merge can say it."""
    result = {**one, **other}
    for keyword in ("properties", "patternProperties"):
        if keyword in one and keyword in other:
            result[keyword] = {**one[keyword], **other[keyword]}
    if "required" in one and "required" in other:
        result["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    if "enum" in one and "enum" in other:
        result["enum"] = [value for value in one["enum"] if value in other["enum"]] or other["enum"]
    for keyword, tighter in _TIGHTER.items():
        if keyword in one and keyword in other:
            result[keyword] = tighter(one[keyword], other[keyword])
    return result


def main_type(view: JsonObject) -> str:
    """Return the type of a view's values; the first that is not null; guessed from keywords where none is given."""
    types = view.get("type")
    if is_array(types):
        return next((str(t) for t in types if t != "null"), "null")
    if isinstance(types, str):
        return types
    if "properties" in view or "additionalProperties" in view or "required" in view:
        return "object"
    if "items" in view or "prefixItems" in view:
        return "array"
    return ""
