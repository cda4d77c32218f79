from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mocked import Naps

from toolbench.llm.retry import Retrier, Retry, TransientError, retry_after

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@given(st.integers(0, 10**9))
def test_seconds_are_read_as_they_are(seconds: int) -> None:
    assert retry_after(str(seconds), NOW) == seconds


@given(st.integers(-(10**6), 10**6))
def test_dates_are_read_against_now(seconds: int) -> None:
    until = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(until, NOW) == max(0, seconds)


@given(st.text() | st.from_regex(r"[-+]?\d*\.?\d*[eE]?\d*", fullmatch=True))
def test_nothing_read_is_negative_or_unreadable(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    "value",
    [None, "", "soon", "-3", "nan", "inf", "1e3", "²", "31 Feb 2026 00:00:00 GMT", f"1 Jan {10**30} 00:00:00 GMT"],
)
def test_nonsense_is_passed_over(value: str | None) -> None:
    assert retry_after(value, NOW) is None


def test_fractions_and_dates_without_a_zone_are_taken() -> None:
    assert retry_after(" 1.5 ", NOW) == 1.5
    assert retry_after("Fri, 02 Jan 2026 03:05:05 -0000", NOW) == 60


async def test_waits_double_up_to_the_cap() -> None:
    naps = Naps()

    async def fail() -> None:
        raise TransientError("no")

    with pytest.raises(TransientError):
        await Retrier(Retry(attempts=6, base=1, cap=4), naps).run(fail)
    for nap, longest in zip(naps, (1, 2, 4, 4, 4), strict=True):
        assert longest / 2 <= nap <= longest


async def test_other_errors_pass_through_at_once() -> None:
    naps = Naps()

    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Retrier(Retry(), naps).run(fail)
    assert naps == []
