"""Times that suit the fields they are for."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from toolbench.world.nouns import words

_FUTURE = frozenset(("due end ends expires expiry expiration scheduled deadline until checkout out arrival").split())
_PAST = frozenset(("created updated modified placed paid born birth joined started since opened").split())
_BIRTHS = frozenset(("birth", "birthdate", "dob", "birthday"))


def stamp(moment: datetime) -> str:
    """Return a time as APIs write it: `2026-03-04T14:30:00Z`."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def moments(name: str, now: datetime) -> Callable[[random.Random], datetime]:
    """Return a maker of times that suit a field's name: past for `created_at`, ahead for `due_at`, to the minute."""
    low, high = _days(name)
    start, minutes = now.replace(second=0, microsecond=0) + timedelta(days=low), (high - low) * 1440
    return lambda r: start + timedelta(minutes=int(r.random() * minutes))


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


def _days(name: str) -> tuple[int, int]:
    parts = words(name)
    if not _PAST.isdisjoint(parts):
        return -400, -1
    return (10, 60) if not _FUTURE.isdisjoint(parts) else (-60, 30)
