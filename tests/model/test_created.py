"""Created data as conversations."""

import pytest

from toolbench.model.created import created, records_in

PAIR = {"question": "Q", "answer": "A"}
TALK = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


@pytest.mark.parametrize(
    "record",
    [
        PAIR,
        {"messages": TALK},
        {"conversations": TALK},
        {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]},
        {"instruction": "Q", "output": "A"},
        {"instruction": "Q", "input": "", "response": "A"},
        {"prompt": "Q", "completion": "A"},
    ],
)
def test_all_forms_say_the_same(record: dict):
    one = created(record | {"rating": 7})
    assert [(message.role, message.content) for message in one.messages] == [("user", "Q"), ("assistant", "A")]
    assert (one.question, one.answer, one.meta) == ("Q", "A", {"rating": 7})
    assert [message.train for message in one.messages] == [False, True]


def test_reasoning_and_system_have_their_places():
    one = created(PAIR | {"reasoning": "R", "system": "S"})
    assert [message.role for message in one.messages] == ["system", "user", "assistant"]
    assert one.messages[-1].reasoning == "R"


def test_a_text_is_no_conversation():
    one = created({"text": "Once upon a time.", "level": 2})
    assert (one.messages, one.meta) == ((), {"level": 2})
    assert one.text == one.answer == "Once upon a time."


def test_calls_come_through():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    one = created({"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]})
    assert one.messages[0].calls[0].arguments == {"a": 1}


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"question": "Q"},
        {"question": "Q", "answer": ""},
        {"messages": []},
        {"messages": ["x"]},
        {"messages": [{"role": "?"}]},
        {"messages": [{"role": "user", "content": 3}]},
        {"messages": [{"role": "assistant", "tool_calls": [{}]}]},
    ],
)
def test_what_has_no_form_is_refused(record: dict):
    with pytest.raises(ValueError, match=r"\w"):
        created(record)


@pytest.mark.parametrize(
    ("content", "key", "found"),
    [
        ([PAIR], "records", [PAIR]),
        ({"summary": "s", "qa_pairs": [PAIR], "conversations": [TALK]}, "qa_pairs", [PAIR]),
        ({"cot_examples": [PAIR], "conversations": [TALK]}, "cot_examples", [PAIR]),
        ({"stories": [{"text": "x"}], "created": {}}, "stories", [{"text": "x"}]),
        ({"conversations": [TALK, TALK]}, "records", [{"conversations": TALK}] * 2),
        ({"conversations": TALK}, "records", [{"conversations": TALK}]),
        ([TALK], "records", [{"conversations": TALK}]),
        (TALK, "records", [{"conversations": TALK}]),
        ([{"qa_pairs": [PAIR]}, PAIR], "records", [PAIR, PAIR]),
        ({"qa_pairs": []}, "qa_pairs", []),
        (PAIR, "records", [PAIR]),
    ],
)
def test_records_are_found_wherever_they_stand(content: object, key: str, found: list):
    assert records_in(content) == (key, found)


@pytest.mark.parametrize("content", [3, {"a": [1]}, {}, [1], {"a": [PAIR], "b": [PAIR]}])
def test_where_there_are_none_it_is_said(content: object):
    with pytest.raises(ValueError, match=r"\w"):
        records_in(content)
