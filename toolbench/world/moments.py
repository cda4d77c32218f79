"""Times that suit the fields they are for."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from toolbench.world.nouns import words

_FUTURE = frozenset(("due end ends expires expiry expiration scheduled deadline until checkout out arrival").split())
_PAST = frozenset("begun birth born bought held last lost paid read sent since sold spent taken won written".split())
_NOT_DONE = frozenset("estimated expected needed planned promised required scheduled".split())
"""Participles of what is still to come."""
_BIRTHS = frozenset(("birth", "birthdate", "dob", "birthday"))


def stamp(moment: datetime) -> str:
    """Return a time as APIs write it: `2026-03-04T14:30:00Z`."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def moments(name: str, now: datetime) -> Callable[[random.Random], datetime]:
    """Return a maker of times that suit a field's name: past for `created_at`, ahead for `due_at`, to the minute.

    Most of what happens is recent, and most of what is planned is near.
    """
    (near, far), minute = _days(name), now.replace(second=0, microsecond=0)
    return lambda r: minute + timedelta(minutes=int((near + r.random() ** 2 * (far - near)) * 1440))


def stamps(name: str, now: datetime) -> Callable[[random.Random], str]:
    """Return a maker of written times that suit a field's name."""
    make = moments(name, now)
    return lambda r: stamp(make(r))


def dates(name: str, now: datetime) -> Callable[[random.Random], str]:
    """Return a maker of written dates that suit a field's name."""
    if _BIRTHS.intersection(words(name)):
        return lambda r: f"{r.randrange(1940, 2008)}-{r.randrange(1, 13):02d}-{r.randrange(1, 29):02d}"
    make = moments(name, now)
    return lambda r: make(r).date().isoformat()


def is_past(name: str) -> bool:
    """Tell whether a field holds the time of something that has happened, by its name."""
    parts = words(name)
    done = any(word.endswith("ed") for word in parts) and _NOT_DONE.isdisjoint(parts)
    return done or not (_PAST | _BIRTHS).isdisjoint(parts)


def _days(name: str) -> tuple[int, int]:
    """Return the nearest and the farthest day that suits a field, counted from today."""
    if is_past(name):
        return -1, -400
    return (1, 60) if not _FUTURE.isdisjoint(words(name)) else (-20, 40)
