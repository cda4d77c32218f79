"""Rows in a model's answer, in whatever JSON it put them."""

import re
from collections.abc import Iterator, Sequence

from toolbench.llm.asking import short, values
from toolbench.model import Json, JsonObject, is_array, is_object

_WORD = re.compile(r"\w+")


def rows_in(text: str, fields: Sequence[str]) -> list[JsonObject]:
    """Return the objects in an answer that have any of some fields, wherever they stand, other fields as they are.

    A list, a list under any key, several lists, one object, fences and words around them: all the same. Of an answer
    that was cut off, what is whole is read. The fields come as texts; one that is missing is empty.

    Raises:
        ValueError: there is none.
    """
    found = [_row(one, fields) for value in values(text) for one in _objects(value, fields, 0)]
    if not found:
        raise ValueError(f"no {' and '.join(fields)} in {short(text)!r}")
    return found


def question_key(text: str) -> str:
    """Return what equal questions share, however they are spelled: their words, without case."""
    return " ".join(_WORD.findall(text.casefold()))


def _objects(value: Json, fields: Sequence[str], depth: int) -> Iterator[JsonObject]:
    if depth > 3:
        return
    if is_object(value):
        if {name.casefold() for name in value} & set(fields):
            yield value
            return
        value = list(value.values())
    if is_array(value):
        for inner in value:
            if is_object(inner) or is_array(inner):
                yield from _objects(inner, fields, depth + 1)


def _row(found: JsonObject, fields: Sequence[str]) -> JsonObject:
    folded = {name.casefold(): value for name, value in found.items()}
    row: JsonObject = {name: _text(folded.get(name)) for name in fields}
    return row | {name: value for name, value in found.items() if name.casefold() not in row}


def _text(value: Json) -> str:
    if is_array(value):
        return "\n".join(filter(None, map(_text, value)))
    if value is None or is_object(value):
        return ""
    return str(value).strip()
