"""What things are called: which fields of an entity can be said, and which of them tell it from the others."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolbench.model import Json, JsonObject, is_object
from toolbench.model.pointers import escape
from toolbench.model.wording import as_date, as_moment
from toolbench.tasks.english import is_participle, is_plural
from toolbench.tasks.fields import is_name, label_of
from toolbench.world.nouns import singular, words
from toolbench.world.query import CONTROLS, snake
from toolbench.world.shapes import Shapes

_KINDS = (
    ("title", "subject", "full", "nickname", "label", "headline", "name", "username", "login", "reference"),
    ("email",),
    ("status", "state", "stage", "type", "kind", "priority", "city", "genre", "category", "tier", "role", "country"),
    ("date", "at", "on", "start", "end", "due", "for"),
    ("price", "amount", "total", "cost", "capacity", "rating", "points", "number", "four", "count", "year"),
)
"""Words of field names, likeliest first: names, addresses, what sorts things into kinds, times, numbers."""

_NAMING, _CLASSIFYING, _OTHER, _TEXT, _MADE = 0, 2, 5, 6, 7
"""Ranks: places in `_KINDS`, and what comes after them."""

_TEXTS = frozenset("description body text message comment content note notes excerpt biography summary".split())
_HOW = frozenset("body message text".split())
"""Texts that a thing may be told by: a comment by what it says."""

_UNSAID = frozenset(
    "id ids uuid uid url uri href link sha hash token secret cursor etag html avatar node iban pem key image object "
    "fingerprint version checksum signature digest ssl".split()
)
_IDLIKE = re.compile(r"^(?=.*\d)[A-Za-z0-9_-]{12,}$|^[0-9a-f]{8}-[0-9a-f]{4}-|://|^[a-z]{1,5}_[a-z0-9]{4,}$|^\*+$")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")
_LONGEST = 70
_LARGEST = 100_000_000
"""Numbers from here on are timestamps or ids."""

_FULL_NOUNS = {
    "lang": "language",
    "org": "organization",
    "pull": "pull request",
    "repo": "repository",
    "username": "user",
}
_NO_THINGS = frozenset("all batch current default latest recent".split())
_KEY_WORDS = frozenset("id login name number slug".split())
FORMAL = frozenset(("api version", "kind", "object"))
"""Labels of fields that say what sort of document it is."""

_FINE = frozenset(("ms", "milliseconds", "bytes"))
"""Units in which nobody speaks of a thing."""

TOTALS = frozenset(("total", "total_count", "total_items", "total_results"))
"""Fields of an answer that say how many things there are in all."""

_PAGING = CONTROLS | (TOTALS - {"total"})

_VERSION = re.compile(r"v\d+\w*")


@dataclass(frozen=True, slots=True)
class Trait:
    """A field of an entity that people can say."""

    pointer: str
    """JSON pointer inside the entity."""
    label: str
    """Its name as words: `due date`."""
    value: str | int | float
    """Its value."""

    @property
    def said(self) -> str | int | float:
        """The value as far as a person says it to describe something: of a moment the day."""
        return str(self.value)[:10] if self._is_moment else self.value

    @property
    def told(self) -> Json:
        """What the value tells: text without case, of a moment the day."""
        said = self.said
        return said.lower() if isinstance(said, str) else said

    @property
    def _is_moment(self) -> bool:
        return isinstance(self.value, str) and as_moment(self.value) is not None and as_date(self.value) is None


def thing(phrase: str) -> str:
    """Return what people call a kind of thing, given an API's noun for it; nothing where there is no such word."""
    parts = [_FULL_NOUNS.get(part, part) for part in phrase.split(" ") if not _VERSION.fullmatch(part)]
    if len(parts) > 1 and parts[-1] in _KEY_WORDS:
        parts.pop()
    if "of" in parts:
        parts[parts.index("of") - 1] = singular(parts[parts.index("of") - 1])
    elif parts:
        parts[-1] = re.sub(r"(?<=stat)use$", "us", singular(parts[-1]))
    if not parts or parts[-1] in _NO_THINGS or is_participle(parts[-1]):
        return ""
    fit = all(part.replace(" ", "").isalpha() and len(part) > 1 for part in parts)
    return " ".join(parts) if fit else ""


def documented(value: Json, schema: Json, shapes: Shapes, depth: int = 1) -> JsonObject:
    """Return the part of an object whose properties its schema names: keys of free-form maps mean nothing to people."""
    known = shapes.properties(schema)
    kept: JsonObject = {}
    for name, held in value.items() if is_object(value) else ():
        if name in known and not is_object(held):
            kept[name] = held
        elif name in known and depth > 0:
            kept[name] = documented(held, known[name], shapes, depth - 1)
    return kept


def traits(entity: Json, depth: int = 1) -> list[Trait]:
    """Return what can be said of an entity, likeliest first: names, then kinds, times and numbers."""
    return sorted(_traits(entity, (), depth), key=lambda trait: (trait.pointer.count("/"), _rank(trait)))


def _traits(entity: Json, at: tuple[str, ...], depth: int) -> Iterator[Trait]:
    for name, value in entity.items() if is_object(entity) else ():
        if is_object(value) and depth > 0:
            yield from _traits(value, (*at, name), depth - 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and is_sayable(name, value):
            place = "".join(f"/{escape(part)}" for part in (*at, name))
            yield Trait(place, label_of((*at, name)), value)


def is_sayable(name: str, value: str | float) -> bool:
    """Tell whether a person would say such a value of such a field."""
    parts = words(name)
    if not parts or parts[-1] in (*_UNSAID, *_FINE) or parts[0] in ("raw", "encoded"):
        return False
    if isinstance(value, str):
        if parts[-1] in ("at", "date", "time", "timestamp") and not (as_date(value) or as_moment(value)):
            return bool(_CLOCK.fullmatch(value))
        return 0 < len(value) <= _LONGEST and "\n" not in value and not _IDLIKE.search(value)
    return abs(value) < _LARGEST


def _rank(trait: Trait) -> int:
    parts = words(trait.pointer.rpartition("/")[2])
    if parts[0] in ("created", "updated", "modified"):
        return _MADE
    if parts[-1] in _TEXTS or (isinstance(trait.value, str) and trait.value.endswith(".")):
        return _TEXT
    return next((rank for rank, kind in enumerate(_KINDS) if parts[-1] in kind and "job" not in parts), _OTHER)


def is_naming(trait: Trait) -> bool:
    """Tell whether a trait is what the thing itself is called."""
    return is_name(trait.label) and isinstance(trait.value, str) and trait.pointer.count("/") < 2


def is_classifying(trait: Trait) -> bool:
    """Tell whether a trait sorts entities into kinds rather than naming one: a status, a city, a category."""
    return _rank(trait) == _CLASSIFYING


def is_news(trait: Trait) -> bool:
    """Tell whether a person would ask for it."""
    return _rank(trait) != _MADE and trait.label not in FORMAL and snake(trait.label) not in _PAGING


def telling(options: Sequence[Trait], rivals: Sequence[JsonObject], known: Sequence[Trait] = ()) -> list[Trait] | None:
    """Return few traits that tell an entity from others, its name among them where it has one, or None.

    Args:
        options: what can be said of it, likeliest first.
        rivals: what it could be mistaken for.
        known: traits that were said already; they are used for free.
    """
    lead = [*known, *(trait for trait in _name(options) if trait not in known)]
    left = [held for held in map(_held, rivals) if _fits(held, lead)]
    useful = [trait for trait in options if trait not in lead and _may_tell(trait)][:8]
    for size in range(3 if lead else 4):
        for chosen in itertools.combinations(useful, size):
            said = [*lead, *chosen]
            # A bare state or place ("the paid order") is how nobody names a single thing.
            if not all(map(is_classifying, said)) and not any(_fits(held, chosen) for held in left):
                return said
    return None


def _name(options: Sequence[Trait]) -> list[Trait]:
    halves = sorted((t for t in options if t.label in ("first name", "last name")), key=lambda trait: trait.label)
    named = [trait for trait in options if is_naming(trait) and trait not in halves]
    return halves if len(halves) == 2 else named[:1]


def _may_tell(trait: Trait) -> bool:
    if isinstance(trait.value, str) and _CLOCK.fullmatch(trait.value):
        return False
    parts = trait.label.split(" ")
    # How many things it holds need not agree with what else is asked of it.
    holds = not isinstance(trait.value, str) and (is_plural(parts[-1]) or parts[-1] == "count" or is_plural(parts[0]))
    return not holds and (_rank(trait) != _TEXT or trait.label in _HOW)


@dataclass(frozen=True, slots=True)
class _Held:
    """What can be said of a rival."""

    texts: frozenset[Json]
    """Its words, wherever they stand: a sentence may not show which field it means."""
    values: dict[str, Json]


def _held(rival: JsonObject) -> _Held:
    found = list(_traits(rival, (), 1))
    texts = frozenset(trait.told for trait in found if isinstance(trait.value, str))
    return _Held(texts, {trait.pointer: trait.told for trait in found})


def _fits(held: _Held, chosen: Sequence[Trait]) -> bool:
    """Tell whether all that is said is true of a rival too."""
    return all(
        trait.told in held.texts if isinstance(trait.value, str) else held.values.get(trait.pointer) == trait.told
        for trait in chosen
    )
