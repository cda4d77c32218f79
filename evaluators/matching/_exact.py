"""Values compared as JSON, at any depth."""

from collections.abc import Sequence

from evaluators.matching._fault import Fault, is_sequence, shown
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


def same(value: Json, accepted: Json, rules: Rules, *, plain: bool = False) -> bool:
    """Tell whether a value is an accepted one.

    Args:
        value: the value.
        accepted: the accepted one.
        rules: the switches.
        plain: whether an accepted object holds values; else it holds lists of accepted ones.
    """
    if is_object(value) and is_object(accepted):
        return _same_object(value, accepted, rules, plain=plain)
    if is_sequence(value) and is_sequence(accepted):
        pairs = zip(value, accepted, strict=False)
        return len(value) == len(accepted) and all(same(one, other, rules, plain=plain) for one, other in pairs)
    if isinstance(value, str) and isinstance(accepted, str) and rules.strings_loosely:
        return loosened(value) == loosened(accepted)
    whole = rules.int_for_float and type(value) is int and type(accepted) is float
    return (whole or type(value) is type(accepted)) and value == accepted


def _same_object(value: JsonObject, accepted: JsonObject, rules: Rules, *, plain: bool) -> bool:
    options = {key: one if is_array(one) and not plain else [one] for key, one in accepted.items()}
    present = all(
        key in options and any(same(item, one, rules, plain=True) for one in options[key])
        for key, item in value.items()
    )
    missing = options.keys() - value.keys()
    return present and all(not plain and rules.optional_may_miss and "" in options[key] for key in missing)


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
        return is_sequence(value) and (not is_object(items) or all(fits(item, items) for item in value))
    if named in {"dict", "object"}:
        return is_object(value)
    return _is_scalar(value, str(named))


def _is_scalar(value: Json, named: str) -> bool:
    if named in {"integer", *_NUMBER}:
        kinds = int if named == "integer" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)
    kinds = {"string": str, "boolean": bool, "null": type(None)}.get(named)
    return kinds is None or isinstance(value, kinds)
