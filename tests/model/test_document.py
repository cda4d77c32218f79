"""Documents know where each of their blocks stands in their text."""

from hypothesis import given
from hypothesis import strategies as st

from toolbench.model import Block, Document


@given(st.lists(st.text(max_size=20), max_size=8))
def test_blocks_stand_where_it_says(texts):
    document = Document(id="d", source="s", name="n", blocks=tuple(Block(text=text) for text in texts))
    assert len(document.starts) == len(texts)
    for start, text in zip(document.starts, texts, strict=True):
        assert document.text[start : start + len(text)] == text
