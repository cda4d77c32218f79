"""The mix of conditions: exact, and in an order by seed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import ConfigError
from toolbench.gorilla.mix import counts, parsed, schedule
from toolbench.gorilla.rows import CONDITIONS

MIXES = st.dictionaries(st.sampled_from(CONDITIONS), st.integers(0, 20) | st.floats(0.01, 5), min_size=1).filter(
    lambda mix: sum(mix.values()) > 0
)


@given(MIXES, st.integers(1, 500))
def test_counts_are_the_shares_rounded_by_the_largest_remainder(mix, total: int) -> None:
    found = counts(mix, total)
    assert sum(found.values()) == total
    whole = sum(Fraction(repr(share)) for share in mix.values())
    exact = {name: Fraction(repr(share)) * total / whole for name, share in mix.items()}
    up = [exact[name] - int(exact[name]) for name in mix if found[name] == int(exact[name]) + 1]
    down = [exact[name] - int(exact[name]) for name in mix if found[name] == int(exact[name])]
    assert len(up) + len(down) == len(mix)
    assert not up or not down or min(up) >= max(down)


@given(MIXES, st.integers(1, 60), st.integers(0, 5))
def test_the_order_is_the_seeds(mix, total: int, seed: int) -> None:
    order = schedule(mix, total, seed)
    assert order == schedule(mix, total, seed)
    assert {name: order.count(name) for name in mix} == counts(mix, total)


def test_a_mix_as_written() -> None:
    assert parsed("oracle=2, topk=0.5,none") == {"oracle": 2, "topk": 0.5, "none": 1}


@pytest.mark.parametrize("text", ["", "oracel=1", "oracle=much", "oracle=2,,x"])
def test_what_is_no_mix_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parsed(text)


@pytest.mark.parametrize(
    "mix", [{"oracle": 0}, {"oracle": -1, "topk": 3}, {"oracle": float("nan")}, {"topk": float("inf")}]
)
def test_shares_that_mean_nothing_are_refused(mix) -> None:
    with pytest.raises(ConfigError):
        counts(mix, 10)
