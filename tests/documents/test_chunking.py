"""Chunks: whole, in order, bounded, cut where the structure is, with what their neighbours share."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.documents.chunking import chunks, sentences
from toolbench.errors import ConfigError
from toolbench.model import Block, Document

WORDS = st.text(st.sampled_from("abcdé漢字。.!? \n\t"), max_size=60)
BLOCKS = st.builds(
    lambda kind, text, level, page: Block(kind=kind, text=text, level=level if kind == "heading" else 0, page=page),
    st.sampled_from(["heading", "paragraph", "list", "table", "code"]),
    WORDS,
    st.integers(1, 8),
    st.none() | st.integers(1, 9),
)


def document(*blocks: Block) -> Document:
    return Document(id="d", source="s", name="n", blocks=blocks)


def prose(text: str) -> Document:
    return document(Block(text=text))


@settings(max_examples=200)
@given(st.lists(BLOCKS, max_size=8), st.integers(1, 80), st.data())
def test_chunks_hold_all_of_the_text_within_their_bounds(blocks, size, data):
    whole = document(*blocks)
    overlap = data.draw(st.integers(0, size - 1))
    made = chunks(whole, size=size, overlap=overlap)
    covered = set()
    for ordinal, chunk in enumerate(made):
        assert (chunk.document, chunk.ordinal) == ("d", ordinal)
        assert whole.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip()
        assert 0 < len(chunk.text) <= size
        covered |= set(range(chunk.start, chunk.end))
    assert all(place in covered for place, letter in enumerate(whole.text) if not letter.isspace())
    for one, other in pairwise(made):
        assert one.start < other.start
        assert one.end < other.end
        assert one.end - other.start <= overlap


@settings(max_examples=50)
@given(st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=60), st.integers(20, 40))
def test_words_stay_whole_and_neighbours_share_whole_words(words, size):
    text = " ".join(words)
    made = chunks(prose(text), size=size, overlap=size - 1)
    for chunk in made:
        assert chunk.start == 0 or text[chunk.start - 1] == " "
        assert chunk.end == len(text) or text[chunk.end] == " "
    for one, other in pairwise(made):
        assert other.start < one.end  # two words of at most 9 characters always fit, so there is one to share
        assert one.text.endswith(other.text[: one.end - other.start])


def test_an_overlap_begins_with_a_sentence_where_one_fits():
    text = "The first one is here. The second is short. The third follows it. The fourth is the last."
    one, other, *_ = chunks(prose(text), size=50, overlap=30)
    assert one.text == "The first one is here. The second is short."
    assert other.text.startswith("The second is short. The third")


def test_cuts_are_at_headings_before_paragraphs_before_sentences():
    whole = document(
        Block(text="Start", kind="heading", level=1),
        Block(text="One two. Three four. Five six."),
        Block(text="Deeper", kind="heading", level=2),
        Block(text="Seven eight nine ten."),
    )
    texts = [chunk.text for chunk in chunks(whole, size=60, overlap=0)]
    assert texts == ["Start\n\nOne two. Three four. Five six.", "Deeper\n\nSeven eight nine ten."]


def test_headings_are_those_over_what_is_new_and_the_page_the_one_it_begins_on():
    whole = document(
        Block(text="A", kind="heading", level=1, page=1),
        Block(text="alpha beta gamma", page=1),
        Block(text="B", kind="heading", level=2, page=2),
        Block(text="delta epsilon zeta", page=2),
        Block(text="C", kind="heading", level=1, page=3),
        Block(text="eta theta iota kappa", page=3),
    )
    made = chunks(whole, size=30, overlap=6)
    assert [(chunk.headings, chunk.page) for chunk in made] == [(("A",), 1), (("A", "B"), 1), (("C",), 2)]
    assert made[1].text.startswith("gamma\n\nB")


def test_a_heading_is_not_left_alone_at_the_end():
    whole = document(
        Block(text="one two three four"), Block(text="Five", kind="heading", level=1), Block(text="6 " * 20)
    )
    assert not any(chunk.text.endswith("Five") for chunk in chunks(whole, size=26, overlap=0))


def test_abbreviations_and_numbers_end_no_sentence():
    text = "Dr. Smith saw 3.5 of them, e.g. Apples. They were red! See Fig. 3 for it."
    assert sentences(text) == ["Dr. Smith saw 3.5 of them, e.g. Apples.", "They were red!", "See Fig. 3 for it."]


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 10), (10, -1)])
def test_impossible_sizes_are_refused(size, overlap):
    with pytest.raises(ConfigError, match="cannot overlap"):
        chunks(prose("x"), size=size, overlap=overlap)
