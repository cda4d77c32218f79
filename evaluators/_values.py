"""Comparing and showing JSON values."""

from collections.abc import Iterator

from toolbench.model import Json, canonical, is_array, is_object
from toolbench.model.pointers import escape, leaves
from toolbench.model.wording import Scalar

ABSENT = object()
"""What stands at a pointer that leads nowhere."""


def scalars(value: Json) -> Iterator[Scalar]:
    """Yield the scalars of a value, in document order."""
    yield from (leaf for _, leaf in leaves(value) if not is_object(leaf) and not is_array(leaf))


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
