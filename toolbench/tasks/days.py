"""Dates in a user's words, put as people put them who speak today: yesterday, last Tuesday, in a week."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from random import Random

from toolbench.model.calendar import WEEKDAYS
from toolbench.model.reading import MONTHS, NUMBER_WORDS

_QUOTED = r'"[^"]*"'
_DATE = rf"(?P<word>on|to|from|until|by|before|after|since|for) (?P<date>(?:{'|'.join(MONTHS)}) \d{{1,2}}, \d{{4}})"
_DATED = re.compile(rf"{_QUOTED}|(?<!\w){_DATE}(?!\w)")
_NAMED = {
    -2: "the day before yesterday", -1: "yesterday", 0: "today", 1: "tomorrow", 2: "the day after tomorrow",
}  # fmt: skip
_OFTEN = 0.7
"""How often somebody speaks of days from where they stand, rather than by dates."""


def from_today(text: str, today: date, r: Random) -> str:
    """Return a text with the dates around today put from its point of view; quotations stay as they are.

    `toolbench.model.calendar.resolved` reads them back, each as one date.
    """
    if r.random() >= _OFTEN:
        return text
    return _DATED.sub(lambda match: _said(match, today, r), text)


def _said(match: re.Match[str], today: date, r: Random) -> str:
    if not match["date"]:
        return match[0]
    day = datetime.strptime(match["date"], "%B %d, %Y").date()  # noqa: DTZ007 - a day, not a moment
    word = match["word"]
    options = list(_ways(day, (day - today).days, word))
    if not options:
        return match[0]
    said = r.choice(options)
    return said if word == "on" else f"{word} {said}"


def _ways(day: date, distance: int, word: str) -> Iterator[str]:
    if distance in _NAMED:
        yield _NAMED[distance]
    elif -7 <= distance < 0:
        yield f"last {WEEKDAYS[day.weekday()]}"
    elif 0 < distance <= 7:
        yield f"this coming {WEEKDAYS[day.weekday()]}"
    if word == "on":
        yield from _counted(distance)


def _counted(distance: int) -> Iterator[str]:
    weeks = {7: "a week", 14: "two weeks", 21: "three weeks"}.get(abs(distance))
    days = {number: word for word, number in NUMBER_WORDS.items()}.get(abs(distance))
    span = weeks or (f"{days} days" if days and 2 <= abs(distance) <= 10 else "")
    if span:
        yield f"{span} ago" if distance < 0 else f"in {span}"
