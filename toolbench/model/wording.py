"""How values are spelled in prose: said, and found again. What `say` writes, `mentions` recognises."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from toolbench.model.reading import MONTHS, NUMBER_WORDS, plain, read

Scalar: TypeAlias = str | int | float | bool | None
"""A JSON value without parts."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2})?", re.ASCII)
_SNAKE = re.compile(r"[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+")
_SEAM = re.compile(r"(?<=[^\W_])[\s_-]+(?=[^\W_])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BOOLEANS = {True: ("yes", "true"), False: ("no", "false", "not")}
_NOTHING = ("none", "null", "nothing")


def say(value: Scalar) -> str:
    """Return how a person writes a JSON scalar.

    Numbers are plain, ISO dates and date-times become `March 4, 2026` and `March 4, 2026 at 14:30` (in UTC, seconds
    where they are not zero), booleans `yes` and `no`, names like `in_transit` lose their underscores, any other string
    stays as it is.
    """
    if value is None:
        return _NOTHING[0]
    if isinstance(value, bool):
        return _BOOLEANS[value][0]
    if isinstance(value, int | float):
        return _say_number(value)
    if moment := as_moment(value):
        return f"{_say_date(moment.date())} at {_say_time(moment)}"
    if day := as_date(value):
        return _say_date(day)
    return value.replace("_", " ").lower() if _SNAKE.fullmatch(value) else value


def spellings(value: Scalar) -> tuple[str, ...]:
    """Return usual spellings of a JSON scalar, each once, `say(value)` first. `mentions` recognises each of them."""
    return tuple(dict.fromkeys((say(value), *_others(value))))


def mentions(text: str, value: Scalar) -> bool:
    """Return whether a text holds a JSON scalar in any usual spelling.

    Numbers must be there whole (`1,234.50` is 1234.5, not 234), and a date in full; the parts of dates, times and ids
    are no numbers. Strings are compared without regard to case, with spaces, underscores and hyphens alike, at the
    edges of words. Booleans count only where an explicit word says them. The empty string is in every text.
    """
    if value is None or isinstance(value, bool):
        words = _NOTHING if value is None else _BOOLEANS[value]
        short = value is False and "n't" in plain(text)
        return short or any(mentions(text, word) for word in words)
    if isinstance(value, int | float):
        reading = read(text)
        return _decimal(value) in {found.value for found in (*reading.numbers, *reading.words)}
    return bool(_pattern(value).search(plain(text))) or _mentions_time(text, value)


def as_date(value: str) -> date | None:
    """Return the date that an ISO 8601 text (`2026-03-04`) stands for, or None."""
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def as_moment(value: str) -> datetime | None:
    """Return the moment, in UTC, that an RFC 3339 text stands for, or None. Without an offset it is in UTC."""
    if not _MOMENT.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _say_number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    written = f"{_decimal(value):f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _say_date(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year:04}"


def _say_time(moment: datetime) -> str:
    if moment.microsecond:
        return f"{moment:%H:%M:%S.%f}".rstrip("0")
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _others(value: Scalar) -> Iterator[str]:
    if value is None or isinstance(value, bool):
        yield from _NOTHING if value is None else _BOOLEANS[value]
    elif isinstance(value, int | float):
        yield from _other_numbers(value)
    else:
        yield value
        if moment := as_moment(value):
            yield from (f"{day} {_say_time(moment)}" for day in _other_dates(moment.date()))
        elif day := as_date(value):
            yield from _other_dates(day)
        else:
            yield from (mark.join(_SEAM.split(value)) for mark in (" ", "-", "_"))


def _other_numbers(value: float) -> Iterator[str]:
    number = _decimal(value)
    if not number.is_finite():
        return
    written = _say_number(value)
    whole, _, fraction = written.partition(".")
    grouped = f"{int(whole):,}" if int(whole) else whole
    yield f"{grouped}.{fraction}" if fraction else grouped
    if len(fraction) < 3:
        yield f"{whole}.{fraction.ljust(2, '0')}"
        yield f"{grouped}.{fraction.ljust(2, '0')}"
    yield from (word for word, meaning in NUMBER_WORDS.items() if meaning == number)


def _other_dates(day: date) -> Iterator[str]:
    month = MONTHS[day.month - 1]
    year = f"{day.year:04}"
    yield day.isoformat()
    yield f"{month[:3]} {day.day}, {year}"
    yield f"{day.day} {month} {year}"
    yield f"{day.day} {month[:3]} {year}"
    yield f"{day.month:02}/{day.day:02}/{year}"
    yield f"{day.day:02}.{day.month:02}.{year}"


def _mentions_time(text: str, value: str) -> bool:
    if moment := as_moment(value):
        return _mentions_moment(text, value, moment)
    if day := as_date(value):
        return any(found.value == day for found in read(text).dates)
    if _TIME.fullmatch(value):
        wanted = [found.value for found in read(value).times]
        return any(found.value in wanted for found in read(text).times)
    return False


def _mentions_moment(text: str, value: str, moment: datetime) -> bool:
    # People repeat the wall clock they read, so a moment with an offset may be said without it.
    local = datetime.fromisoformat(value).replace(tzinfo=UTC)
    reading = read(text)
    if any(found.value in (moment, local) for found in reading.moments):
        return True
    return moment.time() == time() and any(found.value == moment.date() for found in reading.bare_dates)


@lru_cache(maxsize=4096)
def _pattern(value: str) -> re.Pattern[str]:
    """Return what finds a string in a plain text: its seams may be spaces, underscores or hyphens."""
    pieces = _SEAM.split(" ".join(unicodedata.normalize("NFC", value).split()))
    spelled = [r"[\s_-]*".join(re.escape(plain(part)) for part in _HUMP.split(piece)) for piece in pieces]
    body = r"[\s_-]+".join(spelled)
    bare = plain(value)
    return re.compile(f"{_edge_before(bare[:1])}{body}{_edge_after(bare[-1:])}")


def _edge_before(first: str) -> str:
    if first.isdecimal():
        return r"(?<![\w-])(?<!\d[.,:/])"
    return r"(?<!\w)" if _is_word(first) else ""


def _edge_after(last: str) -> str:
    if last.isdecimal():
        return r"(?!\w|[.,:/-]\d)"
    return r"(?!\w)" if _is_word(last) else ""


def _is_word(character: str) -> bool:
    return bool(re.match(r"\w", character))
