"""Plausible values for a schema."""

import math
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial

from rstr import Rstr

from toolbench.model import Json, JsonObject, canonical, is_array, is_object
from toolbench.world.lexicon import THINGS, by_name, login, slug, title
from toolbench.world.nouns import words
from toolbench.world.shapes import FORBIDDEN, Shapes, main_type

_OPTIONAL_SHARE = (0.95, 0.7, 0.4, 0.0)
"""Chance that an optional property is there, by depth; deeper ones are left out, which ends recursion."""

_DEEPEST = 12
"""What requires itself is cut here; no value is valid against such a schema."""

_TRIES = 6
_FUTURE = frozenset(("due end ends expires expiry expiration scheduled deadline until checkout out arrival").split())
_PAST = frozenset(("created updated modified placed paid born birth joined started since opened").split())
_MONEY = frozenset(("price amount total cost balance fee rate subtotal budget value revenue salary").split())
_IDS = frozenset(("id", "uuid", "guid", "uid"))
_DISTINCT = frozenset("number sku isbn barcode iban code reference".split())
"""Last words of fields whose values few entities share: the documented examples are varied, not repeated."""

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[+*]", re.DOTALL)
"""A part of a pattern: an escaped character, a set, or a sign of repetition."""
_FEW = {"+": "{1,8}", "*": "{0,8}"}

_Make = Callable[[random.Random], str]


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

    def _of_type(self, kind: str, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> Json:
        match kind:
            case "object":
                return self._object(view, r, name, owner, depth)
            case "array":
                return self._array(view, r, name, owner, depth)
            case "integer" | "number":
                return self._number(view, r, name, whole=kind == "integer")
            case "boolean":
                return r.random() < 0.5
            case "null":
                return None
            case "string":
                return self._string(view, r, name, owner)
            case _:
                return r.choice(_examples(view)) if _examples(view) else title(r)

    def _object(self, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> JsonObject:
        if depth > _DEEPEST:
            return {}
        properties: JsonObject = view.get("properties") or {}
        wanted = self._wanted(view, properties, r, depth)
        result = {
            key: self.value(schema, r, name=key, owner=name or owner, depth=depth + 1)
            for key, schema in properties.items()
            if key in wanted
        }
        for key in wanted:
            if key not in properties:
                result[key] = self.value(extra_schema(view), r, name=key, owner=owner, depth=depth + 1)
        return result | self._free_form(view, r, depth, len(result))

    def _wanted(self, view: JsonObject, properties: JsonObject, r: random.Random, depth: int) -> list[str]:
        """Return the names of the properties to fill: the required ones, some others, and as many as there must be."""
        share = _OPTIONAL_SHARE[min(depth, len(_OPTIONAL_SHARE) - 1)]
        required: list[str] = view.get("required") or []
        barred = {key for key in properties if self._shapes.view(properties[key]).get("writeOnly")}
        barred.update(view.get(FORBIDDEN) or ())
        chosen = [key for key in properties if r.random() < share and key not in barred and key not in required]
        most = view.get("maxProperties", len(required) + len(chosen)) - len(required)
        chosen = chosen[: max(0, most)]
        spare = [key for key in properties if key not in barred and key not in required and key not in chosen]
        missing = view.get("minProperties", 0) - len(required) - len(chosen)
        return [*required, *chosen, *spare[: max(0, missing)]]

    def _free_form(self, view: JsonObject, r: random.Random, depth: int, there: int) -> JsonObject:
        least = view.get("minProperties", 0) - there
        usual = 2 if depth < 2 and not view.get("properties") and is_object(view.get("additionalProperties")) else 0
        count = max(least, min(usual, view.get("maxProperties", usual) - there))
        made: JsonObject = {}
        for _ in range(count * _TRIES if view.get("additionalProperties") is not False else 0):
            if len(made) == count:
                break
            made[slug(r)] = self.value(extra_schema(view), r, depth=depth + 1)
        return made

    def _array(self, view: JsonObject, r: random.Random, name: str, owner: str, depth: int) -> list[Json]:
        if depth > _DEEPEST:
            return []
        items: Json = view.get("items", {})
        inner = self._shapes.view(items)
        fixed: list[Json] = view.get("prefixItems") or []
        low, high = view.get("minItems", 0), view.get("maxItems", max(3, view.get("minItems", 0)))
        lean = main_type(inner) in ("object", "array") and depth >= 3
        count = 0 if items is False else low if lean else max(low, min(high, r.randint(1, 3)))
        made = [self.value(part, r, name=name, owner=owner, depth=depth + 1) for part in fixed[:high]]
        distinct = bool(view.get("uniqueItems")) or ("enum" in inner and low <= len(inner["enum"]))
        for _ in range(count * _TRIES):
            if len(made) >= count:
                break
            made.append(self.value(items, r, name=name, owner=owner, depth=depth + 1))
            made = unique(made) if distinct else made
        return made

    def _number(self, view: JsonObject, r: random.Random, name: str, *, whole: bool) -> int | float:
        if view.get("format") == "unix-time":
            return 1_735_689_600 + r.randrange(600) * 86_400
        low, high = _bounds(view, name, whole=whole)
        step = view.get("multipleOf")
        for _ in range(_TRIES):
            made = _stepped(low, high, step, r, whole=whole) if step else _between(low, high, r, whole=whole)
            if self._shapes.accepts(made, view):
                return made
        edges = [int(edge) if whole else edge for edge in (low, high, (low + high) / 2)]
        return next((edge for edge in edges if self._shapes.accepts(edge, view)), edges[0])

    def _string(self, view: JsonObject, r: random.Random, name: str, owner: str) -> str:
        made = ""
        for make in self._makers(view, name, owner):
            made = self._of_length(make, view, r)
            if self._shapes.accepts(made, view):
                return made
        return made

    def _of_length(self, make: _Make, view: JsonObject, r: random.Random) -> str:
        """Return a text, lengthened or shortened to what a view asks for."""
        text = make(r)
        low, high = view.get("minLength", 0), view.get("maxLength")
        if high is not None and len(text) > high:
            text = text[:high].strip() if len(text[:high].strip()) >= low else text[:high]
        # What a pattern allows, it usually allows more of.
        filling = text if text and "pattern" in view else "abcdefghjkmnpqrstuvwxyz23456789"
        while len(text) < low:
            text += r.choice(filling)
        return text

    def _makers(self, view: JsonObject, name: str, owner: str) -> Iterator[_Make]:
        """Yield makers of text, the likeliest first: what people would read, then whatever the pattern allows."""
        pattern, pool = view.get("pattern"), [text for text in _examples(view) if isinstance(text, str)]
        if maker := _FORMATS.get(view.get("format", "")):
            yield lambda r: maker(r, self, name)
        if words(name)[-1:] and words(name)[-1] in _IDS:
            yield from _id_makers(view, " ".join(words(name)[:-1]) or owner)
        by_field = by_name(name, owner)
        if pool and pattern and words(name)[-1:] and words(name)[-1] in _DISTINCT:
            yield from _variants(pool[0])
        if len(pool) > 2 or (pool and not by_field and not pattern):
            yield lambda r: r.choice(pool)
        if by_field:
            yield by_field
        if pool and pattern:
            yield from _variants(pool[0])
        yield title
        if pattern:
            yield from (slug, login, _thing, partial(_made_id, owner), _uuid)
            yield from [partial(_matching, str(pattern))] * (2 * _TRIES)
        yield from (partial(_same, text) for text in pool)

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
        return self._string(view, r, "id", owner)

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


def extra_schema(view: JsonObject) -> Json:
    """Return the schema of properties that an object view does not name."""
    extra = view.get("additionalProperties")
    return extra if is_object(extra) else {"type": "string"}


def unique(values: list[Json]) -> list[Json]:
    """Return values in their order, each once."""
    return list({canonical(value): value for value in values}.values())


def _examples(view: JsonObject) -> list[Json]:
    pool = view.get("examples")
    return pool if is_array(pool) else []


def _between(low: float, high: float, r: random.Random, *, whole: bool) -> int | float:
    if whole:
        return r.randint(math.ceil(low), max(math.ceil(low), math.floor(high)))
    made = round(r.uniform(low, high), 2)
    return made if low <= made <= high else r.uniform(low, high)


def _stepped(low: float, high: float, step: float, r: random.Random, *, whole: bool) -> int | float:
    first = math.ceil(low / step)
    made = r.randint(first, max(first, math.floor(high / step))) * step
    return round(made) if whole else round(made, 10)


def _bounds(view: JsonObject, name: str, *, whole: bool) -> tuple[float, float]:
    usual_low, usual_high = _usual_range(name)
    low, high = view.get("minimum"), view.get("maximum")
    edge = 1 if whole else 0.01
    if (above := view.get("exclusiveMinimum")) is not None:
        low = max(above + edge, above + edge if low is None else low)
    if (below := view.get("exclusiveMaximum")) is not None:
        high = min(below - edge, below - edge if high is None else high)
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


def _matching(pattern: str, r: random.Random) -> str:
    try:
        return Rstr(r).xeger(_brief(pattern))
    except (re.error, ValueError, KeyError, IndexError, OverflowError):
        return ""


@lru_cache(maxsize=4096)
def _brief(pattern: str) -> str:
    """Return a pattern in which what may be repeated without end is repeated a few times."""
    return _TOKEN.sub(lambda token: _FEW.get(token[0], token[0]), pattern)


def _id_makers(view: JsonObject, owner: str) -> Iterator[_Make]:
    for text in _examples(view)[:1]:
        if isinstance(text, str) and ("pattern" in view or re.search(r"\d", text)):
            yield from _variants(text)
    yield partial(_made_id, owner)


def _thing(r: random.Random) -> str:
    return r.choice(THINGS)


def _same(text: str, _: random.Random) -> str:
    return text


def _made_id(owner: str, r: random.Random) -> str:
    prefix = "".join(word[0] for word in words(owner)) or "x"
    return f"{prefix}_{r.getrandbits(40):010x}"


def _variants(text: str) -> Iterator[_Make]:
    yield partial(_vary, text)
    yield partial(_renumber, text)


def _renumber(text: str, r: random.Random) -> str:
    """Return a text with other digits: `LC20775310` gives `LC81340277`."""
    return "".join(_like(char, r) if char.isdigit() else char for char in text)


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
    "iri-reference": _plain(lambda r: f"/{slug(r)}"),
    "json-pointer": _plain(lambda r: f"/{slug(r)}"),
    "idn-hostname": _plain(lambda r: f"{slug(r)}.example.com"),
    "hostname": _plain(lambda r: f"{slug(r)}.example.com"),
    "ipv4": _plain(lambda r: f"192.0.2.{r.randrange(1, 255)}"),
    "ipv6": _plain(lambda r: f"2001:db8::{r.randrange(1, 65535):x}"),
    "decimal": _plain(lambda r: f"{r.uniform(5, 900):.2f}"),
    "byte": _plain(lambda r: r.choice(("c2FtcGxl", "ZmlsZQ==", "ZGF0YQ=="))),
}
