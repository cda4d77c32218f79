"""Schemas seen plainly: references followed, `allOf` merged, alternatives spread out."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice, product
from typing import TypeGuard

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.scalars import Types, accepts, is_of_type, types_of

_PREFIX = "#/$defs/"
_MOST_ALTERNATIVES = 32
_ANYTHING: JsonObject = {}
_COMPOSING = frozenset(("$ref", "allOf", "anyOf", "oneOf", "$defs"))
_TIGHTER = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "minProperties": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "maxProperties": min,
}
_OF_STRINGS = frozenset(("pattern", "minLength", "maxLength"))
_OF_NUMBERS = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))

FORBIDDEN = "x-forbidden"
"""Keyword of views: properties that would make the value match another alternative of a `oneOf` as well."""


class Shapes:
    """Views of the schemas of one API.

    Args:
        definitions: the API's shared schemas, `Api.definitions`.
    """

    def __init__(self, definitions: Mapping[str, JsonObject]) -> None:
        self._definitions = definitions
        # Each schema is kept beside what is known of it, so that its id is not given to another object.
        self._views: dict[int, tuple[Json, tuple[JsonObject, ...]]] = {}
        self._nullable: dict[int, tuple[Json, bool]] = {}
        self._named: dict[str, list[JsonObject]] = {}

    def view(self, schema: Json) -> JsonObject:
        """Return a schema without `$ref`, `allOf`, `anyOf` and `oneOf` at its top: an equal or narrower one."""
        return schema if _is_plain(schema) else self.alternatives(schema)[0]

    def alternatives(self, schema: Json) -> tuple[JsonObject, ...]:
        """Return the views of a schema, one for each alternative it leaves, the most usable first."""
        cached = self._views.get(id(schema))
        if cached is None:
            cached = self._views[id(schema)] = (schema, tuple(self._flatten(schema, frozenset())))
        return cached[1]

    def view_of(self, value: Json, schema: Json) -> JsonObject:
        """Return the alternative that a value suits best."""
        if _is_plain(schema):
            return schema
        views = self.alternatives(schema)
        if len(views) == 1:
            return views[0]
        ranked = [(self._suits(value, view), -place) for place, view in enumerate(views)]
        return views[-max(ranked)[1]]

    def _suits(self, value: Json, view: JsonObject) -> tuple[bool, bool, int]:
        """Return how well a value suits a view: by type and choice, by what is required, by what it knows."""
        if not is_object(value):
            return (is_of_type(value, view) and (is_array(value) or self.accepts(value, view)), False, 0)
        properties: JsonObject = view.get("properties") or {}
        shared = value.keys() & properties.keys()
        agrees = all(_may_be(value[name], self.view(properties[name])) for name in shared)
        whole = agrees and all(name in value for name in view.get("required") or ())
        return (is_of_type(value, view), whole, len(shared))

    def accepts(self, value: Json, view: JsonObject) -> bool:
        """Tell whether a scalar is valid against a view."""
        return accepts(value, view)

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
        known = self._nullable.get(id(schema))
        if known is None:
            found = schema is not False and any(_allows_null(view) for view in self.alternatives(schema))
            known = self._nullable[id(schema)] = (schema, found)
        return known[1]

    def _flatten(self, schema: Json, above: frozenset[str]) -> list[JsonObject]:
        if not is_object(schema):
            return [{}]
        if _is_plain(schema):
            return [schema]
        own = {keyword: value for keyword, value in schema.items() if keyword not in _COMPOSING}
        parts = [[own]] if own else []
        if "$ref" in schema and (name := str(schema["$ref"]).removeprefix(_PREFIX)) not in above:
            parts.insert(0, self._defined(name, above))
        parts += [self._flatten(part, above) for part in _branches(schema, "allOf")]
        if branches := _branches(schema, "anyOf"):
            parts.append(self._any_of(branches, above))
        if branches := _branches(schema, "oneOf"):
            common: JsonObject = reduce(merged, (part[0] for part in parts), _ANYTHING).get("properties") or {}
            parts.append(self._one_of(branches, common, above))
        if len(parts) == 1:
            return parts[0][:_MOST_ALTERNATIVES]
        return [reduce(merged, chosen, _ANYTHING) for chosen in islice(product(*parts), _MOST_ALTERNATIVES)]

    def _defined(self, name: str, above: frozenset[str]) -> list[JsonObject]:
        """Return the alternatives of a definition; those that are asked for from outside are kept."""
        if above:
            return self._flatten(self._definitions.get(name, {}), above | {name})
        if name not in self._named:
            self._named[name] = self._flatten(self._definitions.get(name, {}), frozenset((name,)))
        return self._named[name]

    def _any_of(self, branches: list[Json], above: frozenset[str]) -> list[JsonObject]:
        views = [view for branch in branches for view in self._flatten(branch, above)]
        return sorted(views, key=lambda view: main_type(view) == "null")

    def _one_of(self, branches: list[Json], common: JsonObject, above: frozenset[str]) -> list[JsonObject]:
        """Return alternatives of which only one may hold: first those whose values match none of the others.

        Args:
            branches: the alternatives' schemas.
            common: properties that they share.
            above: definitions being followed.
        """
        groups = [self._flatten(branch, above) for branch in branches]
        ranked: list[tuple[int, JsonObject]] = []
        for place, group in enumerate(groups):
            others = [view for at, other in enumerate(groups) if at != place for view in other]
            ranked += [self._apart(view, others, common) for view in group]
        return [view for _, view in sorted(ranked, key=lambda each: each[0])]

    def _apart(self, view: JsonObject, others: Sequence[JsonObject], common: JsonObject) -> tuple[int, JsonObject]:
        if main_type(view) == "null":
            return 2, view
        whole = merged({"properties": common}, view) if common else view
        near = [other for other in others if not self._excludes(whole, other)]
        marks = [self._mark(whole, other) for other in near]
        needed: list[str] = list(dict.fromkeys((*(view.get("required") or ()), *(mark for mark in marks if mark))))
        extra = [set(other.get("required") or ()) - set(needed) for other, m in zip(near, marks, strict=True) if not m]
        forbidden = sorted(set[str]().union(*extra))
        made = {**view, "required": needed} if any(marks) else view
        return (0 if all(extra) else 1), ({**made, FORBIDDEN: forbidden} if forbidden else made)

    def _mark(self, made: JsonObject, other: JsonObject) -> str:
        """Return a property whose value tells two alternatives apart, or nothing: `type`, one of `email` or `sms`."""
        ours: JsonObject = made.get("properties") or {}
        theirs: JsonObject = other.get("properties") or {}
        shared = (name for name in ours if name in theirs)
        return next((name for name in shared if _disjoint(self.view(ours[name]), self.view(theirs[name]))), "")

    def _excludes(self, made: JsonObject, other: JsonObject) -> bool:
        """Tell whether a value made for one view is never valid against another."""
        if _disjoint(made, other):
            return True
        ours: JsonObject = made.get("properties") or {}
        theirs: JsonObject = other.get("properties") or {}
        needed: set[str] = set(made.get("required") or ())
        if set(other.get("required") or ()) - ours.keys() - needed:
            return True
        if other.get("additionalProperties") is False and needed - theirs.keys():
            return True
        return any(_disjoint(self.view(ours[k]), self.view(theirs[k])) for k in needed & ours.keys() & theirs.keys())


def _is_plain(schema: Json) -> TypeGuard[JsonObject]:
    """Tell whether a schema is its own view."""
    return is_object(schema) and _COMPOSING.isdisjoint(schema)


def _branches(schema: Json, keyword: str) -> list[Json]:
    found: Json = schema.get(keyword)
    return found if is_array(found) else []


def _allows_null(view: JsonObject) -> bool:
    kinds = types_of(view)
    listed = "const" not in view or view["const"] is None
    chosen = "enum" not in view or None in view["enum"]
    return listed and chosen and ("null" in kinds if kinds else main_type(view) == "")


def _choices(view: JsonObject) -> list[Json] | None:
    return [view["const"]] if "const" in view else view.get("enum")


def _may_be(value: Json, view: JsonObject) -> bool:
    choices = _choices(view)
    return is_of_type(value, view) and (choices is None or value in choices)


def _disjoint(one: JsonObject, other: JsonObject) -> bool:
    """Tell whether two views share no value, by their types or their lists of choices."""
    ours, theirs = _choices(one), _choices(other)
    if ours is not None and theirs is not None:
        return not any(value in theirs for value in ours)
    kinds, others = set(types_of(one) or (main_type(one),)), set(types_of(other) or (main_type(other),))
    if "" in kinds | others or {"integer", "number"} <= kinds | others:
        return False
    return not kinds & others


def merged(one: JsonObject, other: JsonObject) -> JsonObject:
    """Return a schema that holds where both hold, as far as a plain merge can say it."""
    if not one or not other:
        return one or other
    result = {**one, **other}
    for keyword in one.keys() & other.keys():
        if keyword in ("properties", "patternProperties"):
            result[keyword] = _both(one[keyword], other[keyword])
        elif keyword in ("required", FORBIDDEN):
            result[keyword] = list(dict.fromkeys([*one[keyword], *other[keyword]]))
        elif keyword == "enum":
            result[keyword] = [value for value in one[keyword] if value in other[keyword]] or other[keyword]
        elif keyword == "type":
            common = _common_types(types_of(one), types_of(other)) or types_of(other)
            result[keyword] = common[0] if len(common) == 1 else list(common)
        elif keyword in _TIGHTER:
            result[keyword] = _TIGHTER[keyword](one[keyword], other[keyword])
        elif keyword in ("items", "additionalProperties"):
            result[keyword] = _joined(one[keyword], other[keyword])
    return result


def _both(one: JsonObject, other: JsonObject) -> JsonObject:
    return {**one, **{name: _joined(one[name], inner) if name in one else inner for name, inner in other.items()}}


def _joined(one: Json, other: Json) -> Json:
    if one == other or not is_object(one) or not is_object(other):
        return one if one is False else other
    return {"allOf": [one, other]}


def _common_types(one: Types, other: Types) -> Types:
    found = [kind for kind in one if kind in other or (kind == "integer" and "number" in other)]
    if "number" in one and "integer" in other and "integer" not in found:
        found.append("integer")
    return tuple(found)


def main_type(view: JsonObject) -> str:
    """Return the type of a view's values; the first that is not null; guessed from keywords where none is given."""
    kind: Json = view.get("type")
    if isinstance(kind, str):
        return kind
    if kinds := types_of(view):
        return next((kind for kind in kinds if kind != "null"), "null")
    return next(_guessed_types(view), "")


def _guessed_types(view: JsonObject) -> Iterator[str]:
    if view.keys() & {"properties", "additionalProperties", "required"}:
        yield "object"
    if view.keys() & {"items", "prefixItems"}:
        yield "array"
    if view.keys() & _OF_STRINGS:
        yield "string"
    if view.keys() & _OF_NUMBERS:
        yield "number"
