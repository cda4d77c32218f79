"""The evaluator `calls`: a path's calls against the task's accepted calls."""

import pytest
from tiny_world import TOOLS, TinyReplayer, Tree, make_task, solve

from evaluators.calls import CallsEvaluator
from toolbench.model import AcceptedCall, Case


def judge(task, tree, leaf):
    path = tree.trace(leaf).path(leaf)
    calls = [call for node in path if node.step for call in node.step.calls]
    return CallsEvaluator().evaluate(Case(task, "t", leaf, path, TOOLS, TinyReplayer().replay(task, calls)))


def answered(seed=1, **change):
    """Return a task whose gold calls are the accepted ones, in another order."""
    task = make_task(seed)
    accepted = [
        AcceptedCall(name=gold.call.tool, arguments={key: [value] for key, value in gold.call.arguments.items()})
        for gold in reversed(task.gold)
    ]
    return task.model_copy(update={"accepted": tuple(accepted), **change})


def test_the_accepted_calls_pass_in_any_order():
    verdict = judge(answered(), *solve(answered()))
    assert (verdict.label, verdict.evaluator) == ("pass", "calls")


def test_without_accepted_calls_nobody_can_tell():
    task = make_task(1)
    assert task.accepted is None
    verdict = judge(task, *solve(task))
    assert (verdict.label, verdict.kind, verdict.score) == ("unscored", "no_accepted_calls", None)


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ([("kv_get", {"key": "A"})], "right"),
        ([("kv_get", {"key": "b"})], "wrong_value"),
        ([("kv_get", {})], "missing_argument"),
        ([("kv_list", {})], "wrong_function"),
        ([("kv_get", {"key": "a"})] * 2, "wrong_count"),
        ([], "no_call"),
    ],
)
def test_kinds(made, kind):
    task = answered(accepted=(AcceptedCall(name="kv_get", arguments={"key": ["a"]}),))
    tree = Tree(task)
    node = tree.call(0, *made) if made else 0
    verdict = judge(task, tree, tree.say(node, "Done."))
    assert (verdict.kind or "right") == kind
    assert verdict.label == ("pass" if kind == "right" else "fail")


def test_where_no_call_is_right_one_is_needless():
    task = answered(accepted=())
    assert judge(task, *solve(task)).kind == "needless_call"
    tree = Tree(task)
    assert judge(task, tree, tree.say(0, "I cannot.")).label == "pass"


def test_gold_that_contradicts_its_document_is_not_held_against_the_path():
    task = answered(accepted=(AcceptedCall(name="kv_get", arguments={"name": ["a"]}),))
    verdict = judge(task, *solve(task))
    assert (verdict.label, verdict.kind) == ("unscored", "gold_contradicts_document")
