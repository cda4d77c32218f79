"""Plausible values for a schema."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from toolbench.model import Json, JsonObject, canonical, is_object
from toolbench.world.lexicon import slug, title
from toolbench.world.numbers import number_maker
from toolbench.world.rng import pick
from toolbench.world.shapes import FORBIDDEN, Shapes, main_type
from toolbench.world.texts import examples, text_maker

_OPTIONAL_SHARE = (0.95, 0.7, 0.4)
"""Chance that an optional property is there, by depth; deeper ones are left out, which ends recursion."""

_DEEPEST = 12
"""What requires itself is cut here; no value is valid against such a schema."""

_TRIES = 6
_TEXT: JsonObject = {"type": "string"}

Maker = Callable[[random.Random, int], Json]
"""Makes a value for one schema, nested so many levels deep."""


class Sampler:
    """Makes values for the schemas of one API.

    What can be decided from a schema alone is decided when a value is first asked for, and kept as a maker.

    Args:
        shapes: views of the API's schemas.
        now: the world's time at its beginning; dates lie around it.
    """

    def __init__(self, shapes: Shapes, now: datetime) -> None:
        self._shapes, self._now = shapes, now
        # Each schema is kept beside its maker, so that its id is not given to another object.
        self._makers: dict[tuple[int, str, str], tuple[Json, Maker]] = {}

    def value(self, schema: Json, r: random.Random, *, name: str = "", owner: str = "", depth: int = 0) -> Json:
        """Return a value valid against the schema.

        Args:
            schema: an open schema of the API.
            r: source of randomness.
            name: name of the field it is for.
            owner: noun of the entity that has the field.
            depth: how deep it is nested.
        """
        address = (id(schema), name, owner)
        known = self._makers.get(address)
        if known is None:
            known = self._makers[address] = (schema, self.maker(self._shapes.view(schema), name, owner))
        return known[1](r, depth)

    def maker(self, view: JsonObject, name: str, owner: str) -> Maker:
        """Return a maker of values valid against a view."""
        if "const" in view:
            return _always(view["const"])
        if options := view.get("enum"):
            return _one_of([option for option in options if option is not None] or options)
        match kind := main_type(view):
            case "object":
                return _Objects(self, self._shapes, view, name, owner)
            case "array":
                return _Arrays(self, self._shapes, view, name, owner)
            case "integer" | "number":
                return _flat(number_maker(view, name, whole=kind == "integer"))
            case "boolean":
                return _truth
            case "null":
                return _always(None)
            case "string":
                return _flat(text_maker(view, name, owner, self._now))
            case _:
                return _one_of(pool) if (pool := examples(view)) else _flat(title)

    def identifier(self, schema: Json, r: random.Random, owner: str) -> Json:
        """Return an id as a schema describes it: a number, a UUID, or a text made like the documented example.

        Args:
            schema: an open schema of the API.
            r: source of randomness.
            owner: noun of the entity it identifies.
        """
        view = self._shapes.view(schema)
        if main_type(view) in ("integer", "number"):
            low = max(1, int(view.get("minimum", 1001)))
            return r.randint(low, max(low, int(view.get("maximum", 98_999))))
        return text_maker(view, "id", owner, self._now)(r)


@dataclass(slots=True)
class _Objects:
    """Makes the objects of one view."""

    sampler: Sampler
    shapes: Shapes
    view: JsonObject
    name: str
    owner: str
    _properties: JsonObject = field(init=False)
    _fields: list[tuple[str, bool]] = field(init=False)
    _unnamed: list[str] = field(init=False)
    _makers: dict[str, Maker | None] = field(init=False, default_factory=dict[str, "Maker | None"])

    def __post_init__(self) -> None:
        self._properties = self.view.get("properties") or {}
        required: dict[str, None] = dict.fromkeys(self.view.get("required") or ())
        barred = self.view.get(FORBIDDEN) or ()
        self._fields = [(key, key in required) for key in self._properties if key in required or key not in barred]
        self._unnamed = [key for key in required if key not in self._properties]

    def __call__(self, r: random.Random, depth: int) -> JsonObject:
        if depth > _DEEPEST:
            return {}
        made = self._made(r, depth)
        if "maxProperties" in self.view:
            self._shorten(made)
        for key in self._unnamed:
            made[key] = self._extra(r, depth, key)
        if "minProperties" in self.view:
            self._fill(made, r, depth)
        if not self._properties or "minProperties" in self.view:
            self._add_free(made, r, depth)
        return made

    def _made(self, r: random.Random, depth: int) -> JsonObject:
        """Return the required properties and some others."""
        share = _OPTIONAL_SHARE[depth] if depth < len(_OPTIONAL_SHARE) else 0
        chance, makers = r.random, self._makers
        made: JsonObject = {}
        for key, required in self._fields:
            if required or (share and chance() < share):
                make = makers[key] if key in makers else self._maker(key, required=required)
                if make is not None:
                    made[key] = make(r, depth + 1)
        return made

    def _maker(self, key: str, *, required: bool) -> Maker | None:
        """Return the maker of a property, or None where it is only sent, or can't be there."""
        view = self.shapes.view(self._properties[key])
        hidden = not required and (view.get("writeOnly") or view.get("not") == {} or self._properties[key] is False)
        made = None if hidden else self.sampler.maker(view, key, self.name or self.owner)
        self._makers[key] = made
        return made

    def _shorten(self, made: JsonObject) -> None:
        """Take out optional properties, the last first, where there are too many."""
        optional = [key for key, required in self._fields if key in made and not required]
        over = len(made) + len(self._unnamed) - self.view["maxProperties"]
        for key in optional[max(0, len(optional) - over) :] if over > 0 else ():
            del made[key]

    def _fill(self, made: JsonObject, r: random.Random, depth: int) -> None:
        """Add optional properties, the first first, where there are too few."""
        for key, required in self._fields:
            if len(made) >= self.view["minProperties"]:
                return
            if key not in made and (make := self._maker(key, required=required)) is not None:
                made[key] = make(r, depth + 1)

    def _add_free(self, made: JsonObject, r: random.Random, depth: int) -> None:
        """Add properties without names, as many as there must be; to an object that has no others, a few."""
        extra = self.view.get("additionalProperties")
        usual = 2 if depth < 2 and not self._properties and is_object(extra) else 0
        most = self.view.get("maxProperties", usual + len(made))
        count = max(self.view.get("minProperties", 0), min(usual + len(made), most))
        for _ in range((count - len(made)) * _TRIES if extra is not False else 0):
            if len(made) >= count:
                return
            made[slug(r)] = self._extra(r, depth)

    def _extra(self, r: random.Random, depth: int, name: str = "") -> Json:
        return self.sampler.value(extra_schema(self.view), r, name=name, owner=self.owner, depth=depth + 1)


@dataclass(slots=True)
class _Arrays:
    """Makes the arrays of one view."""

    sampler: Sampler
    shapes: Shapes
    view: JsonObject
    name: str
    owner: str
    _low: int = field(init=False)
    _high: int = field(init=False)
    _lean: bool = field(init=False)
    _distinct: bool = field(init=False)
    _items: JsonObject = field(init=False)
    _item: Maker | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        items = self._items = self.shapes.view(self.view.get("items", {}))
        self._low = self.view.get("minItems", 0)
        self._high = self.view.get("maxItems", max(3, self._low))
        self._lean = main_type(items) in ("object", "array")
        several = "enum" in items and self._low <= len(items["enum"])
        self._distinct = bool(self.view.get("uniqueItems")) or several

    def __call__(self, r: random.Random, depth: int) -> list[Json]:
        if depth > _DEEPEST:
            return []
        made = self._fixed(r, depth) if "prefixItems" in self.view else []
        count = self._count(r, depth)
        if len(made) >= count:
            return made
        item = self._item = self._item or self.sampler.maker(self._items, self.name, self.owner)
        if not self._distinct:
            return [*made, *[item(r, depth + 1) for _ in range(count - len(made))]]
        for _ in range(count * _TRIES):
            made = unique([*made, item(r, depth + 1)])
            if len(made) >= count:
                break
        return made

    def _count(self, r: random.Random, depth: int) -> int:
        if self.view.get("items") is False:
            return 0
        if self._lean and depth >= len(_OPTIONAL_SHARE):
            return self._low
        return max(self._low, min(self._high, 1 + int(r.random() * 3)))

    def _fixed(self, r: random.Random, depth: int) -> list[Json]:
        parts: list[Json] = self.view["prefixItems"][: self._high]
        return [self.sampler.value(part, r, name=self.name, owner=self.owner, depth=depth + 1) for part in parts]


def extra_schema(view: JsonObject) -> Json:
    """Return the schema of properties that an object view does not name."""
    extra = view.get("additionalProperties")
    return extra if is_object(extra) else _TEXT


def unique(values: list[Json]) -> list[Json]:
    """Return values in their order, each once."""
    return list({canonical(value): value for value in values}.values())


def _always(value: Json) -> Maker:
    return lambda _, __: value


def _one_of(options: list[Json]) -> Maker:
    return lambda r, _: pick(options, r)


def _flat(make: Callable[[random.Random], Json]) -> Maker:
    return lambda r, _: make(r)


def _truth(r: random.Random, _: int) -> bool:
    return r.random() < 0.5
