"""Calls read from results: as BFCL's decoder reads them, tolerantly, and never by running anything."""

import json
import keyword
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.matching import BFCL, EXACT, NamedCall, UnreadableError, decode

TOLERANT = replace(EXACT, tolerant_text=True)
ONE = (NamedCall("f", {"a": 1}),)


def arguments(text, rules=BFCL):
    (call,) = decode(text, rules)
    return call.arguments


@pytest.mark.parametrize("text", ["[f(a=1)]", "f(a=1)", "```f(a=1)```", "\n[f(a=1)] ", "[f(a=1),]", "[f(7, a=1)]"])
def test_a_call_as_text(text):
    assert decode(text, BFCL) == ONE


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("-5", -5),
        ("-2.5", -2.5),
        ("'x'", "x"),
        ("true", "true"),
        ("None", None),
        ("[1, 'a', [True]]", [1, "a", [True]]),
        ("(1, 2)", (1, 2)),
        ("{'k': {'n': -1}}", {"k": {"n": -1}}),
        ("1 + 2 * 3", 7),
        ("'a' + 'b'", "ab"),
        ("x[0]", "x[0]"),
        ("now()", "now()"),
        ("g(b=1)", {"g": {"b": 1}}),
        ("m.g(1, b=2)", {"m.g": {"b": 2}}),
        ("...", "..."),
    ],
)
def test_values_in_text(written, value):
    for rules in (BFCL, EXACT):
        assert repr(arguments(f"[f(a={written})]", rules)) == repr({"a": value})


def test_signs_are_read_as_they_are_unless_as_published():
    for written, right, published in (("+5", 5, -5), ("not True", False, -1)):
        assert arguments(f"[f(a={written})]", EXACT) == {"a": right}
        assert arguments(f"[f(a={written})]", BFCL) == {"a": published}
    with pytest.raises(UnreadableError):
        decode("[f(a=~5)]", EXACT)


@pytest.mark.parametrize(
    "result",
    [
        "hello",
        "I would call f(a=1) here",
        "[f]",
        "[f(a=1]",
        "[[f(a=1)]]",
        "[f(a=)]",
        "[f(a=b + 1)]",
        "[f(a=-b)]",
        "[f(a=X.Y)]",
        "[f(a={1, 2})]",
        "[f(a=lambda: 1)]",
        "[f(a=f'{x}')]",
        "[f(a=[x for x in y])]",
        "[f(a={[1]: 2})]",
        "[f(a={**x})]",
        "[f(a='\x00')]",
        "[f(a=1 / 0)]",
        "[f(a=9 ** 9 ** 9)]",
        "[f(a='x' * 10 ** 9)]",
        "[f(a=1 << 10 ** 8)]",
        "[f(a='%999999999d' % 1)]",
        "[f(a=" + "[" * 100 + "]" * 100 + ")]",
        "[f(a=" + "-" * 5000 + "1)]",
        "[" + "f(a=" * 3000 + ")" * 3000 + "]",
        "[f(a='" + "x" * 300_000 + "')]",
        None,
        5,
        {"f": {"a": 1}},
        [5],
        [{}],
        [{"f": 5}],
        [{"f": "no json"}],
        [{"f": "[1]"}],
        [{"f": {}, "g": {}}],
        [["f"]],
    ],
)
def test_what_is_no_list_of_calls_is_unreadable(result):
    with pytest.raises(UnreadableError):
        decode(result, BFCL)


def test_a_list_of_calls_has_arguments_as_objects_or_their_json():
    assert decode([{"f": {"a": 1}}, {"g": '{"b": [2]}'}], BFCL) == (*ONE, NamedCall("g", {"b": [2]}))
    assert decode([], BFCL) == decode("[]", BFCL) == decode("", BFCL) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Sure:\n```python\n[f(a=1)]\n```\nDone.",
        "I call [f(a=1)] now",
        '{"name": "f", "arguments": {"a": 1}}',
        '[{"name": "f", "parameters": {"a": 1}}]',
        '```json\n[{"type": "function", "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]\n```',
        '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>',
        '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>',
        "<TOOLCALL>[f(a=1)]</TOOLCALL>",
        '[{"f": {"a": 1}}]',
    ],
)
def test_tolerant_reading_finds_calls_in_other_forms(text):
    assert decode(text, TOLERANT) == ONE
    with pytest.raises(UnreadableError):
        decode(text, EXACT)


def test_tolerant_reading_takes_openai_calls_in_lists():
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": json.dumps({"a": 1})}}]
    assert decode(calls, TOLERANT) == ONE
    two = "".join(f'<tool_call>{{"name": "{name}", "arguments": {{}}}}</tool_call>\n' for name in "fg")
    assert [call.name for call in decode(two, TOLERANT)] == ["f", "g"]


words = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(lambda word: not keyword.iskeyword(word))
names = st.lists(words, min_size=1, max_size=3).map(".".join)
scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
calls = st.lists(st.tuples(names, st.dictionaries(words, values, max_size=3)), max_size=3)


@given(calls, st.sampled_from([BFCL, EXACT, TOLERANT]))
def test_calls_written_as_python_are_read_back(made, rules):
    written = [f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in made]
    found = decode(f"[{', '.join(written)}]", rules)
    assert [(call.name, call.arguments) for call in found] == made


@given(st.text() | st.text("f(a=1)[]{}'\"-+,.:\\ \n`x*"), st.sampled_from([BFCL, EXACT, TOLERANT]))
def test_any_text_is_read_or_refused(text, rules):
    try:
        found = decode(text, rules)
    except UnreadableError:
        return
    assert all(isinstance(call, NamedCall) for call in found)
