"""Scalars held against the keywords of a view that speak of them.

Types, choices, lengths and bounds are checked here: nearly every value meets no other constraint, and a validator of
its own for each view would cost more than the values. Formats and multiples are left to jsonschema-rs.
"""

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.patterns import judge, matches

Types = tuple[str, ...]

_NAMES: dict[type[object], str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}

_OF_TEXTS = ("minLength", "maxLength", "pattern", "format")
_OF_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LIMITING = frozenset(("const", "enum", *_OF_TEXTS, *_OF_NUMBERS))
"""All keywords that a scalar is held against, beside its type."""


def types_of(view: JsonObject) -> Types:
    """Return the types a view names; empty where it names none."""
    named = view.get("type")
    return (named,) if isinstance(named, str) else tuple(named) if is_array(named) else ()


def is_of_type(value: object, view: JsonObject) -> bool:
    """Tell whether a value has one of the types of a view."""
    kinds, kind = view.get("type"), _NAMES.get(type(value))
    if kinds is None or kind == kinds or (is_array(kinds) and kind in kinds):
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number" in kinds or ("integer" in kinds and float(value).is_integer())
    return False


def accepts(value: Json, view: JsonObject) -> bool:
    """Tell whether a scalar is valid against a view."""
    if not is_of_type(value, view):
        return False
    if _LIMITING.isdisjoint(view):
        return True
    if "const" in view and not same(value, view["const"]):
        return False
    if "enum" in view and not any(same(value, option) for option in view["enum"]):
        return False
    if isinstance(value, str):
        return _fits(value, view)
    return not isinstance(value, int | float) or isinstance(value, bool) or _lies_within(value, view)


def same(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are equal: 1 and 1.0 are, 1 and true are not."""
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(map(same, one, other))
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _fits(text: str, view: JsonObject) -> bool:
    if not view.get("minLength", 0) <= len(text) <= view.get("maxLength", len(text)):
        return False
    if "pattern" in view and not matches(text, view["pattern"]):
        return False
    return "format" not in view or judge("format", view["format"]).is_valid(text)


def _lies_within(number: float, view: JsonObject) -> bool:
    if not view.get("minimum", number) <= number <= view.get("maximum", number):
        return False
    above, below = view.get("exclusiveMinimum"), view.get("exclusiveMaximum")
    if (above is not None and number <= above) or (below is not None and number >= below):
        return False
    return "multipleOf" not in view or judge("multipleOf", view["multipleOf"]).is_valid(number)
