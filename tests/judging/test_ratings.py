"""Ratings are those an independent computation finds."""

import itertools
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.judging.ratings import PRIOR, SCALE, Game, ratings, strengths

NAMES = ["a", "b", "c"]
games = st.lists(
    st.builds(
        lambda task, pair, share: Game(f"t{task}", pair[0], pair[1], share),
        st.integers(0, 9),
        st.permutations(NAMES),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
    max_size=30,
)


def likelihood(worth, played):
    """Return the logarithm of the penalised likelihood, straight from its definition."""
    total = 0.0
    for game in played:
        p = 1 / (1 + math.exp(worth[game.other] - worth[game.one]))
        total += game.share * math.log(p) + (1 - game.share) * math.log(1 - p)
    for one, other in itertools.combinations(NAMES, 2):
        p = 1 / (1 + math.exp(worth[other] - worth[one]))
        total += PRIOR / 2 * (math.log(p) + math.log(1 - p))
    return total


def climbed(played):
    """Return where a plain search by coordinates, with ever smaller steps, ends up."""
    at, step = dict.fromkeys(NAMES, 0.0), 1.0
    while step > 1e-7:
        moves = [{**at, name: at[name] + sign * step} for name in NAMES for sign in (-1, 1)]
        best = max(moves, key=lambda worth: likelihood(worth, played))
        if likelihood(best, played) > likelihood(at, played):
            at = best
        else:
            step /= 2
    return {name: at[name] - sum(at.values()) / 3 for name in NAMES}


@settings(deadline=None, max_examples=40)
@given(games)
def test_they_maximise_the_likelihood(played):
    found, reference = strengths(played, NAMES), climbed(played)
    assert all(abs(found[name] - reference[name]) < 1e-3 for name in NAMES)


def test_known_strengths_are_found_within_their_intervals():
    worth, r = {"a": 1.0, "b": 0.0, "c": -1.0}, random.Random(1)
    played = []
    for task in range(400):
        for one, other in (("a", "b"), ("b", "c"), ("a", "c")):
            wins = r.random() < 1 / (1 + math.exp(worth[other] - worth[one]))
            played.append(Game(f"t{task}", one, other, float(wins)))
    found = ratings(played, NAMES, seed=0)
    assert [one.name for one in found] == ["a", "b", "c"]
    assert all(one.low < SCALE * worth[one.name] < one.high for one in found)
    assert all(one.low < one.elo < one.high for one in found)
    assert found == ratings(played, NAMES, seed=0)


def test_who_wins_all_has_a_finite_rating():
    best, worst = ratings([Game("t", "a", "b", 1.0)] * 5, ["a", "b"], seed=0)
    assert (best.name, worst.name) == ("a", "b")
    assert math.isfinite(best.elo)
    assert math.isclose(best.elo, -worst.elo)


def test_without_games_nothing_is_known():
    (one,) = ratings([], ["a"], seed=0)
    assert (one.elo, one.low, one.high) == (0.0, -math.inf, math.inf)
