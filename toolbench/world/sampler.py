"""Plausible values for a schema, and values made to fit one."""

import math
import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from rstr import Rstr

from toolbench.model import Json, JsonObject, canonical, is_array, is_object
from toolbench.world.lexicon import by_name, slug, title
from toolbench.world.nouns import words
from toolbench.world.rng import rng
from toolbench.world.shapes import Shapes, main_type

_OPTIONAL_SHARE = (0.95, 0.7, 0.4, 0.0)
"""Chance that an optional property is there, by depth; deeper ones are left out, which ends recursion."""

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}

_FUTURE = frozenset(("due end ends expires expiry expiration scheduled deadline until checkout out arrival").split())
_PAST = frozenset(("created updated modified placed paid born birth joined started since opened").split())
_MONEY = frozenset(("price amount total cost balance fee rate subtotal budget value revenue salary").split())


class Sampler:
    """Makes values for the schemas of one API.

    Args:
        shapes: views of the API's schemas.
        now: the world's time at its beginning; dates lie around it.
    """

    def __init__(self, shapes: Shapes, now: datetime) -> None:
        self._shapes, self._now = shapes, now

    def value(self, schema: Json, r: random.Random, *, name: str = "", owner: str = "", depth: int = 0) -> Json:
        """Return a value valid against the schema.

        Args:
            schema: an open schema of the API.
            r: source of randomness.
            name: name of the field it is for.
            owner: noun of the entity that has the field.
            depth: how deep it is nested.
        """
        view = self._shapes.view(schema)
        if "const" in view:
            return view["const"]
        if options := view.get("enum"):
            return r.choice([option for option in options if option is not None] or options)
        return self._of_type(main_type(view), view, r, name, owner, depth)

    def fit(self, value: Json, schema: Json, address: tuple[Json, ...], *, name: str = "", owner: str = "") -> Json:
        """Return the value as the schema shows it: foreign properties dropped, missing required ones filled in.

        Args:
            value: what is there.
            schema: an open schema of the API.
            address: seeds what must be filled in, so that it is the same each time.
            name: name of the field it is for.
            owner: noun of the entity that has the field.
        """
        if value is None and self._shapes.allows_null(schema):
            return None
        view = self._shapes.view(schema)
        if is_object(value) and main_type(view) in ("object", ""):
            return self._fit_object(value, view, address, owner)
        if is_array(value) and main_type(view) == "array":
            items = view.get("items", {})
            return [self.fit(v, items, (*address, i), name=name, owner=owner) for i, v in enumerate(value)]
        if fits_type(value, view):
            return value
        return self.value(schema, rng(*address), name=name, owner=owner, depth=1)

    def _fit_object(self, value: JsonObject, view: JsonObject, address: tuple[Json, ...], owner: str) -> JsonObject:
        properties: JsonObject = view.get("properties") or {}
        if not properties:
            return value
        required: set[str] = set(view.get("required") or ())
        result: JsonObject = {}
        for name, schema in properties.items():
            if name in value and (value[name] is not None or self._shapes.allows_null(schema)):
                result[name] = self.fit(value[name], schema, (*address, name), name=name, owner=owner)
            elif name in required:
                result[name] = self._filler(schema, (*address, name), name, owner)
        return result

    def _filler(self, schema: Json, address: tuple[Json, ...], name: str, owner: str) -> Json:
        if self._shapes.allows_null(schema):
            return None
        return self.value(schema, rng(*address), name=name, owner=owner, depth=1)

    def _of_type(self, kind: str, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> Json:
        match kind:
            case "object":
                return self._object(view, r, name, owner, depth)
            case "array":
                return self._array(view, r, name, owner, depth)
            case "integer" | "number":
                return _number(view, r, name, whole=kind == "integer")
            case "boolean":
                return r.random() < 0.5
            case "null":
                return None
            case "string":
                return self._string(view, r, name, owner)
            case _:
                return _example(view, r) if _examples(view) else title(r)

    def _object(self, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> JsonObject:
        properties: JsonObject = view.get("properties") or {}
        required: set[str] = set(view.get("required") or ())
        share = _OPTIONAL_SHARE[min(depth, len(_OPTIONAL_SHARE) - 1)]
        result: JsonObject = {}
        for key, schema in properties.items():
            wanted = r.random() < share
            if self._shapes.view(schema).get("writeOnly") or not (key in required or wanted):
                continue
            result[key] = self.value(schema, r, name=key, owner=name or owner, depth=depth + 1)
        for key in required - properties.keys():
            result[key] = self.value(_extra(view), r, name=key, owner=owner, depth=depth + 1)
        if not properties and is_object(view.get("additionalProperties")):
            result |= self._free_form(view, r, depth)
        return result

    def _free_form(self, view: JsonObject, r: random.Random, depth: int) -> JsonObject:
        count = max(view.get("minProperties", 0), 2 if depth < 2 else 0)
        return {slug(r): self.value(view["additionalProperties"], r, depth=depth + 1) for _ in range(count)}

    def _array(self, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> list[Json]:
        fixed: list[Json] = view.get("prefixItems") or []
        low, high = view.get("minItems", 0), view.get("maxItems", 3)
        if main_type(self._shapes.view(view.get("items", {}))) in ("object", "array") and depth >= 3:
            count = low
        else:
            count = max(low, min(high, r.randint(1, 3)))
        made = [self.value(schema, r, name=name, owner=owner, depth=depth + 1) for schema in fixed]
        while len(made) < count and view.get("items", {}) is not False:
            made.append(self.value(view.get("items", {}), r, name=name, owner=owner, depth=depth + 1))
        return (
            _distinct(made) if view.get("uniqueItems") or "enum" in self._shapes.view(view.get("items", {})) else made
        )

    def _string(self, view: JsonObject, r: random.Random, name: str, owner: str) -> str:
        if maker := _FORMATS.get(view.get("format", "")):
            return maker(r, self, name)
        if (pattern := view.get("pattern")) and (made := _matching(pattern, r, view, name)) is not None:
            return made
        pool = [text for text in _examples(view) if isinstance(text, str)]
        by_field = by_name(name, owner)
        if pool and (len(pool) > 2 or by_field is None):
            return r.choice(pool)
        made = by_field(r) if by_field else (r.choice(pool) if pool else title(r))
        return _of_length(made, view.get("minLength", 0), view.get("maxLength"), r)

    def moment(self, r: random.Random, name: str) -> datetime:
        """Return a time that suits a field's name: past for `created_at`, ahead for `due_at`, to the minute."""
        parts = set(words(name))
        if parts & _PAST:
            days = -r.uniform(1, 400)
        elif parts & _FUTURE:
            days = r.uniform(10, 60)
        else:
            days = r.uniform(-60, 30)
        return (self._now + timedelta(days=days)).replace(second=0, microsecond=0)


def _extra(view: JsonObject) -> Json:
    extra = view.get("additionalProperties")
    return extra if is_object(extra) else {"type": "string"}


def fits_type(value: Json, view: JsonObject) -> bool:
    """Tell whether a value has a type and, where there is a list of them, one of the values a view allows."""
    options = view.get("enum")
    if options is not None and value not in options:
        return False
    kinds = view.get("type")
    if kinds is None:
        return True
    allowed: list[Json] = kinds if is_array(kinds) else [kinds]
    if isinstance(value, bool):
        return "boolean" in allowed
    if isinstance(value, float) and value.is_integer() and "integer" in allowed:
        return True
    return any(isinstance(value, _TYPES.get(kind, ())) for kind in allowed)


def _examples(view: JsonObject) -> list[Json]:
    pool = view.get("examples")
    return pool if is_array(pool) else []


def _example(view: JsonObject, r: random.Random) -> Json:
    return r.choice(_examples(view))


def _distinct(values: Sequence[Json]) -> list[Json]:
    return list({canonical(value): value for value in values}.values())


def _number(view: JsonObject, r: random.Random, name: str, *, whole: bool) -> int | float:
    if view.get("format") == "unix-time":
        return 1_735_689_600 + r.randrange(600) * 86_400
    low, high = _bounds(view, name, whole=whole)
    step = view.get("multipleOf")
    if step:
        first, last = math.ceil(low / step), math.floor(high / step)
        made = r.randint(first, max(first, last)) * step
        return int(made) if whole else made
    if whole:
        return r.randint(math.ceil(low), max(math.ceil(low), math.floor(high)))
    made = round(r.uniform(low, high), 2)
    return made if low <= made <= high else low


def _bounds(view: JsonObject, name: str, *, whole: bool) -> tuple[float, float]:
    usual_low, usual_high = _usual_range(name)
    low, high = view.get("minimum"), view.get("maximum")
    edge = 1 if whole else 0.01
    if (above := view.get("exclusiveMinimum")) is not None:
        low = above + edge
    if (below := view.get("exclusiveMaximum")) is not None:
        high = below - edge
    if low is None:
        low = usual_low if high is None or usual_low <= high else high - (usual_high - usual_low)
    if high is None:
        high = usual_high if usual_high >= low else low + (usual_high - usual_low)
    # A documented range far wider than usual (up to 2**31) says less than the field's name does.
    if low <= usual_low and usual_high <= high:
        return usual_low, usual_high
    return low, high


def _usual_range(name: str) -> tuple[float, float]:
    parts = set(words(name))
    if parts & _MONEY:
        return 5, 900
    for keys, bounds in (
        ({"year"}, (1950, 2025)),
        ({"latitude", "lat"}, (-60, 70)),
        ({"longitude", "lng", "lon"}, (-120, 150)),
        ({"rating", "stars", "score"}, (1, 5)),
        ({"percent", "percentage"}, (1, 99)),
        ({"age"}, (18, 80)),
        ({"ms", "bytes", "size"}, (20_000, 400_000)),
        ({"id", "number"}, (1000, 9999)),
    ):
        if parts & keys:
            return bounds
    return 1, 40


def _matching(pattern: str, r: random.Random, view: JsonObject, name: str) -> str | None:
    pool = [text for text in _examples(view) if isinstance(text, str)]
    if len(pool) > 2:
        return r.choice(pool)
    for maker in (lambda: _vary(pool[0], r) if pool else "", lambda: Rstr(r).xeger(pattern)):
        made = _try_matching(pattern, maker)
        if made is not None and len(made) <= view.get("maxLength", len(made)):
            return made
    made = by_name(name, "")
    return _try_matching(pattern, (lambda: made(r)) if made else (lambda: slug(r)))


def _try_matching(pattern: str, make: Callable[[], str]) -> str | None:
    try:
        made = make()
        return made if re.search(pattern, made) else None
    except (re.error, ValueError, KeyError, IndexError, OverflowError):
        return None


def _vary(text: str, r: random.Random) -> str:
    """Return a text of the same make: `ord_8f3k2` gives `ord_2m7q4`. What stands before the last `_` or `-` stays."""
    head = max(text.rfind("_"), text.rfind("-")) + 1
    return text[:head] + "".join(_like(char, r) for char in text[head:])


def _like(char: str, r: random.Random) -> str:
    if char.isdigit():
        return r.choice("0123456789")
    if char.isalpha() and char.isascii():
        made = r.choice("abcdefghijkmnpqrstuvwxyz")
        return made.upper() if char.isupper() else made
    return char


def _of_length(text: str, low: int, high: int | None, r: random.Random) -> str:
    while len(text) < low:
        text += r.choice("abcdefghjkmnpqrstuvwxyz23456789")
    return text if high is None else text[:high].strip() or text[:high]


def identifier(view: JsonObject, r: random.Random, owner: str) -> Json:
    """Return an id as a schema describes it: a number, a UUID, or a text made like the documented example."""
    if main_type(view) in ("integer", "number"):
        return r.randint(max(1, int(view.get("minimum", 1001))), 98_999)
    if view.get("format") == "uuid":
        return _uuid(r)
    if (pattern := view.get("pattern")) and (made := _matching_id(pattern, view, r)) is not None:
        return made
    pool = [text for text in _examples(view) if isinstance(text, str) and re.search(r"\d", text)]
    if pool:
        return _vary(pool[0], r)
    prefix = "".join(word[0] for word in words(owner)) or "x"
    return _of_length(f"{prefix}_{r.getrandbits(40):010x}", view.get("minLength", 0), view.get("maxLength"), r)


def _matching_id(pattern: str, view: JsonObject, r: random.Random) -> str | None:
    pool = [text for text in _examples(view) if isinstance(text, str)]
    if pool and (made := _try_matching(pattern, lambda: _vary(pool[0], r))) is not None:
        return made
    return _try_matching(pattern, lambda: Rstr(r).xeger(pattern))


def _uuid(r: random.Random) -> str:
    bits = f"{r.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def stamp(moment: datetime) -> str:
    """Return a time as APIs write it: `2026-03-04T14:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _email(r: random.Random) -> str:
    maker = by_name("email", "")
    return maker(r) if maker else "someone@example.com"


def _date(r: random.Random, sampler: Sampler, name: str) -> str:
    if {"birth", "birthdate", "dob", "birthday"} & set(words(name)):
        return f"{r.randrange(1940, 2008)}-{r.randrange(1, 13):02d}-{r.randrange(1, 29):02d}"
    return sampler.moment(r, name).date().isoformat()


def _plain(make: Callable[[random.Random], str]) -> Callable[[random.Random, Sampler, str], str]:
    def made(r: random.Random, sampler: Sampler, name: str) -> str:
        del sampler, name
        return make(r)

    return made


_FORMATS: dict[str, Callable[[random.Random, Sampler, str], str]] = {
    "date-time": lambda r, sampler, name: stamp(sampler.moment(r, name)),
    "date": _date,
    "time": _plain(lambda r: f"{r.randrange(8, 20):02d}:{r.choice((0, 15, 30, 45)):02d}:00Z"),
    "duration": _plain(lambda r: f"PT{r.randrange(10, 120)}M"),
    "email": _plain(_email),
    "idn-email": _plain(_email),
    "uuid": _plain(_uuid),
    "uri": _plain(lambda r: f"https://www.example.com/{slug(r)}"),
    "url": _plain(lambda r: f"https://www.example.com/{slug(r)}"),
    "uri-reference": _plain(lambda r: f"/{slug(r)}"),
    "iri": _plain(lambda r: f"https://www.example.com/{slug(r)}"),
    "hostname": _plain(lambda r: f"{slug(r)}.example.com"),
    "ipv4": _plain(lambda r: f"192.0.2.{r.randrange(1, 255)}"),
    "ipv6": _plain(lambda r: f"2001:db8::{r.randrange(1, 65535):x}"),
    "decimal": _plain(lambda r: f"{r.uniform(5, 900):.2f}"),
    "byte": _plain(lambda r: r.choice(("c2FtcGxl", "ZmlsZQ==", "ZGF0YQ=="))),
}
