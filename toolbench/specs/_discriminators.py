"""`discriminator`: which value of a property selects which alternative of a `oneOf` or `anyOf`."""

from collections.abc import Iterator

from toolbench.model import Json, JsonObject
from toolbench.specs._json import as_list, as_object
from toolbench.specs._references import Place, References, reference_of

_DEEPEST = 8


class ContradictionError(Exception):
    """An alternative forbids each value that would select it."""


def selection(branch: Json, discriminator: JsonObject, at: Place, references: References, hidden: str) -> JsonObject:
    """Return what an alternative must hold to be selected; an empty schema where nothing says.

    Args:
        branch: the alternative as written.
        discriminator: the `discriminator` beside it.
        at: where the alternative stands.
        references: where references lead.
        hidden: the flag that takes a property out of the view.

    Raises:
        ContradictionError: its own property has none of the values that would select it.
        SpecError: a reference leads nowhere.
    """
    name, reference = discriminator.get("propertyName"), reference_of(branch)
    if not isinstance(name, str) or reference is None:
        return {}
    parts = list(_parts(branch, at, references))
    written = [(each, place) for part, place in parts for key, each in _properties(part) if key == name]
    found = [references.follow_object(each, place)[0] for each, place in written]
    nested = any(part.keys() & {"oneOf", "anyOf"} for part, _ in parts)
    closed = not found and any(part.get("additionalProperties") is False for part, _ in parts)
    is_hidden = any(as_object(each).get(hidden) is True for each in (*(raw for raw, _ in written), *found))
    if nested or closed or is_hidden:
        return {}
    names = _names(reference, as_object(discriminator.get("mapping")))
    for choices in filter(None, (_choices(each) for each in found)):
        names = [each for each in names if each in choices]
    if not names:
        raise ContradictionError(name)
    return {"properties": {name: {"enum": names}}, "required": [name]}


def _names(reference: str, mapping: JsonObject) -> list[str]:
    """Return the names of a schema: those that a mapping gives it, else its own."""
    own = reference.rpartition("/")[2]
    return [name for name, target in mapping.items() if target in (reference, own)] or [own]


def _properties(schema: JsonObject) -> Iterator[tuple[str, Json]]:
    yield from as_object(schema.get("properties")).items()


def _choices(schema: JsonObject) -> list[Json]:
    return [schema["const"]] if "const" in schema else as_list(schema.get("enum"))


def _parts(raw: Json, at: Place, references: References, depth: int = 0) -> Iterator[tuple[JsonObject, Place]]:
    """Yield the schemas that all hold for what a schema describes: itself, behind its reference, and its `allOf`."""
    target, place = references.follow_object(raw, at)
    yield target, place
    for index, part in enumerate(as_list(target.get("allOf")) if depth < _DEEPEST else ()):
        yield from _parts(part, place.at("allOf", str(index)), references, depth + 1)
