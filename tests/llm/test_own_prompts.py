"""Prompts of the user's own."""

from string import Formatter

from hypothesis import given
from hypothesis import strategies as st

from toolbench.llm.own_prompts import FIELDS, filled, user_message

TEXTS = st.text(st.sampled_from('ab{}"\n '), max_size=30)
VALUES = {"num_pairs": 7, "text": 'has {braces} and {text} and {"a": 1}'}


@given(st.lists(st.one_of(TEXTS, st.sampled_from(["{num_pairs}", "{text}", "{other}", '{"question": 1}']))))
def test_fields_are_filled_once_and_every_other_brace_is_text(parts: list[str]):
    template = "".join(parts)
    if "{{" in template:
        return
    # Another way to the same: cut at the fields.
    expected = "7".join(VALUES["text"].join(piece.split("{text}")) for piece in template.split("{num_pairs}"))
    assert filled(template, VALUES) == expected


@given(st.text(st.sampled_from("ab{} \n"), max_size=30), st.sampled_from(FIELDS))
def test_a_prompt_written_for_format_is_read_as_that(text: str, name: str):
    template = "{{" + text.replace("{", "{{").replace("}", "}}") + "}}" + f"{{{name}}}"
    assert list(Formatter().parse(template))
    assert filled(template, {name: "{v}"}) == template.format(**{name: "{v}"})


def test_doubled_braces_beside_single_ones_are_text():
    assert filled('{{x}} {"a": 1} {text}', {"text": "T"}) == '{{x}} {"a": 1} T'


def test_what_a_prompt_must_hold_and_does_not_name_is_put_at_its_end():
    message = user_message("Summarise.", {"text": "T", "num_pairs": 3}, ["N"])
    assert message == {"role": "user", "content": "Summarise.\n\nT\n\nN"}
    assert user_message("Of {text}", {"text": "T"})["content"] == "Of T"
