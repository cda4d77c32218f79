import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mocked import completion

from toolbench.llm.envelope import MalformedAnswerError, read_answer, split_thoughts
from toolbench.model import ChatAnswer, RawCall, Usage


def read(message: dict[str, Any], **more: Any) -> ChatAnswer:
    return read_answer(json.dumps(completion(message, **more)).encode())


def test_reads_what_was_said() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.5}
    answer = read({"content": "hello"}, usage=usage)
    assert answer == ChatAnswer(
        content="hello", finish_reason="stop", usage=Usage(prompt_tokens=3, completion_tokens=4, cost=0.5)
    )


@pytest.mark.parametrize(
    "arguments", ['{"a": 1}', {"a": 1}, "not json", '["list"]', "", None, 7], ids=lambda value: repr(value)
)
def test_calls_are_carried_on_however_wrong(arguments: Any) -> None:
    function = {"name": "no such tool!", "arguments": arguments}
    answer = read({"content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]})
    assert answer.calls == (RawCall(id="c", name="no such tool!", arguments=arguments),)


def test_a_call_may_lack_id_and_arguments() -> None:
    answer = read({"tool_calls": [{"function": {"name": "f"}}]})
    assert answer.calls == (RawCall(id="", name="f", arguments=None),)


@pytest.mark.parametrize(
    ("message", "content", "reasoning"),
    [
        ({"content": "a", "reasoning_content": "b"}, "a", "b"),
        ({"content": "a", "reasoning": "b"}, "a", "b"),
        ({"content": "a", "reasoning": {"effort": 1}}, "a", ""),
        ({"content": "<think>b\nc</think>\n\na"}, "a", "b\nc"),
        ({"content": "b</think>a"}, "a", "b"),
        ({"content": "<think>b"}, "", "b"),
        ({"content": "<think></think>a"}, "a", ""),
        ({"content": "say <think>b</think> aloud"}, "say <think>b</think> aloud", ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", ""),
        ({"content": [{"type": "thinking", "thinking": [{"text": "b"}]}, {"type": "text", "text": "a"}]}, "a", "b"),
        ({"content": ["a", {"type": "image"}]}, "a", ""),
        ({"content": None, "refusal": "I will not"}, "I will not", ""),
        ({"content": None}, "", ""),
        ({}, "", ""),
    ],
    ids=repr,
)
def test_speech_and_thought_are_told_apart(message: dict[str, Any], content: str, reasoning: str) -> None:
    answer = read({"role": "assistant", **message})
    assert (answer.content, answer.reasoning) == (content, reasoning)


@pytest.mark.parametrize(
    "usage", [None, [], "many", {"prompt_tokens": "x"}, {"prompt_tokens": None}, {"cost": True}, {}], ids=repr
)
def test_garbled_usage_costs_no_answer(usage: Any) -> None:
    assert read({"content": "a"}, usage=usage).content == "a"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "Invalid JSON"),
        (b"<html>Bad Gateway</html>", "<html>Bad Gateway</html>"),
        (b'"<html></html>"', "object"),
        (b'{"choices": [{"index": 0, "mess', "Invalid JSON"),
        (b"\xff\xfe", "not a chat completion"),
        (b"null", "object"),
        (b"[]", "object"),
        (b"{}", "no choices"),
        (b'{"choices": null}', "no choices"),
        (b'{"choices": []}', "no choices"),
        (b'{"choices": {}}', "choices"),
        (b'{"choices": [null]}', r"choices\.0"),
        (b'{"choices": [{}]}', r"choices\.0\.message"),
        (b'{"choices": [{"message": "hi"}]}', r"choices\.0\.message"),
        (b'{"choices": [{"message": {"content": 3}}]}', "content"),
        (b'{"choices": [{"message": {"tool_calls": {}}}]}', "tool_calls"),
        (b'{"choices": [{"message": {"tool_calls": [{}]}}]}', "function"),
        (b'{"choices": [{"message": {"tool_calls": [{"function": {"name": null}}]}}]}', "name"),
        (b'{"error": {"message": "upstream died"}}', "upstream died"),
        (b'{"error": "upstream died", "choices": null}', "upstream died"),
    ],
    ids=repr,
)
def test_malformed_envelopes_are_told_by_what_is_wrong(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedAnswerError, match=reason):
        read_answer(body)


def test_long_garbage_is_not_quoted_whole() -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        read_answer(b"<p>" + b"x" * 10_000)
    assert len(str(caught.value)) < 300


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_nothing_but_the_one_error_comes_of_garbage(body: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        read_answer(body)


@given(st.text(), st.text())
def test_thoughts_are_split_off_whole(said: str, thought: str) -> None:
    assume("think>" not in said + thought)
    assert split_thoughts(f"<think>{thought}</think>{said}") == (said.lstrip(), thought.strip())
