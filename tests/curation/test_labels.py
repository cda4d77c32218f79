"""Right, wrong and unlabelled steps of trees made by hand; what was not explored is neither."""

import pytest
from tiny_world import TOOLS, TinyReplayer, Tree, make_run, make_task, solve

from toolbench.curation.judgements import Judgements
from toolbench.curation.labels import label
from toolbench.curation.preferences import ExampleBuilder
from toolbench.curation.rows import RowBuilder
from toolbench.pipeline.evaluate import evaluate

TASK = make_task(0)
BUILDER = ExampleBuilder(RowBuilder(TOOLS))


@pytest.fixture
def judged(tmp_path):
    def judge(tree, best):
        trace = tree.trace(best)
        run = make_run(tmp_path / "run", [trace], [TASK])
        evaluate(run, TinyReplayer())
        return trace, Judgements(run.verdicts)

    return judge


def test_a_call_that_could_not_be_run_is_wrong_even_where_it_was_made_good(judged):
    tree = Tree(TASK)
    broken = tree.call(0, ("kv_put", {"amount": 1}))
    _, leaf = solve(TASK, tree, broken)
    trace, judgements = judged(tree, leaf)
    labels = label(trace, judgements, 2)
    assert labels.wrong == {broken: "invalid_arguments"}
    assert set(labels.right) == {node.id for node in trace.nodes} - {broken}
    assert set(labels.right.values()) == {leaf}


def test_a_wrong_sibling_makes_a_pair(judged):
    tree = Tree(TASK)
    broken = tree.call(0, ("kv_put", {"amount": 1}))
    tree.say(broken, "", kind="give_up")
    _, leaf = solve(TASK, tree, 0)
    trace, judgements = judged(tree, leaf)
    labels = label(trace, judgements, 2)
    (pair,) = BUILDER.pairs(trace, TASK, labels)
    assert (pair.rejected_node, pair.fault, pair.leaf) == (broken, "invalid_arguments", leaf)
    assert pair.prompt[-1].role == "user"
    assert pair.rejected.calls[0].arguments == {"amount": 1}
    assert pair.chosen.calls != pair.rejected.calls
    (path,) = [one for one in BUILDER.paths(trace, TASK, labels) if one.leaf == leaf]
    assert all(step.right for step in path.steps)


def test_what_was_not_explored_is_neither(judged):
    tree = Tree(TASK)
    open_one = tree.call(0, ("kv_list", {}))
    half = tree.call(0, ("kv_get", {"key": "apple"}))
    tree.say(half, "", kind="give_up")
    _, leaf = solve(TASK, tree, 0)
    trace, judgements = judged(tree, leaf)
    labels = label(trace, judgements, 2)
    assert not {open_one, half} & (labels.right.keys() | labels.wrong.keys())
    assert list(BUILDER.pairs(trace, TASK, labels)) == []


def test_what_was_tried_as_often_as_the_search_tries_is_wrong(judged):
    tree = Tree(TASK)
    dead = tree.call(0, ("kv_delete", {"key": "nowhere"}))
    tree.say(dead, "", kind="give_up")
    tree.say(dead, "All is done.")
    _, leaf = solve(TASK, tree, 0)
    trace, judgements = judged(tree, leaf)
    assert label(trace, judgements, 2).wrong[dead] == "exhausted"
    assert dead not in label(trace, judgements, 3).wrong
    faults = {pair.fault for pair in BUILDER.pairs(trace, TASK, label(trace, judgements, 2))}
    assert faults == {"exhausted"}


def test_giving_up_is_wrong_only_beside_a_right_step(judged):
    tree = Tree(TASK)
    beside = tree.say(0, "", kind="give_up")
    lost = tree.call(0, ("kv_delete", {"key": "apple"}), ("kv_delete", {"key": "bread"}))
    alone = tree.say(lost, "", kind="give_up")
    _, leaf = solve(TASK, tree, 0)
    trace, judgements = judged(tree, leaf)
    labels = label(trace, judgements, 2)
    assert labels.wrong[beside] == "gave_up"
    assert alone not in labels.wrong
    assert list(BUILDER.pairs(trace, TASK, labels)) == [], "giving up says nothing that could be a message"


def test_an_end_that_fails_is_wrong(judged):
    tree = Tree(TASK)
    early = tree.say(0, "The sum is 3.")
    _, leaf = solve(TASK, tree, 0)
    trace, judgements = judged(tree, leaf)
    labels = label(trace, judgements, 2)
    assert labels.wrong == {early: "wrong_end"}
    (pair,) = BUILDER.pairs(trace, TASK, labels)
    assert pair.rejected.content == "The sum is 3."


def test_without_verdicts_no_end_is_right(judged):
    tree = Tree(TASK)
    _, leaf = solve(TASK, tree, 0)
    trace = tree.trace(leaf)
    labels = label(trace, Judgements([]), 2)
    assert (labels.right, labels.wrong) == ({}, {})
