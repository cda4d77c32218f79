"""How people name things: which fields of an entity can be said, and which of them tell it from the others."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolbench.model import Json, JsonObject, is_object
from toolbench.model.wording import as_date, as_moment, say
from toolbench.world.nouns import words

_NAMES = ("name", "title", "subject", "full", "email", "username", "login", "label", "summary", "reference", "nickname")
_NUMBERS = ("price", "amount", "total", "cost", "year", "capacity", "rating", "stars", "points", "age", "number")
_WHEN = ("date", "at", "on", "start", "end", "starts", "ends", "birth", "due", "day", "check")
_SHORT = (
    "status",
    "state",
    "stage",
    "type",
    "kind",
    "priority",
    "city",
    "country",
    "genre",
    "category",
    "tier",
    "role",
)
_UNSAID = frozenset("id ids uuid url uri href sha hash token cursor etag html avatar node iban pem key image".split())
_LONGEST = 70
_LARGEST = 100_000_000
"""Numbers from here on are timestamps or ids."""
_IDLIKE = re.compile(r"^(?=.*\d)[A-Za-z0-9_-]{12,}$|^[0-9a-f]{8}-[0-9a-f]{4}-|://|^[a-z]{1,5}_[a-z0-9]{4,}$")


@dataclass(frozen=True, slots=True)
class Trait:
    """A field of an entity that people can say."""

    pointer: str
    """JSON pointer inside the entity."""
    label: str
    """What people call it: `due date`."""
    value: str | int | float
    """Its value."""

    @property
    def is_moment(self) -> bool:
        """Whether the value is a date with a time."""
        return isinstance(self.value, str) and as_moment(self.value) is not None and as_date(self.value) is None

    @property
    def said(self) -> str:
        """The value as a person writes it; of a moment the day."""
        return say(str(self.value)[:10]) if self.is_moment else say(self.value)

    @property
    def told(self) -> Json:
        """What the value tells: text without case, of a moment the day."""
        if isinstance(self.value, str):
            return self.value[:10] if self.is_moment else self.value.lower()
        return self.value


def label_of(names: Sequence[str]) -> str:
    """Return what people call a field: `due_at` is the `due time`, `unit_price` the `unit price`."""
    parts = [part for name in names for part in words(name)]
    if len(parts) > 1 and parts[-1] in ("at", "on"):
        parts[-1] = "time" if parts[-1] == "at" else "date"
        parts[-2] = {"starts": "start", "ends": "end"}.get(parts[-2], parts[-2])
    return " ".join(dict.fromkeys(parts))


def traits(entity: Json, depth: int = 1) -> list[Trait]:
    """Return what can be said of an entity, likeliest first: names, then states, dates and numbers."""
    return sorted(_traits(entity, (), depth), key=lambda trait: (_rank(trait), trait.pointer.count("/")))


def _traits(entity: Json, at: tuple[str, ...], depth: int) -> Iterator[Trait]:
    if not is_object(entity):
        return
    for name, value in entity.items():
        if is_object(value) and depth > 0:
            yield from _traits(value, (*at, name), depth - 1)
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and is_sayable(name, value):
            place = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in (*at, name))
            yield Trait(place, label_of((*at, name)), value)


def is_sayable(name: str, value: str | float) -> bool:
    """Tell whether a person would say such a value of such a field."""
    parts = words(name)
    if not parts or parts[-1] in _UNSAID or parts[0] in ("raw", "encoded"):
        return False
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST and "\n" not in value and not _IDLIKE.search(value)
    return abs(value) < _LARGEST


def _rank(trait: Trait) -> int:
    parts = words(trait.pointer.rpartition("/")[2])
    if parts[0] in ("created", "updated", "modified"):
        return 6
    for place, group in enumerate((_NAMES, _SHORT, _WHEN, _NUMBERS)):
        if any(part in group for part in parts):
            return place if group is not _NAMES or "job" in parts else -1
    return 4 if isinstance(trait.value, str) else 5


def is_classifying(trait: Trait) -> bool:
    """Tell whether a trait sorts entities into kinds rather than naming one: a status, a city, a category."""
    return _rank(trait) == 1


def telling(entity: JsonObject, others: Sequence[JsonObject], known: Sequence[str] = ()) -> list[Trait] | None:
    """Return the fewest traits that tell an entity from others, at most three, or None where none do.

    Args:
        entity: the entity.
        others: what it could be mistaken for.
        known: pointers of traits that were said already; they are used for free.
    """
    options = traits(entity)
    said = [trait for trait in options if trait.pointer in known]
    rivals = [{t.pointer: t.told for t in traits(other)} for other in others if other is not entity]
    rivals = [rival for rival in rivals if all(rival.get(t.pointer) == t.told for t in said)]
    if not rivals and any(_rank(t) < 0 for t in said):
        return _whole_names(said, options)
    useful = [t for t in options if t.pointer not in known][:8]
    for size in (1, 2, 3):
        for chosen in itertools.combinations(useful, size):
            clear = not any(all(rival.get(t.pointer) == t.told for t in chosen) for rival in rivals)
            # A bare state or place ("the paid order") is how nobody names a single thing.
            if clear and (size + len(said) > 1 or _rank(chosen[0]) != 1):
                return _whole_names([*said, *chosen], options)
    return None


def _whole_names(chosen: list[Trait], options: Sequence[Trait]) -> list[Trait]:
    """Add the other half of a person's name where one half is said."""
    halves = [t for t in options if {"first", "last"} & set(t.label.split()) and "name" in t.label.split()]
    if len(halves) != 2 or not any(t in halves for t in chosen):
        return chosen
    return [*sorted(halves, key=lambda t: t.label), *(t for t in chosen if t not in halves)]
