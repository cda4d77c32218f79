"""Measures of agreement are those of their definitions."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.judging.measures import auc, kappa, vote_agreement
from toolbench.model import Vote

scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=8)


@given(scores, scores)
def test_auc_is_the_area_under_the_curve(sound, defective):
    """The area is reckoned here by trapezoids under the curve of true against false alarms."""
    points = [
        (sum(s >= bound for s in defective) / len(defective), sum(s >= bound for s in sound) / len(sound))
        for bound in (2.0, *sorted({*sound, *defective}, reverse=True))
    ]
    area = sum((x - a) * (y + b) / 2 for (a, b), (x, y) in pairwise(points))
    assert auc(sound, defective) == pytest.approx(area)


def test_without_one_side_there_is_no_auc():
    assert auc([], [0.5]) is None
    assert auc([0.5], []) is None


def test_kappa_of_a_worked_example():
    # 20 both yes, 5 and 10 apart, 15 both no: 35 of 50 agree, 25 by chance.
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)


@given(st.lists(st.booleans(), min_size=2, max_size=10))
def test_kappa_of_full_agreement(labels):
    found = kappa([(one, one) for one in labels])
    assert found is None if len(set(labels)) == 1 else found == 1


def test_votes_that_agree():
    def vote(label, ruling="Solved/Solvable"):
        return Vote(label=label, ruling=ruling)

    assert vote_agreement([[vote("pass"), vote("pass"), vote("fail")], [vote("pass")]]) == pytest.approx(1 / 3)
    assert vote_agreement([[vote("pass"), vote("unscored", "")]]) is None
