"""Rows: the right messages, the right ones to train on, and a check that notices what is missing."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TOOLS, Tree, make_task, solve

from toolbench.curation.judgements import Mark
from toolbench.curation.rows import RowBuilder
from toolbench.model import Message, Observation

PASSED = {name: Mark("pass", "", "", "1") for name in ("schema", "executed", "goal", "grounded")}


def build(task, tree, leaf, teacher="planner", marks=PASSED):
    builder = RowBuilder(TOOLS)
    row = builder.build(tree.trace(leaf, teacher=teacher), leaf, task, marks)
    return row, builder.problems(row)


def put(tree, parent, **arguments):
    return tree.call(parent, ("kv_put", arguments))


@given(st.integers(0, 1000))
def test_a_clean_path_becomes_a_whole_row(seed):
    task = make_task(seed)
    tree, leaf = solve(task)
    row, problems = build(task, tree, leaf)
    assert problems == []
    assert [message.role for message in row.messages] == ["user", *["assistant", "tool"] * 4, "assistant"]
    assert [call.id for message in row.messages for call in message.calls] == [f"call_{n}" for n in range(1, 5)]
    assert [message.call for message in row.messages if message.role == "tool"] == [f"call_{n}" for n in range(1, 5)]
    assert all(message.train == (message.role == "assistant") for message in row.messages)
    body = orjson.loads(row.messages[2].content)
    assert body == tree.nodes[1].step.observations[0].body
    assert row.messages[0].content == task.turns[0].text
    assert [tool.name for tool in row.tools] == list(TOOLS)
    assert row.meta.verified
    assert row.meta.verdicts == dict.fromkeys(sorted(PASSED), "pass")


def test_only_confirmed_rows_are_verified():
    task = make_task(1)
    tree, leaf = solve(task)
    for name in ("executed", "goal"):
        marks = {**PASSED, name: Mark("unscored", "not_repeatable", "", "1")}
        assert not build(task, tree, leaf, marks=marks)[0].meta.verified


def flags(steps):
    """Return the train flags and reasons of the calls of a path, each step a pair of tool and arguments."""
    task = make_task(1)
    tree, at = Tree(task), 0
    for tool, arguments in steps:
        at = tree.call(at, (tool, arguments))
    leaf = tree.say(at, "Done.")
    row, _ = build(task, tree, leaf)
    return [(m.train, m.reason) for m in row.messages if m.role == "assistant"][:-1]


def test_calls_that_could_not_be_run_are_not_trained_on():
    assert flags([("kv_put", {"amount": 1}), ("kv_put", {"key": "a", "amount": 1}), ("kv_fetch", {})]) == [
        (False, "invalid_arguments"),
        (True, "call"),
        (False, "unknown_tool"),
    ]


def test_an_error_is_a_mistake_only_when_it_was_corrected():
    assert flags([("kv_get", {"key": "zzz"}), ("kv_get", {"key": "apple"})])[0] == (False, "corrected_later")
    assert flags([("kv_get", {"key": "zzz"}), ("kv_list", {})])[0] == (True, "call")


@pytest.mark.parametrize(("status", "code"), [("timeout", None), ("http_error", 503), ("rate_limited", 429)])
def test_a_failure_that_passes_by_itself_is_no_mistake(status, code):
    task = make_task(1)
    tree = Tree(task)
    first = tree.call(0, ("kv_get", {"key": "apple"}))
    second = tree.call(first, ("kv_get", {"key": "bread"}))
    leaf = tree.say(second, "Done.")
    step = tree.nodes[first].step
    seen = Observation(call=step.calls[0].id, status=status, http_status=code)
    tree.nodes[first] = tree.nodes[first].model_copy(update={"step": step.model_copy(update={"observations": (seen,)})})
    row, problems = build(task, tree, leaf)
    assert (row.messages[1].train, problems) == (True, [])
    assert orjson.loads(row.messages[2].content)["error"] == status


def test_invalid_answers_are_left_out_and_other_branches_too():
    task = make_task(1)
    tree = Tree(task)
    dead = tree.call(0, ("kv_get", {"key": "dead"}))
    tree.say(dead, "I give up.", kind="give_up")
    bad = tree.say(0, "{broken", kind="invalid")
    good = tree.call(bad, ("kv_list", {}), text="Let me look.", reasoning="I think so.")
    leaf = tree.say(good, "Done.")
    row, problems = build(task, tree, leaf, teacher="some-model")
    assert problems == []
    assert [m.content for m in row.messages if m.role == "assistant"] == ["Let me look.", "Done."]
    assert row.messages[1].reasoning == "I think so."
    assert build(task, tree, leaf, teacher="planner")[0].messages[1].reasoning == ""


def test_turns_of_the_user_stand_where_they_were_said():
    task = make_task(1)
    tree = Tree(task)
    asked = tree.say(0, "Which one?", kind="ask")
    told = tree.say(asked, "The apple.", kind="user")
    leaf = tree.say(tree.call(told, ("kv_get", {"key": "apple"})), "Done.")
    row, problems = build(task, tree, leaf)
    assert problems == []
    assert [m.role for m in row.messages] == ["user", "assistant", "user", "assistant", "tool", "assistant"]
    assert row.messages[2].content == "The apple."


def test_what_was_said_with_other_tools_is_not_trained_on():
    task = make_task(1)
    first = task.turns[0]
    late = (first.model_copy(update={"tools": ("kv_list",)}), first.model_copy(update={"text": "Now you can."}))
    task = task.model_copy(update={"turns": late})
    tree = Tree(task)
    told = tree.say(tree.say(0, "I cannot.", kind="decline"), "Now you can.", kind="user")
    row, problems = build(task, tree, tree.say(tree.call(told, ("kv_list", {})), "Done."))
    assert problems == []
    assert [(m.train, m.reason) for m in row.messages if m.role == "assistant"] == [
        (False, "other_tools"),
        (True, "call"),
        (True, "finish"),
    ]


def whole():
    task = make_task(3)
    tree = Tree(task)
    at = tree.call(0, ("kv_get", {"key": "apple"}), ("kv_get", {"key": "bread"}))
    return build(task, tree, tree.say(at, "Done."))[0]


ASSISTANT = Message(role="assistant", content="So.", train=True)


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda m: m[1:], "begin with the user"),
        (lambda m: m[:-1], "not the assistant's answer"),
        (lambda m: [*m[:2], m[3], m[2], *m[4:]], "does not belong"),
        (lambda m: [*m[:3], *m[4:]], "call_2 without result"),
        (lambda m: [*m[:1], *m[2:]], "does not belong"),
        (lambda m: [m[0], m[0], *m[1:]], "twice in a row"),
        (lambda m: [*m[:1], ASSISTANT, *m[1:]], "is followed by assistant"),
        (lambda m: [*m[:4], *m[1:]], "used twice"),
        (lambda m: [*m[:-1], Message(role="assistant", content=" ")], "neither speaks nor calls"),
        (lambda m: [one.model_copy(update={"train": False}) for one in m], "no message"),
    ],
)
def test_what_is_wrong_with_a_row_is_named(edit, problem):
    row = whole()
    broken = row.model_copy(update={"messages": tuple(edit(list(row.messages)))})
    assert any(problem in found for found in RowBuilder(TOOLS).problems(broken)), RowBuilder(TOOLS).problems(broken)


def test_calls_to_be_trained_on_must_be_valid():
    task = make_task(1)
    tree = Tree(task)
    leaf = tree.say(tree.call(0, ("kv_put", {"key": "a", "amount": 1, "due": "soon"})), "Done.")
    assert build(task, tree, leaf)[1] == ["the arguments of call_1 (kv_put) are not valid"]
    row = whole()
    unoffered = row.model_copy(update={"tools": ()})
    assert "which is not offered" in RowBuilder(TOOLS).problems(unoffered)[0]


def test_what_the_search_was_told_is_in_no_row():
    task = make_task(3)
    tree, leaf = solve(task)
    plain, _ = build(task, tree, leaf)
    told = {"reflection": "LOOK FIRST", "lessons_shown": (1,), "siblings_shown": (1,), "value": 0.25}
    tree.nodes = [node.model_copy(update=told) for node in tree.nodes]
    assert build(task, tree, leaf)[0] == plain
