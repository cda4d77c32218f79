"""The selection: as many as asked for, of all domains alike, the best and least alike of each."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.curation.lima import Candidate, coverage, format_of, select
from toolbench.model.created import created

RECORDS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["Yes.", "1. x\n2. y", "x = 1 " * 30]), st.floats(0, 1)),
    min_size=1,
    max_size=40,
)


def candidates(rows):
    made = []
    for at, (topic, answer, rating) in enumerate(rows):
        record = {"question": f"word{at} about?", "answer": answer, "topic": topic}
        made.append(Candidate(str(at), created(record), rating))
    return made


@settings(max_examples=50, deadline=None)
@given(RECORDS, st.integers(1, 50))
def test_domains_are_as_even_as_they_can_be(rows, count):
    made = select(candidates(rows), count)
    assert len(made.names) == len(set(made.names)) == min(count, len(rows))
    there = Counter(topic for topic, _, _ in rows)
    chosen = Counter(rows[int(name)][0] for name in made.names)
    assert made.after["domains"] == dict(chosen)
    for topic in there:
        # Whoever has fewer than another has given all, but for the last round.
        assert chosen[topic] == there[topic] or chosen[topic] >= max(chosen.values()) - 1
    assert made.names == select(candidates(rows), count).names
    assert made.before["records"] == len(rows)


def test_the_better_and_the_less_alike_come_first():
    def one(name, question, rating):
        return Candidate(name, created({"question": question, "answer": "Good.", "topic": "t"}), rating)

    rows = [
        one("a", "rivers and stones", 0.9),
        one("b", "rivers and stones again", 0.89),
        one("c", "engines", 0.8),
        one("d", "x", 0),
    ]
    assert select(rows, 1).names == ("a",)
    assert select(rows, 2).names == ("a", "c")


def test_domains_that_nobody_names_are_found_by_words():
    texts = ["green tea leaves", "black tea leaves", "white tea leaves", "chess bishop board", "chess rook board"]
    rows = [
        Candidate(str(at), created({"question": text, "answer": f"So {text}."}), 0.5)
        for at, text in enumerate(texts * 2)
    ]
    made = select(rows, 4)
    assert 1 < len(made.before["domains"]) <= 3
    assert any("tea" in domain for domain in made.before["domains"])
    assert "| Records | 10 | 4 |" in coverage(made)


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("Paris.", "phrase"),
        ("- a\n- b", "list"),
        ("| a | b |\n| --- | --- |", "table"),
        ("Do this:\n```python\nx = 1\n```", "code"),
        ("word " * 40, "paragraph"),
        ("word " * 200, "essay"),
    ],
)
def test_formats_are_told_by_what_the_answer_looks_like(answer, form):
    assert format_of(created({"question": "q", "answer": answer})) == form
