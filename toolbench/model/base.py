"""What every serialised type shares: frozen, closed, documented, with one canonical JSON form."""

import hashlib
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias, TypeGuard

import orjson
from pydantic import BaseModel, ConfigDict

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list or dict of such."""

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object."""


DEEPEST = 100
"""Levels of nesting up to which a foreign value is taken as JSON; deeper ones cannot be written again everywhere."""


class Part(BaseModel):
    """A piece of a record. Frozen, and closed: an unknown field is an error, not a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, ser_json_inf_nan="strings")


class Record(Part):
    """Something that stands on a line of its own in a run's file."""

    version: Literal[1] = 1
    """Version of this record's form. A reader refuses a version it does not know."""


def canonical(value: Json) -> bytes:
    """Return the one byte form of a JSON value (RFC 8785 in spirit: keys sorted, no spaces, UTF-8)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Json) -> str:
    """Return 32 hex digits of the SHA-256 of a JSON value's canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()[:32]


def is_object(value: Json) -> TypeGuard[JsonObject]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: Json) -> TypeGuard[list[Json]]:
    """Tell whether a JSON value is an array."""
    return isinstance(value, list)


def is_shallow(value: Json) -> bool:
    """Tell whether a JSON value is nested no deeper than `DEEPEST` levels."""
    level: list[Json] = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: Json) -> Iterable[Json]:
    return value.values() if is_object(value) else value if is_array(value) else ()
