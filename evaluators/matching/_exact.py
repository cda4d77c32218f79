"""Values compared as JSON, at any depth."""

from collections.abc import Iterator, Sequence

from evaluators.matching._fault import Fault, shown
from evaluators.matching._rules import Rules
from evaluators.matching._text import loosened
from toolbench.model import Json, JsonObject, is_array, is_object

_NUMBER = frozenset(("number", "float"))


def value_fault(value: Json, accepted: Sequence[Json], schema: JsonObject, rules: Rules) -> Fault | None:
    """Return what is wrong with an argument's value, or None. Of a wrong value the type is told first.

    Args:
        value: the value.
        accepted: the accepted values.
        schema: what the document says of the argument.
        rules: the switches.
    """
    if any(same(value, one, rules) or same(value, declared(one, schema), rules) for one in accepted):
        return None
    if not fits(value, schema):
        return Fault("wrong_type", f"{shown(value)} is no {schema.get('type')}")
    return Fault("wrong_value", f"{shown(value)} is none of {shown(accepted)}")


def same(value: Json, accepted: Json, rules: Rules) -> bool:
    """Tell whether a value is an accepted one. In an accepted object each value may be a list of accepted ones."""
    if is_object(value) and is_object(accepted):
        return _same_object(value, accepted, rules)
    if isinstance(value, list | tuple) and isinstance(accepted, list | tuple):
        pairs: Iterator[tuple[Json, Json]] = zip(value, accepted, strict=False)
        return len(value) == len(accepted) and all(same(*pair, rules) for pair in pairs)
    if isinstance(value, str) and isinstance(accepted, str) and rules.strings_loosely:
        return loosened(value) == loosened(accepted)
    alike = type(value) is type(accepted) or (rules.int_for_float and _kinds(value, accepted) == (int, float))
    return alike and value == accepted


def _kinds(one: Json, other: Json) -> tuple[type, type]:
    return type(one), type(other)


def _same_object(value: JsonObject, accepted: JsonObject, rules: Rules) -> bool:
    present = all(
        key in accepted and any(same(item, one, rules) for one in _options(accepted[key]))
        for key, item in value.items()
    )
    missing = accepted.keys() - value.keys()
    return present and all(rules.optional_may_miss and "" in _options(accepted[key]) for key in missing)


def _options(accepted: Json) -> list[Json]:
    return [accepted, *accepted] if is_array(accepted) else [accepted]


def declared(accepted: Json, schema: JsonObject) -> Json:
    """Return an accepted value with integers as floats where the document says that numbers stand there."""
    if schema.get("type") in _NUMBER and type(accepted) is int:
        return _float(accepted)
    items: Json = schema.get("items")
    if is_array(accepted) and is_object(items):
        return [declared(one, items) for one in accepted]
    return accepted


def _float(number: int) -> float | int:
    try:
        return float(number)
    except OverflowError:
        return number


def fits(value: Json, schema: JsonObject) -> bool:
    """Tell whether a value is of the declared type. An integer is a number; what is not declared fits."""
    named: Json = schema.get("type")
    if is_array(named):
        return any(fits(value, {**schema, "type": one}) for one in named)
    if named in {"array", "tuple"}:
        items: Json = schema.get("items")
        listed = isinstance(value, list | tuple)
        return listed and (not is_object(items) or all(fits(item, items) for item in _listed(value)))
    if named in {"dict", "object"}:
        return is_object(value)
    return _is_scalar(value, str(named))


def _listed(value: Json) -> Sequence[Json]:
    return value


def _is_scalar(value: Json, named: str) -> bool:
    if named in {"integer", *_NUMBER}:
        kinds = int if named == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    kinds = {"string": str, "boolean": bool, "null": type(None)}.get(named)
    return kinds is None or isinstance(value, kinds)
