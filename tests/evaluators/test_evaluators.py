"""Clean paths pass; every planted corruption is caught, and by the evaluator it concerns."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import RESOURCE, TOOLS, TinyReplayer, Tree, make_task, solve

from evaluators.goal import match, satisfies
from toolbench import plugins
from toolbench.model import Assertion, Case, Change, Goal, Replay, Tool

NAMES = ("schema", "executed", "goal", "grounded")
seeds = st.integers(0, 10_000)


def case_of(task, trace, leaf):
    path = trace.path(leaf)
    calls = [call for node in path if node.step for call in node.step.calls]
    return Case(task, trace.id, leaf, path, TOOLS, TinyReplayer().replay(task, calls))


def judge(case, *names):
    return {name: plugins.load("evaluators", name)().evaluate(case) for name in names or NAMES}


def labels(case):
    return {name: verdict.label for name, verdict in judge(case).items()}


def edited(trace, node, **change):
    """Return the trace with a node's step changed."""
    step = trace.nodes[node].step.model_copy(update=change)
    nodes = list(trace.nodes)
    nodes[node] = trace.nodes[node].model_copy(update={"step": step})
    return trace.model_copy(update={"nodes": tuple(nodes)})


def clean(seed):
    task = make_task(seed)
    tree, leaf = solve(task)
    return task, tree.trace(leaf), leaf


@given(seeds)
def test_a_clean_path_passes(seed):
    verdicts = judge(case_of(*clean(seed)))
    assert {verdict.label for verdict in verdicts.values()} == {"pass"}
    assert {name: verdict.evaluator for name, verdict in verdicts.items()} == {name: name for name in NAMES}


@given(seeds, st.integers(1, 2))
def test_an_edited_observation_is_caught(seed, node):
    task, trace, leaf = clean(seed)
    (seen,) = trace.nodes[node].step.observations
    body = {**seen.body, "amount": seen.body["amount"] + 1}
    verdict = judge(case_of(task, edited(trace, node, observations=(seen.model_copy(update={"body": body}),)), leaf))
    assert (verdict["executed"].label, verdict["executed"].kind) == ("fail", "observation_differs")
    assert f"call {node} (kv_get)" in verdict["executed"].reason
    assert "/amount" in verdict["executed"].reason


@pytest.mark.parametrize("change", [{"status": "timeout"}, {"http_status": 201}, {"body": None}])
def test_each_part_of_an_observation_counts(change):
    task, trace, leaf = clean(1)
    (seen,) = trace.nodes[1].step.observations
    case = case_of(task, edited(trace, 1, observations=(seen.model_copy(update=change),)), leaf)
    assert judge(case)["executed"].kind == "observation_differs"


@given(seeds, st.integers(1, 4))
def test_a_changed_argument_is_caught(seed, node):
    task, trace, leaf = clean(seed)
    (call,) = trace.nodes[node].step.calls
    changed = call.model_copy(update={"arguments": {**call.arguments, "key": "zzz"}})
    assert judge(case_of(task, edited(trace, node, calls=(changed,)), leaf))["executed"].label == "fail"


@given(seeds, st.integers(1, 4))
def test_a_dropped_step_is_caught(seed, node):
    task, trace, leaf = clean(seed)
    case = case_of(task, edited(trace, node, calls=(), observations=()), leaf)
    assert judge(case)["executed"].label == "fail"


@given(seeds, st.integers(1, 4))
def test_a_dropped_call_that_leaves_its_observation_is_caught(seed, node):
    task, trace, leaf = clean(seed)
    assert judge(case_of(task, edited(trace, node, calls=()), leaf))["executed"].kind == "observation_missing"


@given(seeds, st.sampled_from(list(itertools.combinations(range(1, 5), 2))))
def test_reordered_steps_are_caught(seed, pair):
    task, trace, leaf = clean(seed)
    one, two = (trace.nodes[place].step for place in pair)
    swapped = edited(edited(trace, pair[0], **dict(two)), pair[1], **dict(one))
    assert judge(case_of(task, swapped, leaf))["executed"].label == "fail"


@given(seeds, st.integers(0, 5))
def test_an_edited_state_is_caught(seed, node):
    task, trace, leaf = clean(seed)
    nodes = list(trace.nodes)
    nodes[node] = nodes[node].model_copy(update={"state": "0" * 32})
    verdict = judge(case_of(task, trace.model_copy(update={"nodes": tuple(nodes)}), leaf))["executed"]
    assert verdict.kind == "state_differs"
    assert f"node {node}" in verdict.reason


def test_several_calls_in_a_step_are_compared_one_by_one():
    task = make_task(2)
    tree = Tree(task)
    node = tree.call(0, *((gold.call.tool, gold.call.arguments) for gold in task.gold))
    leaf = tree.say(node, solve(task)[0].nodes[-1].step.text)
    trace = tree.trace(leaf)
    assert set(labels(case_of(task, trace, leaf)).values()) == {"pass"}
    seen = trace.nodes[node].step.observations
    swapped = (seen[1].model_copy(update={"call": seen[0].call}), seen[0].model_copy(update={"call": seen[1].call}))
    verdict = judge(case_of(task, edited(trace, node, observations=(*swapped, *seen[2:])), leaf))["executed"]
    assert verdict.kind == "observation_differs"


def test_what_cannot_be_executed_anew_is_unscored():
    task, trace, leaf = clean(3)
    case = Case(task, trace.id, leaf, trace.path(leaf), TOOLS, Replay((), (), ()))
    assert [(name, v.label, v.score) for name, v in judge(case, "executed", "goal").items()] == [
        ("executed", "unscored", None),
        ("goal", "unscored", None),
    ]


@given(seeds, st.integers(1, 500))
def test_a_wrong_value_in_the_answer_is_caught(seed, off):
    task, trace, leaf = clean(seed)
    total = task.goal.facts[0].value
    text = trace.nodes[leaf].step.text.replace(str(total), str(total * 7919 + off))
    verdicts = judge(case_of(task, edited(trace, leaf, text=text), leaf))
    assert verdicts["goal"].kind == "fact_missing"
    assert verdicts["grounded"].kind == "ungrounded"
    assert verdicts["executed"].label == "pass"


@given(seeds)
def test_a_collateral_change_is_caught(seed):
    task = make_task(seed)
    tree = Tree(task)
    after = tree.call(0, ("kv_put", {"key": "extra", "amount": 1}))
    tree, leaf = solve(task, tree, after)
    verdicts = judge(case_of(task, tree.trace(leaf), leaf))
    assert verdicts["goal"].kind == "collateral_change"
    assert "extra" in verdicts["goal"].reason
    assert verdicts["executed"].label == "pass"


@given(seeds)
def test_a_change_that_was_undone_is_no_collateral(seed):
    task = make_task(seed)
    tree = Tree(task)
    after = tree.call(0, ("kv_put", {"key": "extra", "amount": 1}))
    after = tree.call(after, ("kv_delete", {"key": "extra"}))
    tree, leaf = solve(task, tree, after)
    assert labels(case_of(task, tree.trace(leaf), leaf))["goal"] == "pass"


@given(seeds, st.integers(2, 3))
def test_a_missing_change_is_caught(seed, skipped):
    task = make_task(seed)
    short = task.model_copy(update={"gold": task.gold[:skipped] + task.gold[skipped + 1 :]})
    tree, leaf = solve(short)
    verdict = judge(case_of(task, tree.trace(leaf), leaf))["goal"]
    assert verdict.kind == "goal_not_reached"


def test_a_wrong_field_is_named():
    task = make_task(4)
    wanted = task.goal.changes[0]
    wrong = wanted.model_copy(update={"fields": {**wanted.fields, "/amount": 5}})
    goal = task.goal.model_copy(update={"changes": (wrong, *task.goal.changes[1:])})
    tree, leaf = solve(task)
    verdict = judge(case_of(task.model_copy(update={"goal": goal}), tree.trace(leaf), leaf))["goal"]
    assert f"/amount is {wanted.fields['/amount']}, not 5" in verdict.reason


def test_an_update_beyond_what_was_asked_is_collateral():
    task = make_task(5)
    before = solve(task)[0].nodes[1].step.observations[0].body
    key = task.gold[0].call.arguments["key"]
    goal = task.goal.model_copy(
        update={"changes": (Assertion(resource=RESOURCE, kind="updated", key=key, fields={"/amount": 7}),), "facts": ()}
    )
    task = task.model_copy(update={"goal": goal})

    def verdict(due):
        tree = Tree(task)
        leaf = tree.say(tree.call(0, ("kv_put", {"key": key, "amount": 7, "due": due})), "Done.")
        return judge(case_of(task, tree.trace(leaf), leaf))["goal"]

    assert verdict(before["due"]).label == "pass"
    assert (verdict("2030-01-01").kind, "/due" in verdict("2030-01-01").reason) == ("collateral_change", True)


@pytest.mark.parametrize(
    ("before", "after", "collateral"),
    [
        ({"at": "2026-01-01"}, {"at": "2026-02-02"}, False),
        ({"at": "2026-01-01"}, {"at": "2030-01-01"}, True),
        ({"note": "old"}, {}, False),
        ({"note": "old"}, {"note": None}, True),
        ({"tags": ["x", "y"]}, {"tags": ["x"]}, False),
        ({"tags": ["x", "y"]}, {"tags": ["x", "z"]}, True),
        ({"flag": 1}, {"flag": True}, True),
        ({"rate": 1}, {"rate": 1.0}, False),
        ({"list": []}, {"list": {}}, True),
    ],
)
def test_what_counts_as_collateral_in_an_updated_entity(before, after, collateral):
    task = make_task(5)
    key = task.gold[0].call.arguments["key"]
    wanted = Assertion(resource=RESOURCE, kind="updated", key=key, fields={"/amount": 7})
    task = task.model_copy(update={"goal": Goal(changes=(wanted,))})
    tree = Tree(task)
    leaf = tree.say(tree.call(0, ("kv_put", {"key": key, "amount": 7, "due": "2030-01-01"})), "Done.")
    case = case_of(task, tree.trace(leaf), leaf)
    made = Change(
        resource=RESOURCE, key=key, kind="updated", before={"amount": 1, **before}, after={"amount": 7, **after}
    )
    case = Case(task, case.trace, leaf, case.path, TOOLS, Replay((), case.replay.states, (made,)))
    assert (judge(case, "goal")["goal"].kind == "collateral_change") == collateral


@pytest.mark.parametrize(
    ("kind", "decision", "expected"),
    [
        ("give_up", "call", "gave_up"),
        ("ask", "call", "wrong_decision"),
        ("finish", "decline", "wrong_decision"),
        ("invalid", "call", "no_answer"),
        ("decline", "decline", ""),
    ],
)
def test_the_decision_must_be_right(kind, decision, expected):
    task = make_task(6).model_copy(update={"decision": decision, "goal": Goal()})
    tree = Tree(task)
    leaf = tree.say(0, "So be it.", kind=kind)
    assert judge(case_of(task, tree.trace(leaf), leaf))["goal"].kind == expected


def test_a_path_that_stops_in_a_call_has_no_answer():
    task = make_task(6)
    tree = Tree(task)
    leaf = tree.call(0, ("kv_list", {}))
    verdicts = judge(case_of(task, tree.trace(leaf), leaf))
    assert (verdicts["goal"].kind, verdicts["grounded"].kind) == ("no_answer", "no_answer")


def assertion(kind="created", key="", **fields):
    return Assertion(resource="r", kind=kind, key=key, fields={f"/{name}": value for name, value in fields.items()})


def change(key, kind="created", **after):
    return Change(resource="r", key=key, kind=kind, after=after)


def test_assignment_is_not_greedy():
    loose, strict = assertion(a=1), assertion(a=1, b=2)
    both, one = change("x", a=1, b=2), change("y", a=1)
    assert match((loose, strict), (both, one)) == {0: 1, 1: 0}


@given(st.lists(st.sets(st.integers(0, 4)), max_size=5), st.lists(st.sets(st.integers(0, 4)), max_size=5))
def test_assignment_is_as_large_as_brute_force_finds(asked, made):
    wanted = [assertion(**{f"f{number}": number for number in fields}) for fields in asked]
    changes = [change(str(place), **{f"f{number}": number for number in fields}) for place, fields in enumerate(made)]
    pairs = match(wanted, changes)
    assert len(set(pairs.values())) == len(pairs)
    assert all(satisfies(changes[option], wanted[one]) for one, option in pairs.items())
    fits = [[satisfies(option, one) for option in changes] for one in wanted]
    assert len(pairs) == largest(fits, 0, frozenset())


def largest(fits, row, used):
    if row == len(fits):
        return 0
    taken = [1 + largest(fits, row + 1, used | {c}) for c, fit in enumerate(fits[row]) if fit and c not in used]
    return max([largest(fits, row + 1, used), *taken])


def schema_verdict(*steps):
    task = make_task(7)
    tree, at = Tree(task), 0
    for tool, arguments in steps:
        at = tree.call(at, (tool, arguments))
    leaf = tree.say(at, "Done.")
    trace = tree.trace(leaf)
    return trace, leaf, judge(case_of(task, trace, leaf), "schema")["schema"]


def test_a_mended_call_is_a_recovery():
    _, _, verdict = schema_verdict(("kv_put", {"amount": 1}), ("kv_put", {"key": "a", "amount": 1}))
    assert (verdict.label, "recovered from 1" in verdict.reason) == ("pass", True)
    for first in (("kv_fetch", {}), ("kv_put", {"amount": 1})):
        assert schema_verdict(first, ("kv_list", {}))[2].label == "pass"


def test_a_call_that_stays_invalid_fails():
    _, _, verdict = schema_verdict(("kv_put", {"key": "a", "amount": 1}), ("kv_put", {"amount": 1}))
    assert (verdict.kind, "call 2 (kv_put)" in verdict.reason) == ("invalid_arguments", True)
    _, _, verdict = schema_verdict(("kv_put", {"amount": 1}), ("kv_get", {"key": "zzz"}))
    assert verdict.kind == "invalid_arguments"
    _, _, verdict = schema_verdict(("kv_list", {}), ("kv_fetch", {}))
    assert verdict.kind == "unknown_tool"


@pytest.mark.parametrize(
    "arguments", [{"key": "a", "amount": "1"}, {"key": "a", "amount": 1, "due": "soon"}, {"key": "A", "amount": 1}]
)
def test_an_invalid_call_that_worked_fails_even_when_repeated_well(arguments):
    _, _, verdict = schema_verdict(("kv_put", arguments), ("kv_put", {"key": "a", "amount": 1}))
    assert (verdict.kind, "yet worked" in verdict.reason) == ("invalid_arguments", True)


def test_a_tool_without_a_sound_schema_is_unscored():
    task = make_task(7)
    tree = Tree(task)
    leaf = tree.say(tree.call(0, ("kv_list", {})), "Done.")
    trace = tree.trace(leaf)
    broken = Tool.model_validate({**TOOLS["kv_list"].model_dump(), "parameters": {"type": "nonsense"}})
    case = case_of(task, trace, leaf)
    case = Case(case.task, case.trace, case.leaf, case.path, {"kv_list": broken}, case.replay)
    assert judge(case, "schema")["schema"].label == "unscored"


def test_one_corruption_at_random_places_never_passes_all():
    rng = random.Random(0)
    for seed in range(60):
        task, trace, leaf = clean(seed)
        node = rng.randrange(1, 5)
        step = trace.nodes[node].step
        corruption = rng.choice(
            [
                {"calls": tuple(call.model_copy(update={"tool": "kv_list"}) for call in step.calls)},
                {"calls": (*step.calls, *step.calls), "observations": (*step.observations, *step.observations)},
                {"observations": tuple(seen.model_copy(update={"body": {"key": "x"}}) for seen in step.observations)},
                {"calls": (), "observations": ()},
            ]
        )
        if node == 5 or step.calls[0].tool == "kv_list":
            continue
        assert "fail" in labels(case_of(task, edited(trace, node, **corruption), leaf)).values(), (seed, node)


@given(seeds)
def test_where_no_solution_is_known_the_goal_is_left_open(seed):
    task, trace, leaf = clean(seed)
    nothing = {"solution": "unknown", "gold": (), "goal": Goal(), "answer": "", "decision": "ask"}
    open_task = task.model_copy(update=nothing)
    verdicts = judge(case_of(open_task, trace, leaf))
    assert (verdicts["goal"].label, verdicts["goal"].kind, verdicts["goal"].score) == ("unscored", "no_gold", None)
    assert {verdicts[name].label for name in NAMES if name != "goal"} == {"pass"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"kind": "give_up"}, "gave_up"), ({"text": " "}, "no_answer"), ({"kind": "invalid"}, "no_answer")],
)
def test_without_a_solution_a_turn_must_be_closed_all_the_same(change, kind):
    task, trace, leaf = clean(1)
    open_task = task.model_copy(update={"solution": "unknown"})
    verdict = judge(case_of(open_task, edited(trace, leaf, **change), leaf), "goal")["goal"]
    assert (verdict.label, verdict.kind) == ("fail", kind)


@pytest.mark.parametrize("kind", ["ask", "decline", "confirm"])
def test_without_a_solution_any_decision_may_be_right(kind):
    task, trace, leaf = clean(1)
    open_task = task.model_copy(update={"solution": "unknown"})
    assert judge(case_of(open_task, edited(trace, leaf, kind=kind), leaf), "goal")["goal"].label == "unscored"


def test_without_a_solution_every_turn_must_be_heard():
    task, trace, leaf = clean(1)
    longer = task.model_copy(update={"solution": "unknown", "turns": (*task.turns, *task.turns)})
    assert judge(case_of(longer, trace, leaf), "goal")["goal"].kind == "no_answer"
