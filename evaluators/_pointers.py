"""Walking JSON values by JSON pointer (RFC 6901)."""

from collections.abc import Iterator

from toolbench.model import Json, canonical, is_array, is_object
from toolbench.model.wording import Scalar

ABSENT = object()
"""What stands at a pointer that leads nowhere."""


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every leaf of a value, with the pointer to it, in document order; empty objects and arrays are leaves."""
    if is_object(value) and value:
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{escape(key)}")
    elif is_array(value) and value:
        for place, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{place}")
    else:
        yield pointer, value


def scalars(value: Json) -> Iterator[Scalar]:
    """Yield the scalars of a value, in document order."""
    yield from (leaf for _, leaf in leaves(value) if not is_object(leaf) and not is_array(leaf))


def at(value: Json, pointer: str) -> Json:
    """Return what stands at a pointer, or `ABSENT`."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if is_object(value) and key in value:
            value = value[key]
        elif is_array(value) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return ABSENT
    return value


def equal(one: Json, other: Json) -> bool:
    """Tell whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(equal(item, other[key]) for key, item in one.items())
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(equal(*pair) for pair in zip(one, other, strict=True))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def difference(one: Json, other: Json, pointer: str = "") -> str | None:
    """Return the pointer to the first place where two values differ, or None."""
    if is_object(one) and is_object(other):
        for key in sorted(one.keys() | other.keys()):
            found = difference(one.get(key, ABSENT), other.get(key, ABSENT), f"{pointer}/{escape(key)}")
            if found is not None:
                return found
        return None
    if is_array(one) and is_array(other) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        found = (difference(*pair, pointer=f"{pointer}/{place}") for place, pair in pairs)
        return next((place for place in found if place is not None), None)
    return None if equal(one, other) else pointer


def show(value: Json, longest: int = 60) -> str:
    """Return a value as short JSON, for a person."""
    if value is ABSENT:
        return "nothing"
    text = canonical(value).decode()
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def escape(key: str) -> str:
    """Return a key as one part of a pointer."""
    return key.replace("~", "~0").replace("/", "~1")
