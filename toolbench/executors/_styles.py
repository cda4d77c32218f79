"""Values as text on the wire: the serialisation styles of OpenAPI, which build on RFC 6570.

Names and values come out percent-encoded (RFC 3986: all but unreserved characters) unless `encode` says otherwise, so
that the delimiters of a style, which stay as they are, can be told from those inside values.

OpenAPI leaves open what becomes of nulls and of nesting below the second level. Here nulls are left out, as RFC 6570
does with undefined values, empty arrays and objects too; what is nested deeper stands there as JSON text, but in
`deepObject` as further brackets: `a[b][0]=1`.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias
from urllib.parse import quote

import orjson

from toolbench.model import Argument, Json, is_array, is_object

Encode: TypeAlias = Callable[[str], str]
"""Makes a name or a value safe where it goes."""

Pair: TypeAlias = tuple[str, str]
"""A name and a value."""

_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_EXACT = 2**53


def percent(text: str) -> str:
    """Return a text percent-encoded."""
    return quote(text, safe="")


def as_text(value: Json) -> str:
    """Return a value as text: strings as they are, whole numbers without a fraction, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return orjson.dumps(value).decode()


def is_absent(value: Json) -> bool:
    """Tell whether a value leaves no trace on the wire: null, or nothing but nulls."""
    return value is None or (isinstance(value, list | dict) and not _members(value))


def in_path(argument: Argument, value: Json) -> str:
    """Return what takes the place of a path parameter: style `simple`, `label` or `matrix`."""
    explode = argument.explode
    if argument.style == "label":
        return "." + joined(value, percent, explode=explode, between="." if explode else ",")
    if argument.style == "matrix":
        return _matrix(percent(argument.key), value, explode=explode)
    return joined(value, percent, explode=explode)


def joined(value: Json, encode: Encode, *, explode: bool = False, between: str = ",") -> str:
    """Return a value as one text: members joined, those of an object as `name,value` or, exploded, `name=value`."""
    if not isinstance(value, list | dict):
        return encode(as_text(value))
    members = _members(value)
    if is_array(value):
        return between.join(encode(text) for _, text in members)
    within = "=" if explode else between
    return between.join(f"{encode(name)}{within}{encode(text)}" for name, text in members)


def pairs(argument: Argument, value: Json) -> list[Pair]:
    """Return a value as parameters of a query, cookies or fields of a form.

    Styles are `form`, `spaceDelimited`, `pipeDelimited`, Swagger's `tabDelimited`, and `deepObject`.
    """
    if is_absent(value):
        return []
    if argument.style == "deepObject":
        return bracketed(argument.key, value)
    name = percent(argument.key)
    if argument.explode and is_array(value):
        return [(name, percent(text)) for _, text in _members(value)]
    if argument.explode and is_object(value):
        return [(percent(member), percent(text)) for member, text in _members(value)]
    return [(name, joined(value, percent, between=_DELIMITERS.get(argument.style, ",")))]


def bracketed(name: str, value: Json) -> list[Pair]:
    """Return a value as parameters whose names lead to each of its leaves: `name[member][0]`."""
    return [(percent(leaf), percent(as_text(each))) for leaf, each in _leaves(name, value)]


def _leaves(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    if is_object(value):
        for member, inner in value.items():
            yield from _leaves(f"{name}[{member}]", inner)
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}[{index}]", inner)
    elif value is not None:
        yield name, value


def _matrix(name: str, value: Json, *, explode: bool) -> str:
    if explode and is_array(value):
        return "".join(_matrix(name, text, explode=False) for _, text in _members(value))
    if explode and is_object(value):
        return "".join(_matrix(percent(member), text, explode=False) for member, text in _members(value))
    text = joined(value, percent)
    return f";{name}={text}" if text else f";{name}"


def _members(value: Json) -> list[Pair]:
    """Return the members that are there, as text: an object's by name, an array's under empty names."""
    named = value.items() if is_object(value) else (("", member) for member in value)
    return [(name, as_text(member)) for name, member in named if member is not None]
