"""What a format carries survives it: random rows, a sentinel in every field, and planted losses."""

import copy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench import plugins
from toolbench.exporters.base import Exporter
from toolbench.model import Call, Message, Row, RowMeta, RowTool

FORMATS = sorted(name for name in plugins.names("exporters") if issubclass(plugins.load("exporters", name), Exporter))

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
word = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(text, values, max_size=4)


@st.composite
def rows(draw):
    number = 0
    messages = []
    if draw(st.booleans()):
        messages.append(Message(role="system", content=draw(text)))
    for _ in range(draw(st.integers(1, 2))):
        messages.append(Message(role="user", content=draw(text)))
        for _ in range(draw(st.integers(0, 2))):
            calls = []
            for _ in range(draw(st.integers(1, 3))):
                number += 1
                calls.append(Call(id=f"call_{number}", tool=draw(word), arguments=draw(objects)))
            messages.append(
                Message(
                    role="assistant",
                    content=draw(st.none() | word),
                    reasoning=draw(text),
                    calls=tuple(calls),
                    train=draw(st.booleans()),
                    reason=draw(text),
                )
            )
            messages += [Message(role="tool", content=draw(text), call=call.id, name=call.tool) for call in calls]
        messages.append(Message(role="assistant", content=draw(word), reasoning=draw(text), train=draw(st.booleans())))
    tools = draw(st.lists(st.builds(RowTool, name=word, description=text, parameters=objects), max_size=3))
    meta = RowMeta(
        task="t", kind="k", teacher="x", executor="mock", verified=True, confidence=1.0, verdicts={"goal": "pass"}
    )
    return Row(trace="r", leaf=1, messages=tuple(messages), tools=tuple(tools), meta=meta)


def written(exporter, row):
    return [orjson.loads(orjson.dumps(line)) for line in exporter.rows(row)]


@pytest.mark.parametrize("name", FORMATS)
@given(row=rows())
def test_everything_carried_survives(name, row):
    exporter = plugins.load("exporters", name)()
    assert exporter.check(row, written(exporter, row)) == []


SENTINEL = Row(
    trace="r1",
    leaf=1,
    messages=(
        Message(role="system", content="S-system"),
        Message(role="user", content="S-user"),
        Message(
            role="assistant",
            content="S-said",
            reasoning="S-thought",
            calls=(
                Call(id="call_1", tool="S-tool", arguments={"S-key": "S-value", "n": 1.5, "none": None, "deep": [{}]}),
                Call(id="call_2", tool="S-other", arguments={}),
            ),
            train=False,
        ),
        Message(role="tool", content='{"S-result":1}', call="call_1", name="S-tool"),
        Message(role="tool", content="S-second", call="call_2", name="S-other"),
        Message(role="assistant", content="S-answer", train=True),
    ),
    tools=(
        RowTool(name="S-tool", description="S-description", parameters={"type": "object", "title": "S-schema"}),
        RowTool(name="S-other", description="", parameters={"type": "object"}),
    ),
    meta=RowMeta(task="t", kind="k", teacher="x", executor="mock", verified=True, confidence=1.0, verdicts={}),
)


def places(value, path=()):
    """Yield the place of every leaf of a JSON value."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("name", FORMATS)
def test_every_leaf_that_is_written_is_checked(name):
    exporter = plugins.load("exporters", name)()
    (line,) = written(exporter, SENTINEL)
    for path in places(line):
        if path == ("parallel_tool_calls",):
            continue
        spoiled = copy.deepcopy(line)
        inner = spoiled
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = "spoiled"
        assert exporter.check(SENTINEL, [spoiled]), path


@pytest.mark.parametrize("name", FORMATS)
def test_whatever_is_taken_away_is_noticed(name):
    exporter = plugins.load("exporters", name)()
    (line,) = written(exporter, SENTINEL)
    for place in range(len(line["messages"])):
        short = {**line, "messages": line["messages"][:place] + line["messages"][place + 1 :]}
        assert exporter.check(SENTINEL, [short])
    assert exporter.check(SENTINEL, [{**line, "tools": line["tools"][:1]}]) == ["the tools differ"]
    assert exporter.check(SENTINEL, [{**line, "tools": None}])
    assert exporter.check(SENTINEL, [])


@pytest.mark.parametrize(("name", "lost"), [("openai", ["reasoning"]), ("trl", ["train"])])
def test_what_cannot_be_carried_is_reported(name, lost):
    exporter = plugins.load("exporters", name)()
    assert exporter.losses(SENTINEL) == lost
    plain = tuple(message.model_copy(update={"reasoning": "", "train": True}) for message in SENTINEL.messages)
    assert exporter.losses(SENTINEL.model_copy(update={"messages": plain})) == []


def test_the_openai_form():
    (line,) = plugins.load("exporters", "openai")().rows(SENTINEL)
    assert line["parallel_tool_calls"] is True
    assert list(line) == ["messages", "tools", "parallel_tool_calls"]
    assert line["messages"][2] == {
        "role": "assistant",
        "content": "S-said",
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {
                    "name": "S-tool",
                    "arguments": '{"S-key":"S-value","n":1.5,"none":null,"deep":[{}]}',
                },
            },
            {"id": "call_2", "type": "function", "function": {"name": "S-other", "arguments": "{}"}},
        ],
        "weight": 0,
    }
    assert line["messages"][3] == {"role": "tool", "tool_call_id": "call_1", "content": '{"S-result":1}'}
    assert line["messages"][-1] == {"role": "assistant", "content": "S-answer", "weight": 1}
    silent = SENTINEL.messages[2].model_copy(update={"content": None, "calls": SENTINEL.messages[2].calls[:1]})
    messages = (SENTINEL.messages[1], silent, SENTINEL.messages[3], SENTINEL.messages[5])
    (line,) = plugins.load("exporters", "openai")().rows(SENTINEL.model_copy(update={"messages": messages}))
    assert line["messages"][1]["content"] is None
    assert line["parallel_tool_calls"] is False


def test_the_trl_form():
    (line,) = plugins.load("exporters", "trl")().rows(SENTINEL)
    assert list(line) == ["messages", "tools"]
    assert line["messages"][2]["reasoning_content"] == "S-thought"
    assert line["messages"][2]["tool_calls"][0]["function"]["arguments"]["S-key"] == "S-value"
    assert line["messages"][3]["name"] == "S-tool"
    assert line["tools"][0]["function"]["parameters"] == {"type": "object", "title": "S-schema"}
    assert "weight" not in line["messages"][-1]
    silent = SENTINEL.messages[2].model_copy(update={"content": None})
    messages = (*SENTINEL.messages[:2], silent, *SENTINEL.messages[3:])
    (line,) = plugins.load("exporters", "trl")().rows(SENTINEL.model_copy(update={"messages": messages}))
    assert line["messages"][2]["content"] == ""
