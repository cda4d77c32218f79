"""API documents: what they show, their ids, and how they are read back."""

import pytest
from doc_sets_shown import bundled, small_doc
from hypothesis import given
from hypothesis import strategies as st

from toolbench.gorilla.docset import DocSet, dotted_name, from_document, sentences

DOCS = bundled("library", "crm")


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.id)
def test_what_is_shown_tells_all_of_the_call(doc) -> None:
    read = from_document(doc.document, doc)
    assert read.name == doc.name
    assert read.parameters == doc.parameters
    assert read.document["api_call"] == doc.form


def test_a_changed_document_is_shown_changed() -> None:
    doc = small_doc()
    assert doc.document["api_name"] == "shop.find_things"
    renamed = doc.model_copy(update={"name": "shop.seek"})
    assert renamed.form.startswith("shop.seek(label, ")
    assert "find_things" not in renamed.text


def test_documents_of_one_id_or_name_are_told_apart_and_reported() -> None:
    docs = DocSet()
    other = small_doc(id="market/find", framework="market")
    docs.add([small_doc(), small_doc(description="Something else."), other])
    assert [doc.id for doc in docs.docs] == ["shop.find_things", "shop.find_things#2", "market/find"]
    assert [problem.done for problem in docs.problems] == ["now shop.find_things#2", "told apart as market/find"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_names_can_be_called(parts: list[str]) -> None:
    name = dotted_name(parts)
    assert all(part.isidentifier() for part in name.split(".") if name)


def test_sentences_end_at_full_stops_and_not_at_abbreviations() -> None:
    text = "List accounts\n\nReturns all, e.g. Dr. A's, of `x`. It is\nsorted. Done?"
    assert sentences(text) == ["List accounts", "Returns all, e.g. Dr. A's, of `x`.", "It is sorted.", "Done?"]
