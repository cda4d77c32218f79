"""Values compared as BFCL's own checker does, by the types of Python, its oddities included.

Written from the rules, and tested against the package (`benchmarks/bfcl_agreement.py`). What looks odd is theirs: an
integer inside an array of floats is no float, `True` equals 1, an empty list passes where the argument may be left out,
and strings are compared loosely down to the first level of lists and objects only.
"""

from collections.abc import Iterator, Sequence

from evaluators.matching._fault import Fault, is_sequence, shown
from evaluators.matching._rules import Rules
from evaluators.matching._text import loosened
from toolbench.model import Json, JsonObject, is_array, is_object

TYPES: dict[str, type] = {
    "string": str,
    "any": str,
    "integer": int,
    "float": float,
    "number": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "object": dict,
}
"""The types of Python by their names in documents."""


def value_fault(value: Json, accepted: Sequence[Json], schema: JsonObject, rules: Rules) -> Fault | None:
    """Return what is wrong with an argument's value, or None.

    Args:
        value: the value.
        accepted: the accepted values.
        schema: what the document says of the argument.
        rules: the switches.
    """
    named = str(schema.get("type"))
    wanted, inner = TYPES.get(named), _inner(named, schema)
    value = _converted(value, named, rules)
    variable = _as_variable(value, accepted, wanted, inner)
    if variable is None:
        return Fault("wrong_type", f"{shown(value)} is no {named}")
    if not (value in accepted if variable else _is_among(value, accepted, wanted, inner, rules)):
        return Fault("wrong_value", f"{shown(value)} is none of {shown(accepted)}")
    return None


def _inner(named: str, schema: JsonObject) -> type | None:
    items: Json = schema.get("items")
    return TYPES.get(str(items.get("type"))) if named in {"array", "tuple"} and is_object(items) else None


def _converted(value: Json, named: str, rules: Rules) -> Json:
    if named == "tuple" and is_sequence(value):
        return list(value)
    if named in {"float", "number"} and type(value) is int and rules.int_for_float:
        try:
            return float(value)
        except OverflowError:
            return value
    return value


def _as_variable(value: Json, accepted: Sequence[Json], wanted: type | None, inner: type | None) -> bool | None:
    """Tell whether a value may be a variable: it is compared as it stands, then. None: it is of no type that may be."""
    kinds: list[type] = [one.__class__ for one in accepted if one != ""]
    gold = kinds[0] if kinds else None
    if type(value) is wanted:
        fits = inner is None or any(_items_fit(value, one, inner) for one in accepted)
        return gold is not None and gold is not wanted if fits else None
    return True if gold is not None and type(value) is gold else None


def _items_fit(items: Sequence[Json], accepted: Json, inner: type) -> bool:
    """Tell whether the items of a list are of the right type; what is accepted and no list says nothing of them."""
    return not is_array(accepted) or all(_as_variable(item, accepted, inner, None) is not None for item in items)


def _is_among(value: Json, accepted: Sequence[Json], wanted: type | None, inner: type | None, rules: Rules) -> bool:
    if wanted is dict:
        return any(_same_object(value, one, rules) for one in accepted if one != "")
    if wanted is list and inner is dict:
        return any(_same_objects(value, one, rules) for one in accepted)
    if wanted is str:
        return _loose(value, rules) in [_loose(one, rules) for one in accepted if isinstance(one, str)]
    if wanted is list:
        return _each_loose(value, rules) in [_each_loose(one, rules) for one in accepted]
    return value in accepted


def _loose(value: Json, rules: Rules) -> Json:
    return loosened(value) if isinstance(value, str) and rules.strings_loosely else value


def _each_loose(value: Json, rules: Rules) -> list[Json]:
    return [_loose(item, rules) for item in _items(value)]


def _items(value: Json) -> Iterator[Json]:
    """Yield the items of a list, or the characters of a text."""
    yield from value if is_array(value) or isinstance(value, str) else ()


def _same_objects(value: Sequence[Json], accepted: Json, rules: Rules) -> bool:
    wanted = list(_items(accepted))
    return len(value) == len(wanted) and all(
        one != "" and _same_object(item, one, rules) for item, one in zip(value, wanted, strict=True)
    )


def _same_object(value: Json, accepted: Json, rules: Rules) -> bool:
    """Tell whether an object is the accepted one, whose values are lists of accepted values."""
    if not is_object(value) or not is_object(accepted):
        return False
    named = all(
        key in accepted and _loose(item, rules) in _each_loose(accepted[key], rules) for key, item in value.items()
    )
    return named and all(key in value or "" in _items(options) for key, options in accepted.items())
