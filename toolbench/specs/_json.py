"""Narrowing of JSON values: what is not of the expected kind reads as empty."""

from toolbench.model import Json, JsonObject, is_array, is_object


def as_object(value: Json) -> JsonObject:
    """Return an object as it is, anything else as an empty object."""
    return value if is_object(value) else {}


def as_list(value: Json) -> list[Json]:
    """Return a list as it is, anything else as an empty list."""
    return value if is_array(value) else []


def as_text(value: Json) -> str:
    """Return text as it is, numbers as text, anything else as empty text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
