import asyncio
from collections import Counter
from dataclasses import fields
from typing import get_args

import pytest
from scenery import CREATE, PROVENANCE, RESIZE, TALK, TOOLS, Backend, attempt, call, calls_of, gold, observed, user

from searchers.dfsdt import Dfsdt
from searchers.react import React
from toolbench.agent.explore import explore
from toolbench.agent.gold import follow, made_on, reply
from toolbench.agent.mistakes import LEVELS, ErrorLevel, ErrorRates, altered, fitted
from toolbench.agent.planner import PATIENCE, Planner
from toolbench.agent.policy import View
from toolbench.model import Fact, Goal, Node, Turn
from toolbench.model.pointers import at, replaced

NONE = ErrorRates.none()
KINDS = [field.name for field in fields(ErrorRates)]


def only(**rates):
    return ErrorRates(**dict.fromkeys(KINDS, 0.0) | rates)


def planned(task, rates=NONE, *, seed=7, searcher=None, **others):
    provenance = PROVENANCE.model_copy(update={"seed": seed})
    made = attempt(Planner(task, rates), task=task, searcher=searcher or Dfsdt(), provenance=provenance, **others)
    return asyncio.run(explore(made))


def ran(trace):
    """The calls of the best path, as tool and arguments."""
    return [(one.tool, one.arguments) for one, _ in calls_of(trace, trace.best)]


async def walk(*steps, executor=None):
    """The path that these steps lead along."""
    backend, path = executor or Backend(), [Node(id=0, parent=None, step=None, status="open", state="")]
    state = await backend.start(RESIZE)
    for place, step in enumerate(steps, 1):
        seen = []
        for one in step.calls:
            observation, state = await backend.call(one, state)
            seen.append(observation)
        done = step.model_copy(update={"observations": tuple(seen)})
        path.append(Node(id=place, parent=place - 1, step=done, status="open", state=""))
    return tuple(path)


def view(path, task=RESIZE, **others):
    return View(**{"turns": task.turns[:1], "path": path, "tools": TOOLS, "seed": 7} | others)


async def proposed(path, task=RESIZE, rates=NONE, **others):
    return (await Planner(task, rates).propose(view(path, task, **others))).step


def actions(step):
    return [(one.tool, one.arguments) for one in step.calls]


RIGHT = (
    ("find_boxes", {"label": "winter"}),
    ("get_box", {"id": "box-0101"}),
    ("resize_box", {"id": "box-0101", "size": 6}),
)
RIGHT_CREATE = ("create_box", {"label": "shoes", "size": 3})


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("searcher", [Dfsdt(), React()])
def test_it_solves_what_it_knows(seed, searcher):
    trace = planned(RESIZE, seed=seed, searcher=searcher)
    assert (trace.outcome, trace.nodes[trace.best].step.text) == ("answered", RESIZE.answer)
    assert tuple(ran(trace)) == RIGHT
    assert trace.usage.queries == len(trace.nodes) - 1


def test_it_reads_ids_from_the_path():
    for seed in range(30):
        trace = planned(CREATE, seed=seed)
        assert dict(ran(trace))["resize_box"] == {"id": "box-0001", "size": 5}
        assert trace.nodes[trace.best].step.text == CREATE.answer


async def test_it_goes_on_rightly_after_a_detour():
    path = await walk(call(("list_boxes", {})), call(("create_box", {"label": "shoes", "size": 3})))
    assert actions(await proposed(path, CREATE, sample=1))[0] == ("resize_box", {"id": "box-0002", "size": 5})
    resized = ("resize_box", {"id": "box-0002", "size": 5})
    path = await walk(call(("list_boxes", {})), call(RIGHT_CREATE, resized), call(("list_rooms", {})))
    last = await proposed(path, CREATE)
    assert (last.kind, last.text) == ("finish", "The new box is box-0002.")


async def test_a_failed_call_is_not_done():
    path = await walk(call(("find_boxes", {"label": 3})), call(RIGHT[0]), call(("get_box", {"id": "box-9999"})))
    progress = follow(RESIZE.gold, made_on(path), lambda item, arguments: arguments)
    assert list(progress.seen) == ["g1"]
    assert [aim.gold.call.id for aim in progress.due] == ["g2"]
    assert [aim.gold.call.id for aim in progress.blocked] == ["g3"]


async def test_the_same_call_twice_needs_two():
    task = RESIZE.model_copy(update={"gold": (gold("g1", "list_boxes", {}), gold("g2", "list_boxes", {}, (), ("g1",)))})
    path = await walk(call(("list_boxes", {})))
    assert actions(await proposed(path, task)) == [("list_boxes", {})]
    path = await walk(call(("list_boxes", {})), call(("list_boxes", {})))
    assert (await proposed(path, task)).kind == "finish"


async def test_independent_calls_sometimes_go_together():
    widths = Counter([len((await proposed(await walk(), CREATE, seed=seed)).calls) for seed in range(400)])
    assert set(widths) == {1, 2}
    assert 60 < widths[2] < 140


@pytest.mark.parametrize("kind", NONE.by_step())
async def test_mistakes_come_at_their_rates(kind):
    """Where each mistake can be made: after the first lookup, with a call due, one blocked and one to repeat."""
    path = await walk(call(RIGHT[0]))
    steps = [await proposed(path, rates=only(**{kind: 0.2}), seed=seed) for seed in range(1500)]
    wrong = [step for step in steps if actions(step) != [RIGHT[1]]]
    assert 240 < len(wrong) < 360
    for step in wrong:
        assert KIND_OF[kind](step), step


KIND_OF = {
    "wrong_tool": lambda step: step.calls[0].tool != "get_box",
    "wrong_argument": lambda step: step.calls[0].tool == "get_box" and step.calls[0].arguments != RIGHT[1][1],
    "skipped_lookup": lambda step: False,
    "early_finish": lambda step: step.kind == "finish" and step.text != RESIZE.answer,
    "give_up": lambda step: step.kind == "give_up",
    "repeat": lambda step: actions(step) == [RIGHT[0]],
    "wrong_decision": lambda step: step.kind in ("ask", "decline"),
}
KIND_OF["skipped_lookup"] = lambda step: (
    step.calls[0].tool == "resize_box" and step.calls[0].arguments["id"] not in ("box-0101", "box-0102")
)


async def test_by_default_fifteen_steps_in_a_hundred_err():
    path = await walk(call(RIGHT[0]))
    steps = [await proposed(path, rates=ErrorRates(misunderstanding=0), seed=seed) for seed in range(3000)]
    assert 0.12 < sum(actions(step) != [RIGHT[1]] for step in steps) / 3000 < 0.18


async def test_a_mistake_that_cannot_be_made_is_not_made():
    step = await proposed(await walk(), rates=only(repeat=1.0))
    assert actions(step) == [RIGHT[0]]
    done = await walk(*(call(one) for one in RIGHT))
    for kind in ("wrong_tool", "wrong_argument", "skipped_lookup", "early_finish"):
        assert (await proposed(done, rates=only(**{kind: 1.0}))).text == RESIZE.answer


async def test_after_an_error_it_mostly_recovers():
    path = await walk(call(RIGHT[0]), call(("get_box", {"id": "box-9999"})))
    steps = [await proposed(path, rates=ErrorRates(misunderstanding=0), seed=seed) for seed in range(500)]
    kinds = Counter(step.kind for step in steps)
    assert set(kinds) == {"call", "give_up"}
    assert 20 < kinds["give_up"] < 90
    assert (await proposed(path, rates=only(discouragement=1.0))).kind == "give_up"
    assert (await proposed(path)).kind == "call"
    assert all(actions(step) == [RIGHT[1]] for step in steps if step.calls)
    assert any("http error" in step.reasoning for step in steps)


async def test_what_fails_again_and_again_is_given_up():
    broken = Backend(trouble=lambda one, state: "rate_limited")
    path = await walk(*[call(RIGHT[0])] * PATIENCE, executor=broken)
    assert (await proposed(path)).kind == "give_up"
    assert [(await proposed(path[:-1], seed=seed)).kind for seed in range(20)].count("call") > 12
    refused = Backend(trouble=lambda one, state: "refused")
    assert (await proposed(await walk(call(RIGHT[0]), executor=refused))).kind == "give_up"


async def test_where_the_right_step_was_tried_it_finds_another():
    async def after(*tried):
        nodes = (await walk(*tried))[1:]
        return actions(await proposed(await walk(), CREATE, siblings=nodes, sample=len(nodes)))

    single, both = call(RIGHT_CREATE), call(RIGHT_CREATE, ("list_rooms", {}))
    assert await after(single) in ([*actions(both)], [("list_rooms", {})])
    assert await after(single, both) == [("list_rooms", {})]
    assert await after(single, both, call(("list_rooms", {}))) == [("list_boxes", {})]
    everything = (single, both, call(("list_rooms", {})), call(("list_boxes", {})))
    assert await after(*everything) in (actions(single), actions(both))


def test_misunderstandings_last_until_an_error_says_so():
    rates = only(misunderstanding=1.0)
    wrong = {}
    for seed in range(40):
        one = planned(RESIZE, rates, seed=seed)
        again = planned(RESIZE, rates, seed=seed, sample=3, searcher=React())
        sizes = {arguments.get("size") for name, arguments in ran(one) if name == "resize_box"}
        assert sizes <= {7, 8, 9, 10, 11, 12, 13, 14, 15}
        wrong[seed] = ran(one)[0]
        assert ran(again)[0] == wrong[seed]
    assert all(name == "find_boxes" and given["label"] != "winter" for name, given in wrong.values())


async def test_an_error_cures_a_misunderstanding():
    rates = only(misunderstanding=1.0)
    task = RESIZE.model_copy(update={"gold": (gold("g1", "get_box", {"id": "box-0101"}, user("/id")),)})
    first = await proposed(await walk(), task, rates)
    assert first.calls[0].arguments["id"] not in ("box-0101", "box-0102")
    path = await walk(first)
    seconds = [await proposed(path, task, rates, sample=sample) for sample in range(10)]
    assert {actions(step)[0][1]["id"] for step in seconds if step.calls} == {"box-0101"}


@pytest.mark.parametrize("task", [RESIZE, CREATE, TALK])
def test_same_seed_same_bytes_whatever_the_searcher(task):
    def steps(trace):
        first = {}
        for node in trace.nodes[1:]:
            first.setdefault(node.parent, node.step.model_dump_json())
        return first[0]

    outcomes = Counter()
    for seed in range(40):
        one = planned(task, ErrorRates(), seed=seed)
        assert one.model_dump_json() == planned(task, ErrorRates(), seed=seed).model_dump_json()
        assert steps(one) == steps(planned(task, ErrorRates(), seed=seed, searcher=React()))
        outcomes[one.outcome] += 1
    assert outcomes["answered"] > 25


def test_it_makes_real_trees():
    traces = [planned(RESIZE, ErrorRates(), seed=seed) for seed in range(200)]
    shapes = Counter(len(trace.nodes) for trace in traces)
    assert shapes[5] > 80, "straight to the goal"
    branched = [trace for trace in traces if len(trace.leaves()) > 1]
    assert len(branched) > 10
    best = [calls_of(trace, trace.best) for trace in traces if trace.best]
    recovered = [
        pairs
        for pairs in best
        if any(seen.status != "ok" for _, seen in pairs) and (pairs[-1][0].tool, pairs[-1][0].arguments) == RIGHT[2]
    ]
    assert len(recovered) > 5
    assert any(trace.nodes[trace.best].step.text != RESIZE.answer for trace in traces if trace.best)


def test_it_talks_with_the_user():
    trace = planned(TALK)
    said = [(node.step.kind, node.step.text) for node in trace.path(trace.best) if node.step]
    assert [kind for kind, _ in said] == ["ask", "user", "call", "finish", "user", "call", "finish"]
    assert said[-1][1] == TALK.answer
    assert ran(trace) == [("create_box", {"label": "books", "size": 12}), ("delete_box", {"id": "box-0001"})]


@pytest.mark.parametrize("decision", ["ask", "decline", "confirm"])
def test_it_decides(decision):
    task = RESIZE.model_copy(update={"gold": (), "decision": decision, "answer": "Well …", "goal": Goal()})
    trace = planned(task)
    assert [node.step and node.step.kind for node in trace.nodes] == [None, decision]
    assert trace.nodes[1].step.text == "Well …"


def test_rates_are_checked():
    for wrong in ({"repeat": -0.1}, {"repeat": 0.6, "give_up": 0.6}, {"misunderstanding": 1.1}, {"discouragement": 2}):
        with pytest.raises(ValueError, match="chances"):
            ErrorRates(**wrong)
    with pytest.raises(ValueError, match="chances"):
        ErrorRates().times(7)


def test_each_level_errs_so_many_times_as_often_as_the_lowest():
    assert set(LEVELS) == set(get_args(ErrorLevel))
    steps = {name: round(sum(rates.by_step().values()), 9) for name, rates in LEVELS.items()}
    assert steps == {"low": 0.15, "middle": 0.3, "high": 0.45}
    assert LEVELS["low"] == ErrorRates()
    for name, factor in (("middle", 2), ("high", 3)):
        shares = {kind: getattr(LEVELS[name], kind) / getattr(ErrorRates(), kind) for kind in KINDS}
        assert shares == dict.fromkeys(KINDS, pytest.approx(factor))


async def test_facts_are_said_as_observed():
    facts = (
        Fact(label="size", value=4, call="g1", source="/size"),
        Fact(label="day", value="2026-03-04", call="g1", source="/day"),
        Fact(label="id", value="box-1", call="g2", source="/id"),
        Fact(label="state", value="in_transit", call="g1", source="/state"),
    )
    task = RESIZE.model_copy(
        update={"goal": Goal(facts=facts), "answer": "Box box-1: 4 of 14, March 4, 2026, in transit. 4!"}
    )
    body = {"size": 5, "day": "2026-04-05", "state": "delivered"}
    (_, node) = await walk(call(("list_boxes", {})))
    seen = {"g1": node.step.observations[0].model_copy(update={"body": body})}
    said = reply(task.answer, facts, seen, lambda fact: fact.value)
    assert said == "Box box-1: 5 of 14, April 5, 2026, delivered. 5!"
    assert "box-2" in reply(task.answer, facts, seen, lambda fact: "box-2")


def test_pointers():
    value = {"a/b": [{"~": 1}], "": 2}
    assert at(value, "/a~1b/0/~0") == 1
    assert at(value, "/") == 2
    assert at(value, "") == value
    assert [at(value, pointer) for pointer in ("/x", "/a~1b/1", "/a~1b/x", "/a~1b/0/~0/y")] == [None] * 4
    assert replaced(value, "/a~1b/0/~0", 9) == {"a/b": [{"~": 9}], "": 2}
    assert replaced(value, "/a~1b/3", 9) == value
    assert replaced(value, "", 9) == 9
    assert value == {"a/b": [{"~": 1}], "": 2}


def test_altered_values_differ_and_keep_their_shape():
    import random

    luck = random.Random(1)
    for value in (
        "box-0101",
        "winter",
        "2026-03-04",
        "2026-03-04T10:00:00Z",
        "",
        3,
        2.5,
        True,
        [1],
        {"a": 1},
        [],
        {},
        None,
    ):
        for _ in range(30):
            other = altered(luck, value, {})
            assert other != value
            if value not in ([], {}, None):
                assert type(other) is type(value)
    assert {altered(luck, "a", {"enum": ["a", "b", "c"]}) for _ in range(50)} == {"b", "c"}
    assert altered(luck, "2026-03-04T10:00:00Z", {}).endswith("T10:00:00Z")


def test_arguments_fit_another_tool():
    assert fitted({"label": "a"}, TOOLS["create_box"]) == {"label": "a", "size": 1}
    assert fitted({"label": "a", "size": 3}, TOOLS["get_box"]) == {"id": "unknown"}
    schema = {
        "properties": {"kind": {"$ref": "#/$defs/kind"}},
        "required": ["kind"],
        "$defs": {"kind": {"enum": ["x"]}},
    }
    assert fitted({}, TOOLS["get_box"].model_copy(update={"parameters": schema})) == {"kind": "x"}


async def test_a_source_that_is_not_there_leaves_the_golds_value():
    task = RESIZE.model_copy(
        update={
            "turns": (Turn(text="x", tools=tuple(TOOLS)),),
            "gold": (
                gold("g1", "list_boxes", {}),
                gold("g2", "get_box", {"id": "box-0102"}, (observed("/id", "g1", "/items/7/id"),)),
            ),
        }
    )
    assert actions(await proposed(await walk(call(("list_boxes", {}))), task)) == [("get_box", {"id": "box-0102"})]
