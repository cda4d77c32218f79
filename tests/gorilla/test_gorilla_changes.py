"""Changed documents: the right call by them is never right by the document as it was."""

import ast

import pytest
from doc_sets_shown import bundled, written_rows
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from toolbench.gorilla.answers import answer
from toolbench.gorilla.changes import changed, possible
from toolbench.gorilla.checks import matches
from toolbench.gorilla.conditions import under_old_names
from toolbench.gorilla.rows import CHANGES
from toolbench.gorilla.sources import apibench
from toolbench.gorilla.values import sampled
from toolbench.world.rng import rng

DOCS = bundled("library", "crm", "hotels")


@settings(max_examples=80)
@given(st.sampled_from(DOCS), st.sampled_from(CHANGES), st.integers(0, 30))
def test_the_answer_follows_the_changed_document_only(doc, kind, seed: int) -> None:
    wanted = sampled(doc, rng(seed, doc.id))
    assume(wanted is not None)
    made = changed(doc, wanted, kind, rng(seed, "change"))
    assume(made is not None)
    right = answer(made.doc, made.wanted, style="python")
    assert matches(right, made.doc, made.wanted)
    assert not matches(right, doc, under_old_names(made.change, made.wanted))
    assert made.doc.document in [one.document for one in made.shown]
    assert doc.document not in [one.document for one in made.shown]
    ast.parse(right.call, mode="eval")


@pytest.mark.parametrize("kind", ["renamed", "deprecated", "version"])
def test_calls_that_are_always_the_same_change_with_their_document(kind, tmp_path) -> None:
    for doc in apibench.documents(written_rows(tmp_path / "api.jsonl"), longest=5000)[0]:
        if kind not in possible(doc):
            continue
        made = changed(doc, {}, kind, rng(1, doc.id))
        if made is None:
            assert kind == "renamed"
            assert not doc.fixed
            continue
        call = ast.unparse(ast.parse(made.doc.written, mode="eval"))
        assert call != doc.written
        assert made.doc.document["api_call"] == call
        assert "example_code" not in made.doc.document
        assert answer(made.doc, {}, style="python").call == call
