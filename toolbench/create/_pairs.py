"""What kinds of questions with answers share."""

from collections.abc import Sequence

from toolbench.model import JsonObject

MOST_NAMED = 50
"""Questions that a model is told not to ask again, at most."""


def pairs_schema(key: str, fields: Sequence[str]) -> JsonObject:
    """Return the schema of a list of objects with some fields, all texts, under a key."""
    item = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in fields},
        "required": list(fields),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {key: {"type": "array", "items": item}},
        "required": [key],
        "additionalProperties": False,
    }
