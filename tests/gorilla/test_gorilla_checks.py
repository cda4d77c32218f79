"""What instructions and answers are held to."""

import pytest
from doc_sets_shown import bundled, small_doc
from hypothesis import given
from hypothesis import strategies as st

from toolbench.gorilla.checks import argument_problems, instruction_problems, leaks, quotes, rests_on

DOCS = bundled("library", "crm")


@pytest.mark.parametrize(
    "text",
    [
        "Use shop.find_things for it",
        "call FIND_THINGS, please",
        "find things with a red label",
        "please find the things I lost",
        "a findThing would do",
    ],
)
def test_names_leak_as_written_and_in_words(text: str) -> None:
    assert leaks(text, small_doc())


@pytest.mark.parametrize("text", ["things that I cannot find", "look for whatever is red", "refind_thingsy"])
def test_words_of_a_name_apart_are_no_leak(text: str) -> None:
    assert not leaks(text, small_doc())


@given(st.sampled_from(DOCS), st.text(alphabet="abc ,.", max_size=30), st.booleans())
def test_a_name_is_found_wherever_it_stands(doc, around: str, loud: bool) -> None:
    name = doc.operation.upper() if loud else doc.name
    assert leaks(f"{around} {name} {around}", doc)


def test_an_instruction_says_its_values_and_no_code() -> None:
    doc, wanted = small_doc(), {"label": "Red kite", "most": 4}
    assert not instruction_problems('What is there with "Red kite" on it? At most 4.', doc, wanted)
    assert instruction_problems('What is there with "Red kite" on it?', doc, wanted) == ["it must say 4"]
    assert "it uses technical names or code" in instruction_problems("red kite, 4, with by_label set", doc, wanted)


def test_arguments_keep_to_the_document() -> None:
    doc = small_doc()
    assert not argument_problems(doc, {"label": "x", "most": 3, "order": "up"})
    assert argument_problems(doc, {"most": True, "order": "left", "size": 1}) == [
        "`label` is missing",
        "`most` is no integer",
        "`order` is none of ['up', 'down']",
        "there is no parameter `size`",
    ]


def test_quotes_are_found_in_order() -> None:
    text = "a ##begin_quote##one two##end_quote## b ##begin_quote##three##end_quote##."
    assert quotes(text) == ["one two", "three"]


def test_an_answer_rests_on_a_document_whose_words_it_repeats() -> None:
    doc = small_doc(description="Looks for articles by words of their label and their brand.")
    said = "It looks for articles by words of their label."
    assert rests_on(said, doc, [])
    assert not rests_on(said, doc, ["looks for articles by words of their label"])
    assert not rests_on("It looks for articles.", doc, [])
