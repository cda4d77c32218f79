"""Steps as JSON: what is written of a path can be read again, and what models make of it is read leniently."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from scenery import TALK, TOOLS, Backend, attempt, tool
from test_llm_policy import Fake, said

from searchers.react import React
from toolbench.agent.explore import explore
from toolbench.agent.json_steps import joined, read_json_step, step_format
from toolbench.agent.llm_policy import LlmPolicy
from toolbench.model import ChatAnswer
from toolbench.specs import open_catalogue

NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(st.text(max_size=5), NESTED, max_size=4)


def read(text, **more):
    return read_json_step(ChatAnswer(content=text, **more), "Finish")


def call(name="get_box", **given):
    return json.dumps({"tool": name, "arguments": given})


@given(ARGUMENTS, st.sampled_from(["{}", "```json\n{}\n```", "I do it.\n{}\n", "<tool_call>{}</tool_call>", "{} {{"]))
def test_a_call_is_read_whatever_it_is_wrapped_in(arguments, wrapping):
    start, _, end = wrapping.partition("{}")
    text = start + json.dumps({"tool": "get_box", "arguments": arguments}) + end.replace("{{", "{")
    step = read(text)
    assert step.kind == "call"
    assert [(found.tool, found.arguments) for found in step.calls] == [("get_box", arguments)]


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "get_box", "parameters": {"id": "x"}}',
        '{"function": "get_box", "args": {"id": "x"}}',
        '{"function": {"name": "get_box", "arguments": {"id": "x"}}}',
        '{"type": "function", "name": "get_box", "arguments": "{\\"id\\": \\"x\\"}"}',
        '{"note": "first"} and then {"tool": "get_box", "arguments": {"id": "x"}}',
    ],
)
def test_other_names_for_the_same(text):
    (found,) = read(text).calls
    assert (found.tool, found.arguments) == ("get_box", {"id": "x"})


def test_only_the_first_call_counts_and_the_rest_is_text():
    step = read(f"Look: {call(id='1')} and {call(id='2')}")
    assert [found.arguments for found in step.calls] == [{"id": "1"}]
    assert step.text.startswith("Look:")


def test_endings():
    given = {"return_type": "ask_user", "final_answer": "Which one?"}
    step = read(json.dumps({"tool": "Finish", "arguments": given}), reasoning="Two fit.")
    assert (step.kind, step.text, step.reasoning) == ("ask", "Which one?", "Two fit.")
    assert (read("It is 6.").kind, read("It is 6.").text) == ("finish", "It is 6.")


@pytest.mark.parametrize("text", ['{"tool": "get_box", "arguments": {"id": "x"', '{"id": "x"}', "{[", "{" * 5000, ""])
def test_what_cannot_be_read_is_kept_with_its_problem(text):
    step = read(text)
    assert step.kind == "invalid"
    assert step.problem
    assert step.text == text
    assert "cut off" in read(text, finish_reason="length").problem


@given(st.text())
def test_no_text_breaks_it(text):
    assert read(text).kind


def validator(tools, finish="Finish"):
    form = step_format(tools, finish)
    assert form["type"] == "json_schema"
    schema = form["json_schema"]["schema"]
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_constraint_is_a_call_of_one_of_the_tools_or_the_end():
    allowed = validator(TOOLS).is_valid
    assert allowed({"tool": "get_box", "arguments": {"id": "x"}})
    assert allowed({"tool": "Finish", "arguments": {"return_type": "give_answer", "final_answer": "x"}})
    assert not allowed({"tool": "get_box", "arguments": {"size": 4}})
    assert not allowed({"tool": "no_such", "arguments": {}})
    assert not allowed({"tool": "get_box"})
    assert not allowed({"tool": "Finish", "arguments": {"return_type": "shrug"}})


def defined(name, kind):
    made = tool(name, {"box": {"$ref": "#/$defs/Box"}})
    shared = {"Box": {"type": "object", "properties": {"x": {"type": kind}, "in": {"$ref": "#/$defs/Box"}}}}
    return made.model_copy(update={"parameters": {**made.parameters, "$defs": shared}})


def test_definitions_of_the_same_name_are_kept_apart():
    allowed = validator({"a": defined("a", "string"), "b": defined("b", "integer")}).is_valid
    for name, right, wrong in (("a", "s", 1), ("b", 1, "s")):
        assert allowed({"tool": name, "arguments": {"box": {"in": {"x": right}}}})
        assert not allowed({"tool": name, "arguments": {"box": {"in": {"x": wrong}}}})


@pytest.mark.parametrize("api", open_catalogue().ids())
def test_the_constraint_never_forbids_what_a_tool_allows(api):
    """All examples of all bundled tools pass; and nothing is left that a server may not know."""
    held = open_catalogue().api(api)
    tools = {made.name: held.tool(made.name) for made in held.tools}
    check = validator(tools)
    for made in tools.values():
        for example in made.examples:
            if Draft202012Validator(made.parameters).is_valid(example.get("arguments", {})):
                assert check.is_valid({"tool": made.name, "arguments": example.get("arguments", {})})
    text = json.dumps(check.schema)
    for keyword in ('"pattern":', '"format":', '"allOf":', '"oneOf":', '"not":', '"description": "'):
        assert keyword not in text, keyword


async def explored(*texts, task, **more):
    model = Fake(*(said(text) for text in texts))
    policy = LlmPolicy(model, route="json_schema", **more)
    trace = await explore(attempt(policy, searcher=React(), task=task, executor=Backend()))
    return trace, model.requests


async def test_a_conversation_in_plain_messages():
    ask = json.dumps({"tool": "Finish", "arguments": {"return_type": "ask_user", "final_answer": "Which?"}})
    make = call("create_box", label="new", size=3)
    trace, requests = await explored(ask, make, "Done.", "Gone.", task=TALK)
    assert [node.step.kind for node in trace.nodes[1:]][:5] == ["ask", "user", "call", "finish", "user"]
    for request in requests:
        assert not request.tools
        roles = [message["role"] for message in request.messages]
        assert roles[0] == "system"
        assert all(role == ("user", "assistant")[place % 2] for place, role in enumerate(roles[1:]))
        assert all(isinstance(message["content"], str) and len(message) == 2 for message in request.messages)
    last = requests[2].messages
    assert json.loads(last[2]["content"]) == json.loads(ask)
    assert json.loads(last[4]["content"]) == json.loads(make)
    assert last[5]["content"].startswith("[Answer of create_box, not from the user]\n")
    assert '"label":"new"' in last[5]["content"]
    assert "create_box" in last[0]["content"]


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=3)), max_size=6))
def test_joining_keeps_every_word_and_alternates(chat):
    made = joined({"role": role, "content": text} for role, text in chat)
    assert all(a["role"] != b["role"] for a, b in pairwise(made))
    for role in ("user", "assistant"):
        texts = [text for owner, text in chat if owner == role]
        assert "".join("".join(texts).split()) == "".join(
            "".join(message["content"] for message in made if message["role"] == role).split()
        )
