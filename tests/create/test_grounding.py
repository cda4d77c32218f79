"""Where an answer comes from."""

from hypothesis import given
from hypothesis import strategies as st

from toolbench.create._grounding import ground, location
from toolbench.documents.chunking import chunks
from toolbench.model import Block, Document

NOUNS = "river bridge copper lantern harbour violin meadow granite cellar falcon".split()
SENTENCES = st.lists(
    st.tuples(st.sampled_from(NOUNS), st.integers(1000, 9999)), min_size=2, max_size=12, unique_by=lambda pair: pair[1]
).map(lambda pairs: [f"The {noun} was built in {year}." for noun, year in pairs])


def document(texts: list[str]) -> Document:
    return Document(id="d", source="d.txt", name="d", blocks=tuple(Block(text=text, page=3) for text in texts))


@given(SENTENCES, st.data())
def test_a_sentence_is_found_where_it_stands_in_the_document(sentences: list[str], data: st.DataObject):
    whole = document(["Before it all.", " ".join(sentences)])
    wanted = data.draw(st.sampled_from(sentences))
    found = [(chunk, ground(wanted, chunk)) for chunk in chunks(whole, size=120, overlap=40)]
    places = [whole.text[place.start : place.end] for chunk, place in found if place and wanted in chunk.text]
    assert places
    assert set(places) == {wanted}


def test_an_answer_of_which_nothing_is_there_has_no_place():
    (chunk,) = chunks(document(["The bridge was built in 1850."]), size=500, overlap=0)
    assert ground("Penguins eat krill.", chunk) is None
    assert ground("It was in the 1850.", chunk)
    assert ground("1851", chunk) is None


def test_an_answer_that_says_nothing_by_itself_is_held_against_its_question():
    (chunk,) = chunks(document(["The bridge was built in 1850."]), size=500, overlap=0)
    assert ground("Yes.", chunk, "Was the bridge built in 1850?")
    assert ground("Yes.", chunk, "Do penguins swim?") is None


def test_support_is_the_share_of_words_that_are_there():
    (chunk,) = chunks(document(["The bridge was built in 1850."]), size=500, overlap=0)
    found = ground("The bridge was burnt in 1850.", chunk)
    assert found is not None
    assert found.support == 2 / 3
    assert location(chunk, found)["page"] == 3
