"""The mix: every prefix of the order is close to the shares, and what cannot be made is filled and said, or refused."""

from collections import Counter
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tasks.samples import landscape
from tasks.test_tasks_stream import LIST, api_of, operation

from toolbench.errors import ConfigError, WorkError
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.mix import Mix, missing
from toolbench.tasks.sampling import TaskSampler, check_mix

mixes = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 40), min_size=1)


@settings(max_examples=40)
@given(mixes, st.integers(1, 60))
def test_every_prefix_is_within_one_of_the_shares(shares, count):
    order = list(Mix(shares).kinds(count))
    total = sum(shares.values())
    for place in range(1, count + 1):
        made = Counter(order[:place])
        assert all(abs(made[kind] - Fraction(share * place, total)) < 1 for kind, share in shares.items())


@settings(max_examples=20)
@given(mixes, st.integers(1, 3))
def test_whole_shares_are_met_exactly(shares, times):
    assert Counter(Mix(shares).kinds(sum(shares.values()) * times)) == {k: n * times for k, n in shares.items()}


@given(mixes)
@settings(max_examples=20)
def test_the_order_of_the_shares_does_not_matter(shares):
    assert list(Mix(shares).kinds(30)) == list(Mix(dict(reversed(shares.items()))).kinds(30))


def test_what_is_missing_is_counted():
    assert missing({"a": 1, "b": 1}, ["a", "a", "a", "b"]) == {"b": (1, 2)}
    assert missing({"a": 1}, ["a"]) == {}


@pytest.mark.parametrize("mix", [{"lookup": -1.0}, {"lookup": 0.0}, {}, {"lookup": float("nan")}, {"nonsense": 1.0}])
def test_a_mix_that_makes_no_sense_is_refused(mix):
    with pytest.raises(ConfigError, match="mix"):
        check_mix(mix)


@pytest.fixture
def only_a_list(tmp_path):
    return api_of(tmp_path, {"/things": {"get": operation("listThings", LIST)}})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("lookup", "faulty")])
def test_a_kind_that_a_world_cannot_give_is_refused(only_a_list, kind):
    with pytest.raises(WorkError, match="no further task can be made of small"):
        next(TaskSampler(only_a_list, 0, ("small",), mix={kind: 1}).stream())


def test_a_kind_that_a_world_cannot_give_is_filled_from_the_others(only_a_list):
    made = list(islice(TaskSampler(only_a_list, 0, ("small",), mix={"confirm": 1, "lookup": 1}).stream(), 6))
    assert [one.wanted for one in made] == list(Mix({"confirm": 1, "lookup": 1}).kinds(6))
    assert {one.task.kind for one in made} == {"lookup"}


def test_a_longer_mixed_stream_begins_with_the_shorter():
    mix = {"confirm": 0.3, "lookup": 0.5, "ambiguous": 0.2}
    streams = [TaskSampler(landscape("library"), 3, ("library",), mix=mix).stream() for _ in range(2)]
    assert list(islice(streams[0], 5)) == list(islice(streams[1], 10))[:5]
