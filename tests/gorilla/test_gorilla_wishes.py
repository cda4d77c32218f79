"""The grammar's instructions: what they say, and what they keep to themselves."""

import pytest
from doc_sets_shown import bundled, small_doc
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.gorilla.checks import argument_problems, instruction_problems, leaks
from toolbench.gorilla.instructions import Unwritten, Wish, base_verb, grammar_wish
from toolbench.gorilla.values import leaves
from toolbench.model.wording import mentions

DOCS = bundled("library", "crm", "hotels")


@settings(max_examples=60)
@given(st.sampled_from(DOCS), st.integers(0, 10_000), st.integers(0, 50))
def test_an_instruction_says_its_values_and_not_the_api(doc, seed: int, ordinal: int) -> None:
    found = grammar_wish(doc, seed, ordinal)
    assert found == grammar_wish(doc, seed, ordinal)
    if isinstance(found, Unwritten):
        assert found.reason
        return
    assert not leaks(found.text, doc)
    assert all(mentions(found.text, value) for value in leaves(found.wanted))
    assert not argument_problems(doc, found.wanted)
    assert not instruction_problems(found.text, doc, found.wanted)
    optional = [one for one in doc.parameters if one.has_default and not one.required and one.name in found.wanted]
    assert all(found.wanted[one.name] != one.content["default"] for one in optional)


def test_instructions_vary_with_seed_and_ordinal() -> None:
    texts = {grammar_wish(small_doc(), seed, ordinal).text for seed in range(3) for ordinal in range(5)}
    assert len(texts) > 10


@pytest.mark.parametrize(
    "description",
    ["", "It is what it is.", "`x`", "When nothing is there, an error is raised."],
)
def test_documents_that_say_nothing_to_ask_for_give_a_reason(description: str) -> None:
    found = grammar_wish(small_doc(description=description), 0, 0)
    assert isinstance(found, Unwritten)
    assert found.reason in (
        "its document says nothing that can be asked for",
        "the instruction: it names the API",
    )


def test_values_that_nobody_could_say_are_given_up() -> None:
    schema = {"type": "object", "properties": {f"p{at}": {"type": "string"} for at in range(12)}}
    schema["required_properties"] = list(schema["properties"])
    doc = small_doc(parameters=({"name": "all", "content": schema, "required": True},))
    assert grammar_wish(doc, 0, 0) == Unwritten("its values cannot be said")


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("Creates", "create"),
        ("Searches", "search"),
        ("Finalizes", "finalize"),
        ("Copies", "copy"),
        ("Passes", "pass"),
        ("Get", "get"),
    ],
)
def test_verbs_in_their_base_form(word: str, verb: str) -> None:
    assert base_verb(word) == verb


def test_what_is_asked_for_is_what_the_document_says() -> None:
    found = [grammar_wish(small_doc(), 0, ordinal) for ordinal in range(6)]
    assert all(isinstance(one, Wish) and "articles by words of their label" in one.text for one in found)
