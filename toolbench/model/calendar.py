"""Days as people call them from where they stand: yesterday, last Tuesday, in two weeks."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from toolbench.model.reading import MONTHS, NUMBER_WORDS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_NAMED = {
    "the day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}
_COUNTS = {**NUMBER_WORDS, "a": 1, "an": 1, "one": 1}
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_COUNTS)})"
_DAY = "|".join(WEEKDAYS)
_PHRASE = re.compile(
    r'"[^"]*"|'
    rf"(?<![\w-])(?:(?P<named>{'|'.join(sorted(_NAMED, key=len, reverse=True))})"
    rf"|(?P<past>{_COUNT}) (?P<past_unit>day|week)s? ago"
    rf"|in (?P<ahead>{_COUNT}) (?P<ahead_unit>day|week)s?"
    rf"|(?P<which>last|this past|this coming|coming|next|this|on) (?P<weekday>{_DAY}))(?![\w-])",
    re.IGNORECASE,
)


def spelled(day: date) -> str:
    """Return a day as people write it in full: `Wednesday, May 20, 2026`."""
    return f"{WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}"


def resolved(text: str, today: date | None) -> str:
    """Return a text in which each day that is called from today's point of view stands as a date (ISO 8601).

    `last Tuesday` is the latest one before today, `this coming Tuesday` the first one after it. Where people may mean
    one of two (`on Tuesday`, `next Tuesday`), both stand there. Quotations stay as they are. Without a today nothing is
    known of such days.
    """
    if today is None:
        return text
    return _PHRASE.sub(lambda match: " ".join(day.isoformat() for day in _days(match, today)) or match[0], text)


def _days(match: re.Match[str], today: date) -> Iterator[date]:
    if match["named"]:
        yield today + timedelta(days=_NAMED[match["named"].lower()])
    elif match["past"]:
        yield today - _span(match["past"], match["past_unit"])
    elif match["ahead"]:
        yield today + _span(match["ahead"], match["ahead_unit"])
    elif match["which"]:
        yield from _weekdays(match["which"].lower(), match["weekday"].capitalize(), today)


def _span(count: str, unit: str) -> timedelta:
    number = int(count) if count.isdecimal() else _COUNTS[count.lower()]
    return timedelta(days=number * (7 if unit.lower() == "week" else 1))


def _weekdays(which: str, weekday: str, today: date) -> Iterator[date]:
    after = (WEEKDAYS.index(weekday) - today.weekday()) % 7
    before = timedelta(days=after - 7)
    coming = timedelta(days=after or 7)
    match which:
        case "last" | "this past":
            yield today + before
        case "this coming" | "coming":
            yield today + coming
        case "next":
            yield today + coming
            yield today + coming + timedelta(days=7)
        case _:
            yield today + before
            yield today + timedelta(days=after)
