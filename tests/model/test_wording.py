"""Values said in prose are found again, and only they."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolbench.model.reading import read
from toolbench.model.wording import mentions, say, spellings

days = st.dates().map(date.isoformat)
moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat().replace("+00:00", "Z"))
numbers = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
names = st.from_regex(r"[a-z]{1,8}(_[a-z]{1,8}){1,3}", fullmatch=True)
ids = st.from_regex(r"[A-Z]{2,3}-[0-9]{1,6}", fullmatch=True)
words = st.text(max_size=30)
scalars = st.none() | st.booleans() | numbers | days | moments | names | ids | words


@given(scalars)
def test_what_is_said_is_mentioned(value):
    assert mentions(f"... {say(value)} ...", value)


@given(scalars)
def test_every_spelling_is_mentioned(value):
    assert spellings(value)[0] == say(value)
    for spelling in spellings(value):
        assert mentions(f"It is {spelling}, I think.", value), spelling


@given(numbers, numbers)
def test_another_number_is_not_mentioned(said, asked):
    assume(Decimal(repr(said)) != Decimal(repr(asked)))
    assert not mentions(f"... {say(said)} ...", asked)


@given(days, days)
def test_another_date_is_not_mentioned(said, asked):
    assume(said != asked)
    assert not mentions(f"... {say(said)} ...", asked)


@given(moments, moments)
def test_another_moment_is_not_mentioned(said, asked):
    assume(said != asked)
    assert not mentions(f"... {say(said)} ...", asked)


@given(days, st.integers(-100, 10_000))
def test_the_parts_of_a_date_are_no_numbers(day, number):
    assert not mentions(f"on {say(day)} or {day}", number)


@given(ids, ids)
def test_another_id_is_not_mentioned(said, asked):
    assume(said != asked)
    assert not mentions(f"order {said}.", asked)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        (12.0, "12"),
        (12.5, "12.5"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (True, "yes"),
        (False, "no"),
        (None, "none"),
        ("2026-03-04", "March 4, 2026"),
        ("2026-02-30", "2026-02-30"),
        ("2026-03-04T14:30:00Z", "March 4, 2026 at 14:30"),
        ("2026-03-04T14:30:05Z", "March 4, 2026 at 14:30:05"),
        ("2026-03-04T14:30:05.250Z", "March 4, 2026 at 14:30:05.25"),
        ("2026-03-04T00:30:00+02:00", "March 3, 2026 at 22:30"),
        ("in_transit", "in transit"),
        ("IN_TRANSIT", "in transit"),
        ("ord_8f3a", "ord_8f3a"),
        ("Ada Lovelace", "Ada Lovelace"),
    ],
)
def test_say(value, expected):
    assert say(value) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The total is $1,234.50.", 1234.5),
        ("The total is 1234.50 EUR", 1234.5),
        ("a balance of -$5.00", -5),
        ("a balance of \N{MINUS SIGN}5", -5),
        ("rated 4/5", 4),
        ("50% off", 50),
        ("250ml each", 250),
        ("There are three books", 3),
        ("on 4 March 2026", "2026-03-04"),
        ("on the 4th of March 2026", "2026-03-04"),
        ("on Mar. 4th, 2026", "2026-03-04"),
        ("on 2026/03/04", "2026-03-04"),
        ("on 03/04/2026", "2026-03-04"),
        ("on 4.3.2026", "2026-03-04"),
        ("at 2026-03-04T14:30:00Z", "2026-03-04"),
        ("on Wednesday, March 4, 2026 at 2:30 PM (UTC)", "2026-03-04T14:30:00Z"),
        ("at 14:30 on March 4, 2026", "2026-03-04T14:30:00Z"),
        ("at 2026-03-04T16:30:00+02:00", "2026-03-04T14:30:00Z"),
        ("at 2026-03-04 14:30", "2026-03-04T14:30:00Z"),
        ("by March 4, 2026", "2026-03-04T00:00:00Z"),
        ("due at 2 pm", "14:00"),
        ("It is In-Transit.", "in_transit"),
        ("It is in progress.", "inProgress"),
        ("Order ORD-1001.", "ord-1001"),
        ("by “ada lovelace”", "Ada Lovelace"),
        ("Yes, it is.", True),
        ("It isn't.", False),
        ("anything", ""),
    ],
)
def test_mentioned(text, value):
    assert mentions(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The total is 1,234.50.", 234.5),
        ("The total is 1,234.50.", 1234),
        ("The total is 1,234.50.", 1),
        ("version 1.2.3", 1.2),
        ("order ORD-1001", 1001),
        ("call 555-1234", 1234),
        ("a balance of -5", 5),
        ("a balance of 5", -5),
        ("at 14:30", 14),
        ("at 14:30", 30),
        ("one of them", 1),
        ("mail 5@example.org", 5),
        ("on March 4", "2026-03-04"),
        ("at March 4, 2026 at 14:30", "2026-03-04T14:30:10Z"),
        ("at March 4, 2026 at 14:30", "2026-03-04T00:00:00Z"),
        ("at March 4, 2026", "2026-03-04T14:30:00Z"),
        ("from 9:00 to 14:30, and March 4, 2026", "2026-03-04T09:00:00Z"),
        ("the transit", "in_transit"),
        ("reopened", "open"),
        ("order ORD-10012", "ORD-1001"),
        ("code 10,000", "10"),
        ("It is available.", True),
        ("It is available.", False),
        ("nobody", None),
    ],
)
def test_not_mentioned(text, value):
    assert not mentions(text, value)


def test_each_date_takes_the_time_that_belongs_to_it():
    reading = read("From March 4, 2026 at 14:30, then March 5, 2026 at 15:30; due March 6, 2026.")
    assert [found.value for found in reading.moments] == [
        datetime(2026, 3, 4, 14, 30, tzinfo=UTC),
        datetime(2026, 3, 5, 15, 30, tzinfo=UTC),
    ]
    assert [found.value for found in reading.bare_dates] == [date(2026, 3, 6)]
