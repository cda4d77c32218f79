"""Days called from today's point of view are read as the dates that people mean."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.model.calendar import WEEKDAYS, resolved, spelled
from toolbench.model.reading import read
from toolbench.model.wording import mentions

WEDNESDAY = date(2026, 5, 20)
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 1))


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("yesterday", [-1]),
        ("Yesterday", [-1]),
        ("today", [0]),
        ("tomorrow", [1]),
        ("the day after tomorrow", [2]),
        ("the day before yesterday", [-2]),
        ("three days ago", [-3]),
        ("10 days ago", [-10]),
        ("a week ago", [-7]),
        ("in two weeks", [14]),
        ("in a day", [1]),
        ("last Tuesday", [-1]),
        ("last Wednesday", [-7]),
        ("this coming Wednesday", [7]),
        ("this coming Thursday", [1]),
        ("next Friday", [2, 9]),
        ("on Monday", [-2, 5]),
        ("this Wednesday", [-7, 0]),
    ],
)
def test_what_people_say_and_mean(said, days):
    text = f"the one {said}, please"
    wanted = [WEDNESDAY + timedelta(days=count) for count in days]
    assert [found.value for found in read(resolved(text, WEDNESDAY)).dates] == wanted
    assert all(mentions(resolved(text, WEDNESDAY), day.isoformat()) for day in wanted)


@pytest.mark.parametrize(
    "text",
    [
        "the yesterdays of life",
        'entered as "Call back tomorrow"',
        "last month",
        "a day off",
        "in two minutes",
        "today-ish",
        "on Mondays",
    ],
)
def test_what_is_no_day_stays(text):
    assert resolved(text, WEDNESDAY) == text


def test_without_a_today_nothing_is_known():
    assert resolved("the one from yesterday", None) == "the one from yesterday"


@given(DAYS, st.sampled_from(WEEKDAYS))
def test_last_and_coming_are_the_nearest_of_their_name(today, weekday):
    (last,) = [found.value for found in read(resolved(f"last {weekday}", today)).dates]
    (coming,) = [found.value for found in read(resolved(f"this coming {weekday}", today)).dates]
    assert last < today < coming
    assert (today - last).days <= 7
    assert (coming - today).days <= 7
    assert {f"{last:%A}", f"{coming:%A}"} == {weekday}


@given(DAYS)
def test_a_day_in_full_is_read_as_itself(day):
    assert [found.value for found in read(spelled(day)).dates] == [day]
    assert spelled(day).startswith(f"{day:%A}, ")


def test_a_time_goes_with_its_day():
    assert mentions(resolved("starting tomorrow at 17:30", WEDNESDAY), "2026-05-21T17:30:00Z")
    assert mentions(resolved("at 9:15 in two weeks", WEDNESDAY), "2026-06-03T09:15:00Z")
