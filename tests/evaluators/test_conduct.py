"""What the measures say of paths with known merits and faults: provenance, minimal, redundant, decision, recovered."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tiny_world import TOOLS, TinyReplayer, Tree, make_task, solve

from toolbench import plugins
from toolbench.curation.judgements import MEASURES
from toolbench.model import Call, Case, Fault, Node, Observation, Replay, Step, Task, Tool, Turn
from toolbench.model.pointers import leaves

seeds = st.integers(0, 10_000)


def case_of(task, tree, leaf):
    trace = tree.trace(leaf)
    path = trace.path(leaf)
    calls = [call for node in path if node.step for call in node.step.calls]
    return Case(task, trace.id, leaf, path, TOOLS, TinyReplayer().replay(task, calls), TinyReplayer())


def judged(name, case):
    return plugins.load("evaluators", name)().evaluate(case)


@given(seeds)
@example(240)  # Adds up two equal amounts.
def test_a_clean_path(seed):
    task = make_task(seed)
    case = case_of(task, *solve(task))
    labels = {name: judged(name, case).label for name in ("provenance", *MEASURES)}
    assert labels == {**dict.fromkeys(("provenance", *MEASURES), "pass"), "recovered": "unscored", "turns": "unscored"}


# -- minimal and redundant -----------------------------------------------------------------------------------------


@given(seeds, st.integers(0, 3))
def test_a_needless_look_up_is_named(seed, at):
    task = make_task(seed)
    short = task.model_copy(update={"gold": task.gold[:at]})
    tree, leaf = Tree(task), 0
    for gold in short.gold:
        leaf = tree.call(leaf, (gold.call.tool, gold.call.arguments))
    leaf = tree.call(leaf, ("kv_list", {}))
    rest = task.model_copy(update={"gold": task.gold[at:]})
    case = case_of(task, *solve(rest, tree, leaf))
    verdict = judged("minimal", case)
    assert (verdict.label, verdict.kind) == ("fail", "needless_call")
    assert verdict.reason == f"could be left out: call {at + 1} (kv_list)"
    assert verdict.score == pytest.approx(4 / 5)
    assert judged("redundant", case).label == "pass"


@given(seeds)
def test_a_repeat_is_both_needless_and_redundant(seed):
    task = make_task(seed)
    tree = Tree(task)
    first = task.gold[0].call
    leaf = tree.call(tree.call(0, (first.tool, first.arguments)), (first.tool, first.arguments))
    case = case_of(task, *solve(task.model_copy(update={"gold": task.gold[1:]}), tree, leaf))
    assert judged("redundant", case).reason == "call 2 (kv_get) repeats call 1"
    assert judged("minimal", case).kind == "needless_call"


def test_reading_again_after_a_change_is_no_repeat():
    task = make_task(1)
    tree = Tree(task)
    leaf = tree.call(tree.call(0, ("kv_list", {})), ("kv_put", {"key": "x", "amount": 1}))
    leaf = tree.say(tree.call(leaf, ("kv_list", {})), "Done.")
    assert judged("redundant", case_of(task, tree, leaf)).label == "pass"


def test_repeats_are_judged_by_what_was_changed_where_that_is_known():
    task = make_task(1)
    tree = Tree(task)
    put = ("kv_put", {"key": "x", "amount": 1})
    leaf = tree.say(tree.call(tree.call(0, put), put), "Done.")
    case = case_of(task, tree, leaf)
    known = Replay(case.replay.observations, case.replay.states, case.replay.changes, (True, False))
    assert judged("redundant", case).label == "pass"
    assert judged("redundant", Case(task, "r", leaf, case.path, TOOLS, known)).kind == "repeated_call"


def test_what_a_path_needs_cannot_be_told_where_it_misses_its_goal_or_cannot_be_executed():
    task = make_task(1)
    tree = Tree(task)
    leaf = tree.say(tree.call(0, ("kv_list", {})), "Done.")
    case = case_of(task, tree, leaf)
    assert judged("minimal", case).kind == "goal_missed"
    assert judged("minimal", Case(task, "r", leaf, case.path, TOOLS, Replay((), (), ()))).kind == "not_repeatable"


def test_a_failed_call_is_a_recovery_not_a_needless_one():
    task = make_task(1)
    tree = Tree(task)
    leaf = tree.call(0, ("kv_get", {"key": "nothing"}))
    case = case_of(task, *solve(task, tree, leaf))
    assert judged("minimal", case).label == "pass"
    assert judged("recovered", case).reason == "made up for call 1 (kv_get: http error)"


# -- recovered -------------------------------------------------------------------------------------------------------


def troubled(recovery, *after, kind="server_error", status="http_error"):
    """Return a path on which a fault was met, what was done after that, and no goal reached."""
    get = {"key": "apple"}
    fault = Fault(kind=kind, recovery=recovery) if recovery else None
    seen = [(get, Observation(call="c0", status=status, fault=fault))]
    seen += [(arguments, Observation(call=f"c{place}", **told)) for place, (arguments, told) in enumerate(after, 1)]
    nodes = [Node(id=0, parent=None, step=None, status="open", state="")]
    for arguments, observation in seen:
        call = Call(id=observation.call, tool="kv_get", arguments=arguments)
        step = Step(kind="call", calls=(call,), observations=(observation,))
        nodes.append(Node(id=len(nodes), parent=len(nodes) - 1, step=step, status="open", state=""))
    end = Step(kind="finish", text="Done.")
    nodes.append(Node(id=len(nodes), parent=len(nodes) - 1, step=end, status="answered", state=""))
    return Case(make_task(1), "r", len(nodes) - 1, tuple(nodes), TOOLS, Replay((), ("x",), ()))


GET, OTHER, OK = {"key": "apple"}, {"key": "bread"}, {"status": "ok", "body": {"amount": 3}}
AGAIN = {"status": "http_error", "fault": Fault(kind="server_error", recovery="retry")}


@pytest.mark.parametrize(
    ("recovery", "after", "label", "kind"),
    [
        ("retry", [(GET, OK)], "pass", ""),
        ("retry", [], "fail", "not_retried"),
        ("retry", [(OTHER, OK)], "fail", "not_retried"),
        ("retry", [(GET, AGAIN)], "fail", "not_retried"),
        ("retry", [(GET, AGAIN), (GET, OK)], "pass", ""),
        ("wait_and_retry", [], "fail", "not_retried"),
        ("read_again", [(GET, {**OK, "fault": Fault(kind="schema_drift", recovery="adapt")})], "fail", "not_adapted"),
        ("read_again", [], "fail", "not_read_again"),
        ("adapt", [(OTHER, OK)], "pass", ""),
        ("adapt", [], "fail", "not_adapted"),
        ("go_on", [], "unscored", "nothing_met"),
        ("", [(OTHER, OK)], "pass", ""),
        ("", [], "fail", "not_made_up"),
    ],
)
def test_each_recovery(recovery, after, label, kind):
    verdict = judged("recovered", troubled(recovery, *after))
    assert (verdict.label, verdict.kind) == (label, kind)


def test_retries_are_no_repeats():
    assert judged("redundant", troubled("retry", (GET, OK))).label == "pass"
    assert judged("redundant", troubled("", (GET, OK), status="timeout")).label == "pass"
    assert judged("redundant", troubled("retry", (GET, OK), (GET, OK))).kind == "repeated_call"


# -- decision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", ["call", "ask", "decline", "confirm"])
@pytest.mark.parametrize("taken", ["finish", "ask", "decline", "confirm", "give_up"])
def test_the_decision_alone_counts(right, taken):
    task = make_task(1).model_copy(update={"decision": right, "gold": ()})
    tree = Tree(task)
    verdict = judged("decision", case_of(task, tree, tree.say(0, "So be it.", kind=taken)))
    fits = taken == {"call": "finish"}.get(right, right)
    assert (verdict.label, verdict.kind) == (
        ("pass", "") if fits else ("fail", "gave_up" if taken == "give_up" else "wrong_decision")
    )


def test_where_nobody_has_said_what_is_right_the_decision_is_unscored():
    task = make_task(1).model_copy(update={"solution": "unknown"})
    assert judged("decision", case_of(task, *solve(task))).kind == "no_gold"


# -- provenance ------------------------------------------------------------------------------------------------------

USER = "Book the 5 March 2026 slot for Ada Lovelace, ada@navy.example, for two people, with the note 'Window seat'."
BODY = {
    "id": "slot_8f3a",
    "price": 12.5,
    "fee_cents": 1999,
    "opens_at": "2026-03-05T09:30:00Z",
    "owner": "acme",
    "tags": ["a", "b", "c"],
}
TOOL = Tool(
    name="book",
    api="kv",
    description="Books a slot.",
    parameters={
        "type": "object",
        "properties": {
            "mode": {"enum": ["fast", "slow"]},
            "limit": {"type": "integer", "default": 77},
            "deep": {"$ref": "#/$defs/deep"},
        },
        "$defs": {"deep": {"type": "object", "properties": {"sort": {"anyOf": [{"const": "newest"}]}}}},
    },
    binding=TOOLS["kv_get"].binding,
    safety="write",
    source=TOOLS["kv_get"].source,
)


def booked(arguments, status="ok", after=()):
    look = Call(id="c1", tool="kv_get", arguments={})
    book = Call(id="c2", tool="book", arguments=arguments)
    steps = [
        Step(kind="call", calls=(look,), observations=(Observation(call="c1", status="ok", body=BODY),)),
        Step(kind="call", calls=(book,), observations=(Observation(call="c2", status=status, body={"x": "later_1"}),)),
        *after,
        Step(kind="finish", text="Done."),
    ]
    nodes = [Node(id=0, parent=None, step=None, status="open", state="")]
    nodes += [Node(id=at, parent=at - 1, step=step, status="open", state="") for at, step in enumerate(steps, 1)]
    task = Task(id="t1", kind="change", turns=(Turn(text=USER),), apis=("kv",), world_seed=0)
    case = Case(task, "r", len(nodes) - 1, tuple(nodes), {**TOOLS, "book": TOOL}, Replay((), (), ()))
    return judged("provenance", case)


@pytest.mark.parametrize(
    "arguments",
    [
        {"date": "2026-03-05"},
        {"at": "2026-03-05T00:00:00Z"},
        {"name": "Ada Lovelace", "email": "ada@navy.example", "note": "Window seat"},
        {"guests": 2},
        {"id": "slot_8f3a", "ref": "acme/slot_8f3a"},
        {"price": 12.5, "total": "12.50", "cents": 1250, "fee": 19.99, "many": 3},
        {"mode": "fast", "limit": 77, "deep": {"sort": "newest"}},
        {"idempotency_key": "0b7cfd0e-1111-4222-8333-444455556666"},
        {"empty": {}, "none": None, "list": []},
        {"people": True},
        {"text": "Please keep the seat for Ada Lovelace on 5 March."},
    ],
)
def test_what_can_be_traced(arguments):
    assert booked(arguments).label == "pass"


@pytest.mark.parametrize(
    "arguments",
    [
        {"date": "2026-03-06"},
        {"name": "Grace Hopper"},
        {"email": "ada@army.example"},
        {"guests": 31},
        {"id": "slot_8f3b"},
        {"id": "later_1"},
        {"mode": "medium"},
        {"limit": 78},
        {"deep": {"sort": "oldest"}},
        {"archived": True},
        {"text": "Please keep the seat for Grace Hopper on 9 May."},
        {"nested": [{"deep": "unheard"}]},
    ],
)
def test_what_cannot(arguments):
    verdict = booked(arguments)
    (pointer,) = [place for place, _ in leaves(arguments)]
    assert (verdict.label, verdict.kind) == ("fail", "untraceable")
    assert f"call 2 (book) {pointer}" in verdict.reason


def test_a_refused_call_that_was_left_behind_is_a_recovery():
    right = Call(id="c3", tool="book", arguments={"id": "slot_8f3a"})
    after = Step(kind="call", calls=(right,), observations=(Observation(call="c3", status="ok"),))
    assert booked({"id": "unknown"}, status="http_error", after=[after]).label == "pass"
    assert booked({"id": "unknown"}, status="http_error").label == "fail"
