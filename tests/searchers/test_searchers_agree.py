"""Every searcher against an independent reference, on random trees."""

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_searchers import REFERENCES, Case, random_case, referred, searched

from toolbench import plugins

WEIGHTS = st.tuples(*(st.integers(least, most) for least, most in ((1, 9), (0, 4), (0, 4), (0, 2), (0, 2))))
BOUNDS: dict[str, st.SearchStrategy[Any]] = {
    "width": st.integers(1, 4),
    "max_depth": st.integers(1, 7),
    "max_queries": st.none() | st.integers(1, 120),
    "max_calls": st.none() | st.integers(1, 150),
    "max_tokens": st.none() | st.integers(1, 4000),
    "max_cost": st.none() | st.integers(1, 320).map(lambda eighths: eighths / 8),
    "solutions": st.none() | st.integers(0, 4),
    "retries": st.integers(0, 3),
    "compat": st.sampled_from([None, "toolbench"]),
    "step_cost": st.sampled_from([0.0, 0.0625, 0.25]),
    "exploration": st.sampled_from([0.0, 0.5, 1.0, 2.0]),
}


@st.composite
def cases(draw, name: str) -> Case:
    known = inspect.signature(plugins.load("searchers", name)).parameters
    chosen = {bound: draw(BOUNDS[bound]) for bound in known}
    bounds = {bound: most for bound, most in chosen.items() if most is not None or bound == "solutions"}
    return Case(name, draw(st.integers(0, 2**32)), draw(WEIGHTS), {"max_queries": 200, **bounds})


@pytest.mark.parametrize("name", sorted(REFERENCES))
@settings(max_examples=100)
@given(data=st.data())
def test_same_as_the_reference(name, data):
    case = data.draw(cases(name))
    assert searched(case) == referred(case)


@pytest.mark.parametrize("name", sorted(REFERENCES))
def test_all_ends_come_up(name):
    """The random trees of the benchmark are not all of one sort."""
    ends = {searched(random_case(name, seed)).reason for seed in range(80)}
    assert ends == {"solved", "budget", "exhausted"}


def test_there_is_a_reference_for_each():
    assert set(plugins.names("searchers")) == set(REFERENCES)
