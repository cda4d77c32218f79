"""Runs side by side: the paired difference, held against enumeration and resampling."""

import math
import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.pipeline.evaluate import evaluate
from toolbench.report.comparison import Pairing, compare, page
from toolbench.report.markdown import comparison_as_markdown
from toolbench.report.statistics import measure
from toolbench.report.text import comparison_as_text


def pairing(pairs, gained, lost):
    return Pairing(pairs, [None] * gained, [None] * lost)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder, tasks = tmp_path_factory.mktemp("runs"), [make_task(seed) for seed in range(6)]

    def run(name, solved, chosen):
        traces = []
        for place in chosen:
            lost = Tree(tasks[place])
            lost.say(0, "I give up.", kind="give_up")
            traces.append(solve(tasks[place])[0].trace(5) if place in solved else lost.trace(None, "gave_up"))
        made = make_run(folder / name, traces, [tasks[place] for place in chosen])
        evaluate(made, TinyReplayer())
        return measure(made)

    return [run("a", {0, 1}, range(5)), run("b", {1, 2, 3}, range(1, 6)), run("c", {5}, [5])]


def test_only_shared_attempts_count(runs):
    found = compare(runs, ["a", "b", "c"])
    first, second = found.pairings
    assert (first.pairs, len(first.gained), len(first.lost)) == (4, 2, 0)
    assert first.difference == 0.5
    assert second.pairs == 0
    assert (second.difference, second.interval, second.chance) == (0.0, (-1.0, 1.0), 1.0)
    assert found.as_json()["against_first"][0]["pairs"] == 4
    assert found.groups("kind")["change"][1].total == 5
    text = comparison_as_text(found)
    assert "b against a: +50.0 points" in text
    assert "on 4 shared attempts; 2 gained, 0 lost" in text
    assert "| pass rate | 40.0% | 60.0% | 100% |" in comparison_as_markdown(found)
    shown = page(found)
    assert "They share no task" in shown
    assert "+50.0 points" in shown


@given(st.integers(0, 9), st.integers(0, 9))
def test_chance_is_that_of_all_ways_the_pairs_could_part(gained, lost):
    parted = gained + lost
    as_far = sum(abs(2 * sum(way) - parted) >= abs(gained - lost) for way in product((0, 1), repeat=parted))
    assert pairing(30, gained, lost).chance == pytest.approx(as_far / 2**parted)


@pytest.mark.parametrize(("better", "worse"), [(0.1, 0.1), (0.3, 0.1), (0.05, 0.0)])
def test_the_interval_covers_the_difference_about_as_often_as_it_says(better, worse):
    rng, rounds, covered = random.Random(3), 2_000, 0
    for _ in range(rounds):
        drawn = [rng.random() for _ in range(80)]
        low, high = pairing(
            80, sum(one < better for one in drawn), sum(better <= one < better + worse for one in drawn)
        ).interval
        covered += low <= better - worse <= high
    assert covered / rounds >= 0.93


@given(st.integers(1, 300), st.data())
def test_an_interval_holds_its_difference_and_turns_with_the_order(pairs, data):
    gained = data.draw(st.integers(0, pairs))
    lost = data.draw(st.integers(0, pairs - gained))
    one, other = pairing(pairs, gained, lost), pairing(pairs, lost, gained)
    low, high = one.interval
    assert -1 <= low <= one.difference <= high <= 1
    assert other.interval == pytest.approx((-high, -low), abs=1e-6)
    assert math.isclose(one.chance, other.chance)


def test_words_of_a_difference():
    assert pairing(100, 40, 2).verdict == "better"
    assert pairing(100, 2, 40).verdict == "worse"
    assert pairing(100, 5, 4).verdict.startswith("no difference")
