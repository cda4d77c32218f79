"""How many rows are asked of each part."""

from hypothesis import given
from hypothesis import strategies as st

from toolbench.create._spreading import MOST_AT_ONCE, batches, spread, spread_again

COUNTS = st.integers(1, 500)


@given(COUNTS, st.integers(1, 200))
def test_all_rows_are_asked_for_as_evenly_as_can_be(wanted: int, parts: int):
    shares = spread(wanted, parts)
    assert (len(shares), sum(shares)) == (parts, wanted)
    assert max(shares) - min(shares) <= 1


@given(st.integers(1, 20), st.integers(1, 20))
def test_fewer_rows_than_parts_lie_apart(wanted: int, times: int):
    shares = spread(wanted, wanted * times)
    assert all(sum(shares[at : at + times]) == 1 for at in range(0, len(shares), times))


def test_nothing_is_asked_of_nothing():
    assert spread(5, 0) == []


@given(st.data(), COUNTS)
def test_what_is_missing_is_asked_for_and_owed_first(data: st.DataObject, missing: int):
    asked = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=30))
    short = [data.draw(st.integers(0, 5)) if times else 0 for times in asked]
    shares = spread_again(missing, short, asked)
    owed = sum(owes for owes, times in zip(short, asked, strict=True) if times == 1)
    assert sum(shares) == missing
    if owed <= missing:
        assert all(share >= owes for share, owes, times in zip(shares, short, asked, strict=True) if times == 1)


@given(COUNTS)
def test_questions_are_of_a_bearable_size(wanted: int):
    sizes = batches(wanted)
    assert sum(sizes) == wanted
    assert max(sizes) <= MOST_AT_ONCE
    assert len(sizes) == -(-wanted // MOST_AT_ONCE)


def test_no_rows_take_no_question():
    assert batches(0) == []
