"""Chats of paths, and where the values of calls come from."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TOOLS, Tree, make_task, solve

from toolbench.model import Fault, Origin, Turn
from toolbench.report.conversation import LONGEST_RESULT, Conversations, body_text
from toolbench.report.origins import Origins


def sources(calls):
    return [(piece.text, piece.source) for call in calls for piece in call.arguments if piece.source]


def test_a_chat_goes_from_the_question_to_the_answer():
    task = make_task(1)
    tree, end = solve(task)
    chat = Conversations(TOOLS).chat(tree.trace(end), end, task)
    assert [speech.role for speech in chat] == ["user", *["assistant"] * 5]
    assert [call.tool for speech in chat for call in speech.calls] == [gold.call.tool for gold in task.gold]
    assert all(call.ok for speech in chat for call in speech.calls)
    assert chat[-1].text.startswith("The sum is")


def test_values_have_the_source_that_the_solution_names():
    task = make_task(1)
    gold = task.gold[2].model_copy(update={"origins": (Origin(pointer="/amount", kind="derived", call="g1"),)})
    task = task.model_copy(update={"gold": (*task.gold[:2], gold, task.gold[3])})
    tree, end = solve(task)
    put = Conversations(TOOLS).calls(tree.trace(end), task)[3]
    held = dict(sources(put))
    arguments = gold.call.arguments
    assert held[orjson.dumps(arguments["amount"]).decode()] == "derived"
    assert held[orjson.dumps(arguments["due"]).decode()] == "observed"
    assert held['"total"'] == "user"


def test_values_are_traced_along_their_own_path_alone():
    task = make_task(1).model_copy(update={"gold": (), "turns": (Turn(text="Do something."),)})
    tree = Tree(task)
    seen = tree.call(0, ("kv_list", {}))
    key = tree.nodes[seen].step.observations[0].body
    name = key["keys"][0] if isinstance(key, dict) and "keys" in key else orjson.loads(orjson.dumps(key))
    value = name if isinstance(name, str) else next(str(inner) for inner in _strings(name))
    after = tree.call(seen, ("kv_get", {"key": value}))
    apart = tree.call(0, ("kv_get", {"key": value}))
    calls = Conversations(TOOLS).calls(tree.trace(None, "gave_up"), task)
    assert sources(calls[after]) == [(f'"{value}"', "observed")]
    assert sources(calls[apart]) == [(f'"{value}"', "unknown")]


def _strings(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9999, 9999) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_pieces_make_up_the_arguments(arguments):
    task = make_task(1)
    tree = Tree(task)
    tree.call(0, ("kv_get", {"key": "zzz"}))
    node = tree.nodes[1]
    call = node.step.calls[0].model_copy(update={"arguments": arguments})
    step = node.step.model_copy(update={"calls": (call,)})
    (pieces,) = Origins(task, TOOLS).follow(node.model_copy(update={"step": step}))
    assert orjson.loads("".join(piece.text for piece in pieces)) == arguments


@pytest.mark.parametrize(
    ("update", "note"),
    [
        ({"source": "made_up"}, "made up"),
        ({"source": "simulated"}, "language model"),
        ({"fault": Fault(kind="rate_limited", recovery="wait_and_retry")}, "rate limited"),
        ({"truncated": True}, "cut"),
    ],
)
def test_what_the_agent_could_not_see_is_noted(update, note):
    task = make_task(1)
    tree, end = solve(task)
    step = tree.nodes[1].step
    seen = step.observations[0].model_copy(update=update)
    tree.nodes[1] = tree.nodes[1].model_copy(update={"step": step.model_copy(update={"observations": (seen,)})})
    (call,) = Conversations(TOOLS).chat(tree.trace(end), end, task)[1].calls
    assert note in call.notes[0]


def test_long_results_are_cut():
    text = body_text({"text": "x" * 5_000})
    assert len(text) < LONGEST_RESULT + 60
    assert text.endswith("more characters")
    assert body_text(None) == "(empty)"
