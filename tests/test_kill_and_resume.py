"""Runs killed at a few random moments; `benchmarks/kill_and_resume.py` does it more often, and in more kinds."""

from random import Random

import pytest
from kill_and_resume import MODES, check, stage

KINDS = ("endpoint, mock", "planner, mock, review")


@pytest.mark.slow
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.name in KINDS], ids=lambda mode: mode.name)
def test_a_killed_run_is_taken_up_and_asks_nothing_twice(mode):
    with stage() as here:
        tally = check(here, mode, 2, Random(0))
    assert tally.kills == 2
    assert (tally.model["again"], tally.person["again"]) == (0, 0)
    assert tally.same == tally.runs > 0
