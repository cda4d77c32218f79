"""Dates put as people put them mean the same day, and only those around today are put so."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from toolbench.model.calendar import resolved
from toolbench.model.reading import read
from toolbench.model.wording import say
from toolbench.tasks.days import from_today

TODAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
WORDS = st.sampled_from("on to from until by before after since for".split())


def dates(text):
    return [found.value for found in read(text).dates]


@given(TODAYS, st.integers(-400, 400), WORDS, st.integers(0, 99), st.sampled_from(["", " at 17:30"]))
def test_the_day_that_is_meant_stays(today, distance, word, seed, time):
    day = today + timedelta(days=distance)
    text = f"the order placed {word} {say(day.isoformat())}{time} is late"
    said = from_today(text, today, random.Random(seed))
    assert dates(resolved(said, today)) == [day]
    assert [found.value for found in read(resolved(said, today)).moments] == [
        found.value for found in read(text).moments
    ]
    if abs(distance) > 21:
        assert said == text


@given(TODAYS, st.integers(0, 99))
def test_quotations_and_bare_dates_stay(today, seed):
    written = say((today + timedelta(days=1)).isoformat())
    text = f'Set the title to "Lunch on {written}" and note the date {written}.'
    assert from_today(text, today, random.Random(seed)) == text


def test_near_days_are_mostly_put_so():
    today = date(2026, 5, 20)
    text = f"The order placed on {say('2026-05-19')}."
    said = [from_today(text, today, random.Random(seed)) for seed in range(200)]
    assert 110 < sum("placed yesterday" in one for one in said) < 170
