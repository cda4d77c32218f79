"""JSON values walked by JSON pointer (RFC 6901)."""

from collections.abc import Iterator

from toolbench.model.base import Json, is_array, is_object


def escape(name: str) -> str:
    """Return a name as one part of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def parts(pointer: str) -> list[str]:
    """Return the names a pointer is made of."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Yield the leaves of a value with their pointers, in document order; empty objects and arrays are leaves."""
    if is_object(value) and value:
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{escape(name)}")
    elif is_array(value) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{place}")
    else:
        yield pointer, value


def at(value: Json, pointer: str, default: Json = None) -> Json:
    """Return what stands at a pointer; `default` where it leads nowhere."""
    for name in parts(pointer):
        if is_object(value) and name in value:
            value = value[name]
        elif is_array(value) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return default
    return value


def replaced(value: Json, pointer: str, new: Json) -> Json:
    """Return a copy of a value with something else at a pointer; the same where the pointer leads nowhere."""
    return _replaced(value, parts(pointer), new)


def _replaced(value: Json, names: list[str], new: Json) -> Json:
    if not names:
        return new
    first, rest = names[0], names[1:]
    if is_object(value) and first in value:
        return value | {first: _replaced(value[first], rest, new)}
    if is_array(value) and first.isdecimal() and int(first) < len(value):
        place = int(first)
        return [*value[:place], _replaced(value[place], rest, new), *value[place + 1 :]]
    return value
