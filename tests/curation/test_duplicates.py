"""Repetitions are found, as brute force finds them, and nothing else is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import make_task

from toolbench.curation.duplicates import Duplicates
from toolbench.model import Turn
from toolbench.tasks.similarity import jaccard, masked, shingles

WORDS = "please look up the order of this customer and tell me what it costs in total when it comes".split()


def saying(text, seed=0, gold=None):
    task = make_task(seed)
    update = {"turns": (Turn(text=text),), **({} if gold is None else {"gold": gold})}
    return task.model_copy(update=update)


def test_the_same_task_again_is_a_duplicate():
    duplicates = Duplicates(0.8)
    assert duplicates.add("r1", make_task(1)) is None
    found = duplicates.add("r2", make_task(1))
    assert (found.kind, found.of, found.similarity) == ("duplicate", "r1", 1.0)


def test_other_values_make_a_near_duplicate():
    duplicates = Duplicates(0.8)
    first, second = make_task(1), make_task(2)
    assert shingles(first) == shingles(second)
    assert duplicates.add("r1", first) is None
    assert duplicates.add("r2", second).kind == "near_duplicate"


def test_other_tools_make_another_task():
    duplicates = Duplicates(0.8)
    task = make_task(1)
    assert duplicates.add("r1", task) is None
    assert duplicates.add("r2", saying(task.turns[0].text, gold=task.gold[:2])) is None


def test_values_are_masked():
    task = make_task(1)
    key = task.gold[0].call.arguments["key"]
    text = masked(f'Set {key}\'s price to $1,250.00 from March 4, 2026 at 14:30 for "Ada Lovelace" of ORD.', task)
    assert text.split() == ["set", "¤", "'s", "price", "to", "$", "¤", "from", "¤", "at", "¤", "for", "¤", "of", "ord."]


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)


@given(st.lists(texts, min_size=2, max_size=12), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_the_index_finds_what_brute_force_finds(said, similarity):
    duplicates = Duplicates(similarity)
    kept, seen = [], set()
    for place, text in enumerate(said):
        task = saying(text)
        found = shingles(task)
        expected = text in seen or any(jaccard(found, other) >= similarity for other in kept)
        assert (duplicates.add(str(place), task) is not None) == expected
        if not expected:
            kept.append(found)
            seen.add(text)


def test_the_decision_does_not_depend_on_unrelated_tasks():
    rng = random.Random(0)
    said = [" ".join(rng.choices(WORDS, k=12)) for _ in range(300)]
    duplicates = Duplicates(0.8)
    kept = [text for place, text in enumerate(said) if duplicates.add(str(place), saying(text)) is None]
    again = Duplicates(0.8)
    assert all(again.add(str(place), saying(text)) is None for place, text in enumerate(reversed(kept)))


@pytest.mark.parametrize("text", ["", "!", "one two"])
def test_short_texts_have_a_shingle(text):
    assert len(shingles(saying(text))) == 1


def test_without_a_solution_other_tools_offered_make_another_task():
    duplicates = Duplicates(0.8)

    def offering(*tools):
        turn = Turn(text="Which of them is the largest of all?", tools=tools)
        return make_task(1).model_copy(update={"turns": (turn,), "gold": (), "solution": "unknown"})

    assert duplicates.add("r1", offering("a", "b")) is None
    assert duplicates.add("r2", offering("a", "c")) is None
    assert duplicates.add("r3", offering("a", "b")).kind == "duplicate"
