"""Values made to fit a schema: what is there is kept wherever it can be, what is missing is filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.nouns import KEY_NAMES
from toolbench.world.rng import rng
from toolbench.world.sampler import Sampler, extra_schema, unique
from toolbench.world.shapes import FORBIDDEN, Shapes, main_type

_TRIES = 8
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]+)?")
_TELLING = (*KEY_NAMES, "sha", "ref", "title", "label", "value", "text")

Address = tuple[Json, ...]
"""Seeds what must be filled in, so that it is the same each time."""


@dataclass(frozen=True, slots=True)
class _Field:
    """Where a value is to stand."""

    address: Address
    name: str
    owner: str

    def at(self, name: str) -> "_Field":
        return _Field((*self.address, name), name, self.owner)

    def item(self, place: int) -> "_Field":
        return _Field((*self.address, place), self.name, self.owner)


class Fitter:
    """Shows values as the schemas of one API ask for them.

    Args:
        shapes: views of the API's schemas.
        sampler: makes what is missing.
    """

    def __init__(self, shapes: Shapes, sampler: Sampler) -> None:
        self._shapes, self._sampler = shapes, sampler

    def fit(self, value: Json, schema: Json, address: Address, *, name: str = "", owner: str = "") -> Json:
        """Return the value as the schema shows it: foreign properties dropped, missing required ones filled in.

        Args:
            value: what is there.
            schema: an open schema of the API.
            address: seeds what must be filled in.
            name: name of the field it is for.
            owner: noun of the entity that has the field.
        """
        return self._fit(value, schema, _Field(address, name, owner))

    def accepts(self, value: Json, schema: Json) -> bool:
        """Tell whether a value is a scalar that may stand where the schema is asked for."""
        if is_object(value) or is_array(value):
            return False
        return any(self._shapes.accepts(value, view) for view in self._shapes.alternatives(schema))

    def _fit(self, value: Json, schema: Json, field: _Field) -> Json:
        if value is None:
            return self._missing(schema, field)
        if self._is_fit(value, schema):
            return value
        view = self._shapes.view_of(value, schema)
        kind = main_type(view)
        if view.keys() & {"const", "enum"}:
            return value if self._shapes.accepts(value, view) else self._converted(value, view, field)
        if is_object(value):
            return self._object(value, view, field) if kind in ("object", "") else self._converted(value, view, field)
        if is_array(value):
            return self._array(value, view, field) if kind in ("array", "") else self._converted(value, view, field)
        return self._converted(value, view, field)

    def _is_fit(self, value: Json, schema: Json) -> bool:
        """Tell whether a value is a scalar that stays as it is: most are."""
        if value is None or is_object(value) or is_array(value):
            return False
        return self._shapes.accepts(value, self._shapes.view_of(value, schema))

    def _missing(self, schema: Json, field: _Field) -> Json:
        return None if self._shapes.allows_null(schema) else self._made(schema, field)

    def _made(self, schema: Json, field: _Field) -> Json:
        return self._sampler.value(schema, rng(*field.address), name=field.name, owner=field.owner, depth=1)

    def _object(self, value: JsonObject, view: JsonObject, field: _Field) -> JsonObject:
        properties: JsonObject = view.get("properties") or {}
        required: list[str] = view.get("required") or []
        barred = view.get(FORBIDDEN, ())
        result: JsonObject = {}
        for name, schema in properties.items():
            if name in barred:
                continue
            held = value.get(name)
            if self._is_fit(held, schema):
                result[name] = held
            elif held is not None or (name in value and self._shapes.allows_null(schema)):
                result[name] = self._fit(held, schema, field.at(name))
            elif name in required:
                result[name] = self._missing(schema, field.at(name))
        result |= self._others(value, view, field)
        lacking = view.get("minProperties", 0) - len({*result, *required})
        spare = [name for name in properties if name not in (*result, *barred)] if lacking > 0 else []
        for name in (*required, *spare[: max(0, lacking)]):
            if name not in result:
                result[name] = self._fit(value.get(name), properties.get(name, extra_schema(view)), field.at(name))
        return result

    def _others(self, value: JsonObject, view: JsonObject, field: _Field) -> JsonObject:
        """Return what stands in an object beside the properties with names, as far as the view has room for it."""
        properties: JsonObject = view.get("properties") or {}
        extra = view.get("additionalProperties")
        if extra is False or (properties and not is_object(extra)):
            return {}
        others = {name: inner for name, inner in value.items() if name not in properties}
        return {k: self._fit(v, extra, field.at(k)) for k, v in others.items()} if is_object(extra) else others

    def _array(self, value: list[Json], view: JsonObject, field: _Field) -> list[Json]:
        fixed: list[Json] = view.get("prefixItems") or []
        items: Json = view.get("items", {})
        low = view.get("minItems", 0)
        padded = [*value, *[None] * (low - len(value))]
        made = [self._fit(v, fixed[i] if i < len(fixed) else items, field.item(i)) for i, v in enumerate(padded)]
        if view.get("uniqueItems"):
            more = (self._made(items, field.item(place)) for place in range(len(padded), len(padded) + low * _TRIES))
            made = unique(made)
            while len(made) < low and (another := next(more, None)) is not None:
                made = unique([*made, another])
        return made[: view.get("maxItems")]

    def _converted(self, value: Json, view: JsonObject, field: _Field) -> Json:
        """Return the nearest to a value that a view allows; where nothing is near, something new."""
        kind = "" if view.keys() & {"const", "enum"} else main_type(view)
        if kind == "array":
            return self._array([value], view, field)
        if kind == "object":
            return self._around(value, view, field)
        for other in _readings(value):
            if self._shapes.accepts(other, view):
                return other
        return self._made(view, field)

    def _around(self, value: Json, view: JsonObject, field: _Field) -> Json:
        """Return an object for what is only named: a label for its name."""
        made = self._made(view, field)
        properties: JsonObject = view.get("properties") or {}
        for name in _TELLING:
            if is_object(made) and name in properties and self.accepts(value, properties[name]):
                return {**made, name: value}
        return made


def _readings(value: Json) -> Iterator[Json]:
    """Yield what a value may stand for: a number for its text, a thing for its key, a list for its items."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str):
        yield from _numbers(value)
    elif is_object(value):
        yield from (value[name] for name in _TELLING if name in value)
    elif is_array(value):
        yield from value


def _numbers(text: str) -> Iterator[int | float]:
    if _NUMBER.fullmatch(text):
        yield float(text) if "." in text else int(text)
