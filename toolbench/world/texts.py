"""Plausible texts by the name and the format of their field, within the limits of a view."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from toolbench.model import Json, JsonObject, is_array
from toolbench.world.lexicon import THINGS, Maker, by_name, email, login, slug, title
from toolbench.world.moments import dates, stamps
from toolbench.world.nouns import words
from toolbench.world.patterns import text_for
from toolbench.world.rng import pick
from toolbench.world.scalars import accepts

_IDS = frozenset(("id", "uuid", "guid", "uid"))
_DISTINCT = frozenset("number sku isbn barcode iban code reference".split())
"""Last words of fields whose values few entities share: the documented examples are varied, not repeated."""
_PATTERN_TRIES = 12
_FILLING = "abcdefghjkmnpqrstuvwxyz23456789"
_LIMITS = frozenset(("pattern", "minLength", "maxLength"))


def text_maker(view: JsonObject, name: str, owner: str, now: datetime) -> Maker:
    """Return a maker of texts valid against a view.

    Args:
        view: the view of the field's schema.
        name: the field's name.
        owner: noun of the entity that has the field.
        now: the world's time at its beginning.
    """
    makers = _makers(view, name, owner, now)
    if _LIMITS.isdisjoint(view):
        return next(makers)
    return partial(_tried, tuple(makers), view)


def _tried(makers: tuple[Maker, ...], view: JsonObject, r: random.Random) -> str:
    text = ""
    for make in makers:
        text = _of_length(make(r), view, r)
        if accepts(text, view):
            break
    return text


def _of_length(text: str, view: JsonObject, r: random.Random) -> str:
    """Return a text lengthened or shortened to what a view asks for."""
    low, high = view.get("minLength", 0), view.get("maxLength")
    if high is not None and len(text) > high:
        short = text[:high].strip()
        text = short if len(short) >= low else text[:high]
    if len(text) < low:
        # What a pattern allows, it usually allows more of.
        filling = text if text and "pattern" in view else _FILLING
        text += "".join(pick(filling, r) for _ in range(low - len(text)))
    return text


def _makers(view: JsonObject, name: str, owner: str, now: datetime) -> Iterator[Maker]:
    """Yield makers of text, the likeliest first: what people would read, then whatever the pattern allows."""
    if "format" in view and (make := _FORMATS.get(view["format"])):
        yield make(name, now)
    pattern, pool = view.get("pattern"), [text for text in examples(view) if isinstance(text, str)]
    last = words(name)[-1:]
    if last and last[0] in _IDS:
        yield from _id_makers(view, " ".join(words(name)[:-1]) or owner)
    by_field = by_name(name, owner)
    if pool and pattern and last and last[0] in _DISTINCT:
        yield from _variants(pool[0])
    if len(pool) > 2 or (pool and not by_field and not pattern):
        yield partial(pick, pool)
    if by_field:
        yield by_field
    if pool and pattern:
        yield from _variants(pool[0])
    yield title
    if pattern:
        yield from (slug, login, partial(pick, THINGS), partial(_made_id, owner), _uuid)
        yield from [partial(text_for, pattern)] * _PATTERN_TRIES
    yield from (partial(_same, text) for text in pool)


def examples(view: JsonObject) -> list[Json]:
    """Return the documented examples of a view."""
    pool = view.get("examples")
    return pool if is_array(pool) else []


def _id_makers(view: JsonObject, owner: str) -> Iterator[Maker]:
    for text in examples(view)[:1]:
        if isinstance(text, str) and ("pattern" in view or re.search(r"\d", text)):
            yield from _variants(text)
    yield partial(_made_id, owner)


def _same(text: str, _: random.Random) -> str:
    return text


def _made_id(owner: str, r: random.Random) -> str:
    prefix = "".join(word[0] for word in words(owner)) or "x"
    return f"{prefix}_{r.getrandbits(40):010x}"


def _variants(text: str) -> Iterator[Maker]:
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
        return pick("0123456789", r)
    if char.isalpha() and char.isascii():
        made = pick("abcdefghijkmnpqrstuvwxyz", r)
        return made.upper() if char.isupper() else made
    return char


def _uuid(r: random.Random) -> str:
    bits = f"{r.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def _time(r: random.Random) -> str:
    return f"{r.randrange(8, 20):02d}:{pick((0, 15, 30, 45), r):02d}:00Z"


def _address(r: random.Random) -> str:
    return f"https://www.example.com/{slug(r)}"


def _path(r: random.Random) -> str:
    return f"/{slug(r)}"


def _host(r: random.Random) -> str:
    return f"{slug(r)}.example.com"


def _any(make: Maker) -> Callable[[str, datetime], Maker]:
    return lambda _, __: make


_FORMATS: dict[str, Callable[[str, datetime], Maker]] = {
    "date-time": stamps,
    "date": dates,
    "time": _any(_time),
    "duration": _any(lambda r: f"PT{r.randrange(10, 120)}M"),
    "email": _any(email),
    "idn-email": _any(email),
    "uuid": _any(_uuid),
    "uri": _any(_address),
    "url": _any(_address),
    "uri-reference": _any(_path),
    "iri": _any(_address),
    "iri-reference": _any(_path),
    "json-pointer": _any(_path),
    "relative-json-pointer": _any(lambda r: f"{r.randrange(3)}/{slug(r)}"),
    "regex": _any(slug),
    "uri-template": _any(lambda r: f"https://www.example.com/{{{login(r)}}}"),
    "idn-hostname": _any(_host),
    "hostname": _any(_host),
    "ipv4": _any(lambda r: f"192.0.2.{r.randrange(1, 255)}"),
    "ipv6": _any(lambda r: f"2001:db8::{r.randrange(1, 65535):x}"),
    "decimal": _any(lambda r: f"{r.uniform(5, 900):.2f}"),
    "byte": _any(partial(pick, ("c2FtcGxl", "ZmlsZQ==", "ZGF0YQ=="))),
}
