"""What entities are found by: their own keys, and the values of fields that tell one from another."""

from collections.abc import Iterator
from functools import lru_cache

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.nouns import KEY_NAMES, words

Mark = tuple[str, str]
"""A field's name, empty for the own key, and a value as it is compared."""

_TELLING = frozenset((*KEY_NAMES, "isbn", "iban", "email"))
_INSIDE = ("id", "name", "login", "slug")


@lru_cache(maxsize=16384)
def is_marked(field: str) -> bool:
    """Tell whether entities are found by the values of a field without looking at each."""
    return words(field)[-1:] != () and words(field)[-1] in _TELLING


def marks(own: str, entity: JsonObject) -> set[Mark]:
    """Return what an entity is found by.

    Args:
        own: its own key.
        entity: what it holds.
    """
    found = {(field, text) for field, value in entity.items() if is_marked(field) for text in spellings(value)}
    return found | {("", own)}


def spellings(value: Json) -> Iterator[str]:
    """Yield the texts of which two equal values (`query.equals`) have one in common."""
    if is_array(value):
        for item in value:
            yield from spellings(item)
    elif is_object(value):
        for name in _INSIDE:
            yield from spellings(value.get(name))
    elif value is not None:
        yield str(value).lower()
