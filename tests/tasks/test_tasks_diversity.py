"""The diversity of instructions, against plain counts."""

from hypothesis import given
from hypothesis import strategies as st
from tasks.samples import tasks

from toolbench.model import Task, Turn
from toolbench.tasks import diversity as measured
from toolbench.tasks.diversity import PAIRS, SAMPLE, distinct_n, diversity

WORDS = st.lists(st.lists(st.sampled_from("abcd"), max_size=8), max_size=6)


def task(*texts, place=0):
    turns = tuple(Turn(text=text) for text in texts)
    return Task(id=f"t{place}", kind="lookup", turns=turns, apis=("one",), world_seed=0)


@given(texts=WORDS, n=st.integers(1, 3))
def test_distinct_n_is_distinct_n_grams_per_n_gram(texts, n):
    grams = [" ".join(words[at : at + n]) for words in texts for at in range(len(words)) if at + n <= len(words)]
    assert distinct_n(texts, n) == (len(set(grams)) / len(grams) if grams else 0.0)


def test_the_same_words_are_as_alike_as_can_be():
    found = diversity([task("Please list all the open orders"), task("please list all the open orders!", place=1)])
    assert (found.texts, found.openings, found.commonest, found.commonest_share) == (2, 1, "please list all", 1.0)
    assert found.distinct == (0.5, 0.5, 0.5)
    assert (found.likeness, found.pairs, found.words) == (1.0, 1, (6, 6.0, 6))


def test_other_words_are_not_alike():
    found = diversity([task("Please list all the open orders"), task("Which book is due next, and when?", place=1)])
    assert (found.openings, found.likeness, found.distinct) == (2, 0.0, (1.0, 1.0, 1.0))


def test_another_value_is_no_other_text():
    one, other = (task(f'Find the book "{title}" of {year}, please') for title, year in (("Ivy", 1999), ("Oak", 2004)))
    assert diversity([one, other]).likeness == 1.0


def test_all_turns_are_one_text():
    whole, parts = (
        diversity([task("Find it. Then lend it to me.")]),
        diversity([task("Find it.", "Then lend it to me.")]),
    )
    assert whole == parts


def test_of_nothing_and_of_one():
    assert diversity([]).as_json()["words"] == {"min": 0, "median": 0, "max": 0}
    assert (diversity([]).commonest_share, diversity([]).likeness, diversity([]).pairs) == (0.0, 0.0, 0)
    assert diversity([task("Hello")]).pairs == 0


def test_the_figures_of_a_stream_are_shares_and_do_not_depend_on_its_order():
    made = tasks("library", 40)
    found = diversity(made)
    assert found == diversity(made[::-1])
    assert all(0 < share < 1 for share in (*found.distinct, found.commonest_share))
    assert found.distinct == tuple(sorted(found.distinct))
    assert (found.texts, found.pairs) == (40, 40 * 39 // 2)


def test_a_large_run_is_sampled_by_the_seed(monkeypatch):
    monkeypatch.setattr(measured, "SAMPLE", 20)
    monkeypatch.setattr(measured, "PAIRS", 50)
    made = tasks("library", 40)
    found = diversity(made, 1)
    assert (found.texts, found.pairs) == (20, 50)
    assert found == diversity(made, 1)
    assert found != diversity(made, 2)
    assert SAMPLE * (SAMPLE - 1) // 2 > PAIRS
