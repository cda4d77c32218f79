"""Times that people would choose: in working hours, and ends after beginnings."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from toolbench.model import Json
from toolbench.model.wording import as_date, as_moment
from toolbench.world.moments import is_past, stamp
from toolbench.world.nouns import words

_STARTS = frozenset("start starts begin from first in".split())
_ENDS = frozenset("end ends until to out expires".split())
_MINUTES = (30, 45, 60, 90, 120)
_MOST_DAYS = 14
_RECENT = timedelta(days=90)


class Schedule:
    """The times of one thing.

    Args:
        entity: the thing as it is now; new times must fit those that stay.
        now: when the user speaks: what is planned lies ahead.
        r: source of randomness.
    """

    def __init__(self, entity: Mapping[str, Json], now: datetime, r: random.Random) -> None:
        self._now, self._r = now, r
        self._start: datetime | None = None
        self._end: datetime | None = None
        for name, value in entity.items():
            if isinstance(value, str) and (moment := _moment(value)):
                self._note(name, moment)

    def fit(self, name: str, value: str) -> str:
        """Return a time like the one given for a field, made to fit; anything but a time stays as it is."""
        moment, timed, parts = _moment(value), as_date(value) is None, set(words(name))
        if moment is None:
            return value
        minutes, days = self._r.choice(_MINUTES), self._r.randint(1, _MOST_DAYS)
        span = timedelta(minutes=minutes) if timed else timedelta(days=days)
        if self._start and _ENDS & parts:
            moment = self._start + span
        elif self._end and _STARTS & parts:
            moment = self._end - span
        else:
            missed = self._now - moment
            if timedelta() <= missed < _RECENT and not is_past(name):
                moment = self._now + missed + timedelta(days=1)
            moment = moment.replace(hour=self._r.randrange(8, 18), minute=self._r.choice((0, 15, 30, 45)), second=0)
        self._note(name, moment)
        return stamp(moment) if timed else moment.date().isoformat()

    def _note(self, name: str, moment: datetime) -> None:
        if _STARTS & set(words(name)):
            self._start = moment
        elif _ENDS & set(words(name)):
            self._end = moment


def _moment(value: str) -> datetime | None:
    """Return the moment of a date, at midnight, or of a date-time; None for anything else."""
    day = as_date(value)
    return as_moment(value) if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
