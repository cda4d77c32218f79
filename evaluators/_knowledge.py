"""What a path has shown by its end: values read in observations and said by the user, and what follows from them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal

from evaluators._values import scalars
from toolbench.model import Case, Json, canonical, is_array, is_object
from toolbench.model.calendar import WEEKDAYS, resolved
from toolbench.model.pointers import leaves, parts
from toolbench.model.reading import MONTHS, plain, read
from toolbench.model.wording import as_moment, mentions

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COUNTS = frozenset("count counts total totals number size length quantity amount hits results matches records".split())
"""Words in the names of numbers that say how many there are."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The values an answer may rest on."""

    numbers: frozenset[Decimal]
    """Numbers seen or said."""
    families: tuple[Mapping[Decimal, int], ...]
    """Numbers seen in one object, or under one name, and how often: what may be added or subtracted."""
    counts: frozenset[Decimal]
    """Numbers of items in lists seen, in all and by equal fields; sums over such lists."""
    amounts: frozenset[Decimal]
    """What may say how many there are: `counts`, numbers said, and numbers under names that are those of counts."""
    fields: tuple[tuple[Decimal, frozenset[str]], ...]
    """Other whole numbers seen, each with the words of its name: they say how many there are of what they name."""
    dates: frozenset[date]
    """Dates seen or said."""
    days: frozenset[tuple[int, int]]
    """Months and days of these, and of dates without a year."""
    times: frozenset[tuple[int, int]]
    """Times of day seen or said: hour and minute."""
    text: str
    """Everything seen or said, in plain form, a piece a line."""
    said: str
    """What the user said, a turn a line."""
    units: tuple[frozenset[str], ...]
    """Words of each object seen: what stands together there may be said together."""
    vocabulary: frozenset[str]
    """Words of the tools and of the calendar: talk, no facts."""


def knowledge(case: Case) -> Knowledge:
    """Return what the path has shown.

    Arguments of calls count where the user said them: their spelling may be the API's, not the user's.
    """
    turns = [case.task.turns[0].text, *(node.step.text for node in case.path if node.step and node.step.kind == "user")]
    said = [resolved(text, case.task.today) for text in turns]
    bodies = [seen.body for seen in case.observations()]
    arguments = [value for call in case.calls() for value in scalars(call.arguments)]
    given = [value for value in arguments if any(mentions(text, value) for text in said)]
    seen = [value for body in bodies for value in scalars(body)] + given
    texts = [*said, *(value for value in seen if isinstance(value, str))]
    readings = [read(text) for text in texts]
    dates = frozenset(_dates(texts))
    fields = tuple(dict.fromkeys(field for body in bodies for field in _fields(body)))
    return Knowledge(
        numbers=frozenset(_numbers(seen)) | {found.value for reading in readings for found in reading.numbers},
        families=tuple(_families(bodies)),
        counts=frozenset(number for body in bodies for number in _counts(body)),
        amounts=frozenset(number for body in bodies for number in _counts(body))
        | {number for number, words in fields if words & _COUNTS}
        | {found.value for text in said for found in (*read(text).numbers, *read(text).words)},
        fields=fields,
        dates=dates,
        days=frozenset((day.month, day.day) for day in dates)
        | {found.value for reading in readings for found in reading.days},
        times=frozenset(_times(texts)),
        text="\n".join(map(plain, (*texts, *_keys(bodies), *case.tools))),
        said="\n".join(map(plain, said)),
        units=tuple(frozenset(unit) for body in bodies for unit in _units(body)),
        vocabulary=_vocabulary(case, bodies),
    )


def _numbers(values: Iterable[Json]) -> Iterator[Decimal]:
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield Decimal(repr(value))


def _fields(body: Json) -> Iterator[tuple[Decimal, frozenset[str]]]:
    for pointer, value in leaves(body):
        if isinstance(value, int) and not isinstance(value, bool):
            # The elements of a list are named after it.
            names = [part for part in parts(pointer) if not part.isdecimal()]
            yield Decimal(value), frozenset(_words(_HUMP.sub(" ", names[-1])) if names else ())


def holds_count(known: Knowledge, number: Decimal, words: AbstractSet[str]) -> bool:
    """Tell whether so many were counted, or a number of that name was seen.

    Args:
        known: what the path has shown.
        number: how many.
        words: words of the sentence that says so.
    """
    return number in known.amounts or any(number == value and named & words for value, named in known.fields)


def _dates(texts: Iterable[str]) -> Iterator[date]:
    for text in texts:
        reading = read(text)
        yield from (found.value for found in reading.dates)
        yield from (found.value.date() for found in reading.moments)


def _times(texts: Iterable[str]) -> Iterator[tuple[int, int]]:
    for text in texts:
        reading = read(text)
        yield from ((found.value.time.hour, found.value.time.minute) for found in reading.times)
        if moment := as_moment(text):
            at = moment.astimezone(UTC)
            yield at.hour, at.minute


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if is_object(value):
        yield value
        for item in value.values():
            yield from _objects(item)
    elif is_array(value):
        for item in value:
            yield from _objects(item)


def _arrays(value: Json) -> Iterator[list[Json]]:
    if is_array(value):
        yield value
    for item in value if is_array(value) else value.values() if is_object(value) else ():
        yield from _arrays(item)


def _keys(bodies: Iterable[Json]) -> Iterator[str]:
    yield from dict.fromkeys(key for body in bodies for found in _objects(body) for key in found)


def _counts(body: Json) -> Iterator[Decimal]:
    """Yield each list's length and, for lists of objects, how many agree in a field and what the field adds up to."""
    for items in _arrays(body):
        yield Decimal(len(items))
        objects = [item for item in items if is_object(item)]
        for key in dict.fromkeys(key for item in objects for key in item):
            column = [item[key] for item in objects if key in item]
            yield from map(Decimal, Counter(canonical(value) for value in column).values())
            yield sum(_numbers(column), Decimal(0))


def _families(bodies: Iterable[Json]) -> Iterator[Mapping[Decimal, int]]:
    columns: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for found in (found for body in bodies for found in _objects(body)):
        yield Counter(_numbers(found.values()))
        for key, value in found.items():
            columns[key].update(_numbers([value]))
    yield from columns.values()


def _units(body: Json) -> Iterator[Iterable[str]]:
    for found in _objects(body):
        for_people = (value for value in found.values() if isinstance(value, str))
        yield (word for value in for_people for word in _words(value))


def _vocabulary(case: Case, bodies: Iterable[Json]) -> frozenset[str]:
    talk = [*_keys(bodies), *MONTHS, *WEEKDAYS]
    for tool in case.tools.values():
        talk += (tool.name, tool.description)
    return frozenset(word for text in talk for word in _words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def holds_number(known: Knowledge, number: Decimal, *, percent: bool) -> bool:
    """Tell whether a number was seen, or follows: counted, added, rounded, in percent or cents."""
    if number in known.numbers or number in known.counts:
        return True
    if percent and number / 100 in known.numbers:
        return True
    if number.as_tuple().exponent == -2 and number * 100 in known.numbers:
        return True
    return _is_year(known, number) or _is_rounded(known, number) or _is_derived(known, number)


def _is_year(known: Knowledge, number: Decimal) -> bool:
    return any(number == day.year for day in known.dates)


def _is_derived(known: Knowledge, number: Decimal) -> bool:
    """Tell whether a number is the sum or the difference of two that belong together.

    Any two numbers at all would do for almost any small number.
    """
    return any(
        other in family and (other != one or family[one] > 1)
        for family in known.families
        for one in family
        for other in (number - one, number + one)
    )


def _is_rounded(known: Knowledge, number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return False
    step = Decimal(1).scaleb(exponent)
    return any(abs(one - number) * 2 <= step for one in known.numbers | known.counts)


def holds_name(known: Knowledge, words: tuple[str, ...]) -> bool:
    """Tell whether a name was seen or said in one piece or in one object, or is made of the tools' own words."""
    if mentions(known.text, " ".join(words)):
        return True
    bare = {part for word in words for part in _words(word)}
    return bare <= known.vocabulary or any(bare <= unit for unit in known.units)
