"""The published table, entry by entry."""

import pytest

from toolbench.judging.rules import PASSES, SHARE, read, written


@pytest.mark.parametrize(
    ("status", "task", "outcome"),
    [
        ("Solved", "Solvable", "pass"),
        ("Solved", "Unsure", "pass"),
        ("Solved", "Unsolvable", "pass"),
        ("Unsolved", "Solvable", "fail"),
        ("Unsolved", "Unsure", "unsure"),
        ("Unsolved", "Unsolvable", "pass"),
        ("Unsure", "Solvable", "unsure"),
        ("Unsure", "Unsure", "unsure"),
        ("Unsure", "Unsolvable", "pass"),
    ],
)
def test_each_combination(status, task, outcome):
    assert PASSES[status, task] == outcome
    assert read(written((status, task))) == (status, task)


def test_there_are_no_others():
    assert len(PASSES) == 9
    assert SHARE == {"pass": 1.0, "unsure": 0.5, "fail": 0.0}


@pytest.mark.parametrize("ruling", ["", "Solved", "solved/Solvable", "Solved/Solvable/"])
def test_what_is_no_ruling(ruling):
    assert read(ruling) is None
