"""Numbers, dates and times in prose: what is written, where it stands, and what it means."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar

V_co = TypeVar("V_co", covariant=True)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

NUMBER_WORDS = {
    "zero": 0,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
"""Numbers that prose spells out. Not `one`: it is a pronoun too."""


@dataclass(frozen=True, slots=True)
class Found(Generic[V_co]):
    """A value and its place in the plain form of a text (`plain`)."""

    value: V_co
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as written; `zone` is None where the text names none (UTC is meant)."""

    time: time
    zone: timezone | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds. A date written with bare digits in an unclear order stands there once for each reading."""

    text: str
    """The plain form of the text, which all places refer to."""
    numbers: tuple[Found[Decimal], ...]
    """Whole numbers in digits: no parts of words, ids, dates or times."""
    words: tuple[Found[Decimal], ...]
    """Numbers spelled out."""
    dates: tuple[Found[date], ...]
    """Full dates, those of moments included."""
    days: tuple[Found[tuple[int, int]], ...]
    """Dates without a year: month and day."""
    times: tuple[Found[Clock], ...]
    """Times of day, those of moments included."""
    moments: tuple[Found[datetime], ...]
    """Dates with their time, in UTC."""
    bare_dates: tuple[Found[date], ...]
    """Dates without a time."""
    rest: str
    """The plain form with numbers in digits, dates and times blanked out."""


_TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "−": "-"})  # noqa: RUF001

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\w)(?P<year>\d{4})(?P<mark>[-/.])(?P<number>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![-/.]?\d)",
        rf"(?<!\w){_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})(?!\d)",
        rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}(?:, |[ -])(?P<year>\d{{4}})(?!\d)",
        r"(?<![\w/.-])(?P<number>\d{1,2})(?P<mark>[-/.])(?P<day>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\w|[-/.]\d)",
        r"(?<![\w/.-])(?P<day>\d{1,2})(?P<mark>[-/.])(?P<number>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\w|[-/.]\d)",
    )
)
_DAYS = (
    re.compile(rf"(?<!\w){_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\w)"),
    re.compile(rf"(?<!\w)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]{_MONTH}(?!\w)"),
)
_DIGITS_OF_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6})\d*)?)?"
# Times are looked for where dates are blanked already: the `T` of an ISO date-time stands after a space.
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<= t){_DIGITS_OF_TIME}(?P<zone>z|[+-]\d{{2}}:?\d{{2}})?(?![\w:])",
        rf"(?<![\w:.]){_DIGITS_OF_TIME}(?: ?(?P<half>[ap])\.?m\b\.?)?(?P<zone>z)?(?![\w:])",
        r"(?<![\w:.])(?P<hour>\d{1,2}) ?(?P<half>[ap])\.?m\b\.?",
    )
)
_JOINER = re.compile(r"(?:[ ,()@]|\b(?:t|at|on|of|from|until|till|by|around|utc|gmt|\w+day)\b)*")
_LONGEST_JOINER = 40

_UNITS = r"(?:kg|mg|g|km|cm|mm|m|ml|l|hrs?|h|mins?|min|ms|s|kb|mb|gb|tb|x)"
_NUMBER = re.compile(
    r"(?:(?<![\w.)])(?P<sign>-)[$€£¥₹]?|(?<![\w.])(?<!\w-))"
    r"(?P<number>(?>\d{1,3}(?:,\d{3})+(?!\d)|\d+|(?=\.\d))(?>(?:\.\d+)?)(?>(?:e[+-]?\d{1,3})?))"
    rf"(?={_UNITS}?(?!\w))(?!\.\d|@|-[\w-]*\d|-\w+-\w+-\w)"
)
_WORD = re.compile(rf"(?<![\w-])(?:{'|'.join(NUMBER_WORDS)})(?![\w-])")


def plain(text: str) -> str:
    """Return a text folded for comparison: case, white space, quotation marks and hyphens made alike."""
    folded = unicodedata.normalize("NFC", text).casefold().translate(_TYPOGRAPHY)
    return " ".join(folded.split())


@lru_cache(maxsize=512)
def read(text: str) -> Reading:
    """Return the numbers, dates and times of a text."""
    bare = plain(text)
    dates = tuple(sorted(set(_dates(bare)), key=lambda found: (found.start, found.value)))
    times = tuple(sorted(_times(_blank(bare, dates)), key=lambda found: found.start))
    joined = _join(bare, dates, times)
    moments = tuple(Found(moment, day.start, day.end) for day, moment in joined.items())
    days = tuple(_days(_blank(bare, (*dates, *times))))
    rest = _blank(bare, (*dates, *times, *days))
    numbers = tuple(_numbers(rest))
    return Reading(
        text=bare,
        numbers=numbers,
        words=tuple(Found(Decimal(NUMBER_WORDS[m[0]]), m.start(), m.end()) for m in _WORD.finditer(rest)),
        dates=dates,
        days=days,
        times=times,
        moments=moments,
        bare_dates=tuple(day for day in dates if day not in joined),
        rest=_blank(rest, numbers),
    )


def _blank(text: str, places: Iterable[Found[Any]]) -> str:
    for place in places:
        text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
    return text


def _dates(text: str) -> Iterator[Found[date]]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["number"]) if parts.get("number") else _month(parts["month"])
            try:
                yield Found(date(int(parts["year"]), month, int(parts["day"])), match.start(), match.end())
            except ValueError:
                continue


def _days(text: str) -> Iterator[Found[tuple[int, int]]]:
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            yield Found((_month(match["month"]), int(match["day"])), match.start(), match.end())


def _month(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if month.casefold().startswith(name[:3]))


def _times(text: str) -> Iterator[Found[Clock]]:
    for pattern in _TIMES:
        for match in pattern.finditer(text):
            try:
                yield Found(_clock(match.groupdict()), match.start(), match.end())
            except ValueError:
                continue


def _clock(parts: dict[str, str | None]) -> Clock:
    hour = int(parts["hour"] or 0)
    if parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if parts["half"] == "p" else 0)
    fraction = int((parts.get("fraction") or "0").ljust(6, "0"))
    clock = time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), fraction)
    return Clock(clock, _zone(parts.get("zone")))


def _zone(written: str | None) -> timezone | None:
    if not written:
        return None
    if written == "z":
        return UTC
    ahead = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-ahead if written[0] == "-" else ahead)


def _join(text: str, dates: Iterable[Found[date]], times: Iterable[Found[Clock]]) -> dict[Found[date], datetime]:
    """Pair dates with times: one that follows goes before one that precedes, and no time is used by two places."""
    joined: dict[Found[date], datetime] = {}
    taken: dict[int, int] = {}
    for follows in (True, False):
        for day in dates:
            for clock in times:
                gap = text[day.end : clock.start] if follows else text[clock.end : day.start]
                ordered = day.end <= clock.start if follows else clock.end <= day.start
                free = taken.get(clock.start, day.start) == day.start
                if day not in joined and ordered and free and _joins(gap):
                    joined[day] = _moment(day.value, clock.value)
                    taken[clock.start] = day.start
    return joined


def _joins(gap: str) -> bool:
    return len(gap) <= _LONGEST_JOINER and bool(_JOINER.fullmatch(gap))


def _moment(day: date, clock: Clock) -> datetime:
    moment = datetime.combine(day, clock.time, clock.zone or UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def _numbers(text: str) -> Iterator[Found[Decimal]]:
    for match in _NUMBER.finditer(text):
        if not match["number"]:
            continue
        value = Decimal(match["number"].replace(",", ""))
        yield Found(-value if match["sign"] else value, match.start(), match.end())
