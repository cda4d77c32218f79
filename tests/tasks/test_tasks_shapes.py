"""Lengths, difficulties and the shapes of tasks, held against what the tasks themselves show."""

import asyncio
from collections import Counter
from itertools import combinations, islice

import pytest
from tasks.samples import APIS, at, heard, landscape

from searchers.react import React
from toolbench import plugins
from toolbench.agent.attempt import Attempt
from toolbench.agent.explore import explore
from toolbench.agent.mistakes import ErrorRates
from toolbench.agent.planner import Planner
from toolbench.errors import WorkError
from toolbench.executors.mock import MockExecutor
from toolbench.model import Case, Provenance
from toolbench.model.wording import mentions
from toolbench.tasks.references import references
from toolbench.tasks.sampling import TaskSampler
from toolbench.tasks.size import Size, difficulty_of, parse_calls
from toolbench.world.nouns import singular, words
from toolbench.world.replay import WorldReplayer

WORLD = landscape(*APIS)
SHAPES = ("several", "fan_in", "merged", "follow_up")
REPLAYER = WorldReplayer(WORLD)
PROVENANCE = Provenance(
    teacher="planner", searcher="react", executor="mock", seed=1, config="c", specs={}, code="0", world="0"
)


def sampler(apis=APIS, seed=1, **more):
    return TaskSampler(landscape(*apis), seed, tuple(apis), **more)


def tasks(count, apis=APIS, seed=1, **more):
    return [one.task for one in islice(sampler(apis, seed, **more).stream(), count)]


@pytest.fixture(scope="module")
def made():
    return tasks(48, mix=dict.fromkeys(SHAPES, 1))


def of(made, kind):
    found = [task for task in made if task.kind == kind]
    assert len(found) == 12
    return found


def sources(gold):
    return {origin.call for origin in gold.origins if origin.call}


def leading(task, gold):
    """The ids of all calls whose values a call takes, directly or not."""
    by_id = {one.call.id: one for one in task.gold}
    found, todo = set(), list(sources(gold))
    while todo:
        name = todo.pop()
        found.add(name)
        todo += sources(by_id[name])
    return found


# -- the same wish about several things --------------------------------------------------------------------------------


def aims(task):
    last = task.gold[-1].call.tool
    return [gold for gold in task.gold if gold.call.tool == last]


def test_several_end_in_calls_of_one_tool_that_are_independent(made):
    for task in of(made, "several"):
        ends = aims(task)
        assert 2 <= len(ends) <= 4
        assert list(task.gold[-len(ends) :]) == ends
        for one, other in combinations(ends, 2):
            assert one.call.arguments != other.call.arguments
            assert one.call.id not in leading(task, other)
            assert one.call.id not in other.needs


def test_each_of_several_is_asserted_or_asked_for(made):
    for task in of(made, "several"):
        ends = aims(task)
        told = Counter(fact.call for fact in task.goal.facts)
        assert len(task.goal.changes) == len(ends) or set(told) == {gold.call.id for gold in ends}
        assert len(set(told.values())) <= 1


def is_met(assertion, changes):
    return any(
        (change.resource, change.kind) == (assertion.resource, assertion.kind)
        and change.key.startswith(assertion.key)
        and all(at(change.after, pointer) == value for pointer, value in assertion.fields.items())
        for change in changes
    )


def test_the_order_of_several_does_not_matter(made):
    for task in of(made, "several"):
        ends = aims(task)
        before = [gold.call for gold in task.gold[: -len(ends)]]
        back = REPLAYER.replay(task, [*before, *(gold.call for gold in reversed(ends))])
        assert all(seen.status == "ok" for seen in back.observations)
        assert len(back.changes) == len(task.goal.changes)
        assert all(is_met(assertion, back.changes) for assertion in task.goal.changes)
        bodies = {seen.call: seen.body for seen in back.observations}
        assert all(at(bodies[fact.call], fact.source) == fact.value for fact in task.goal.facts)


def test_without_one_of_several_something_is_missing(made):
    for task in of(made, "several"):
        for gold in aims(task):
            rest = [one.call for one in task.gold if one is not gold]
            whole = REPLAYER.replay(task, [one.call for one in task.gold])
            without = REPLAYER.replay(task, rest)
            asked = any(fact.call == gold.call.id for fact in task.goal.facts)
            assert asked or len(without.changes) < len(whole.changes)


def test_several_are_spoken_of_in_one_sentence(made):
    for task in of(made, "several"):
        resource = WORLD.operations[task.gold[-1].call.tool].resource
        said = set(words(task.turns[0].text.replace('"', " ")))
        assert singular(resource.noun.split(" ")[-1]) in {singular(word) for word in said}
        assert len(task.turns) == 1


# -- fan-in ------------------------------------------------------------------------------------------------------------


def test_two_look_ups_come_together_in_a_fan_in(made):
    for task in of(made, "fan_in"):
        by_id = {gold.call.id: gold for gold in task.gold}
        apart = [
            (one, other)
            for one, other in combinations(sorted(sources(task.gold[-1])), 2)
            if one not in leading(task, by_id[other]) and other not in leading(task, by_id[one])
        ]
        assert apart
        shown = {name.call.tool for pair in apart for name in map(by_id.get, pair)}
        assert shown


def test_some_fan_in_joins_two_apis():
    found = tasks(12, ("crm", "orders"), mix={"fan_in": 1})
    across = [task for task in found if len({gold.call.tool.split("_")[0] for gold in task.gold}) == 2]
    assert any(task.gold[-1].call.tool == "orders_create_order" for task in across)


def test_every_operation_that_refers_to_two_things_may_be_a_fan_in():
    fans = {
        name
        for name, operation in landscape("banking").operations.items()
        if len({one.resource.id for one in references(landscape("banking"), operation) if one.required}) > 1
    }
    assert {task.gold[-1].call.tool for task in tasks(6, ("banking",), mix={"fan_in": 1})} == fans


# -- wishes that build on each other -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "turns"), [("merged", {1}), ("follow_up", {2, 3})])
def test_later_wishes_need_earlier_ones(made, kind, turns):
    found = of(made, kind)
    assert {len(task.turns) for task in found} == turns
    for task in found:
        assert len(task.gold) >= 2
        assert any(sources(gold) for gold in task.gold)
        for turn in range(1, len(task.turns)):
            earlier = {gold.call.id for gold in task.gold if gold.turn < turn}
            assert any(sources(gold) & earlier for gold in task.gold if gold.turn == turn)


def test_what_was_just_made_is_worked_with():
    found = tasks(20, mix={"merged": 1, "follow_up": 1})
    into = [
        task
        for task in found
        for gold in task.gold
        if WORLD.operations[gold.call.tool].role == "create"
        and any(WORLD.operations[one.call.tool].role == "create" for one in task.gold if one.call.id in sources(gold))
    ]
    assert len(into) >= 2
    for task in into:
        assert any("the new " in turn.text for turn in task.turns)
        first = next(gold for gold in task.gold if WORLD.operations[gold.call.tool].role == "create")
        others = [gold for gold in task.gold if WORLD.operations[gold.call.tool].role == "create" and gold is not first]
        # Its key is the server's, and depends on what was made before.
        assert all(first.call.id in leading(task, gold) for gold in others)


def test_a_planner_that_never_errs_solves_every_shape(made):
    goal = plugins.load("evaluators", "goal")()
    widest = 0
    for task in made:
        tools = {name: WORLD.tool(name) for turn in task.turns for name in turn.tools}
        executor, policy = MockExecutor(WORLD, task), Planner(task, ErrorRates.none())
        searcher = React(max_depth=40)
        attempt = Attempt(
            task=task, tools=tools, policy=policy, searcher=searcher, executor=executor, provenance=PROVENANCE
        )
        trace = asyncio.run(explore(attempt))
        path = trace.path(trace.best)
        calls = [call for node in path if node.step for call in node.step.calls]
        verdict = goal.evaluate(Case(task, trace.id, trace.best, path, tools, executor.replay(calls)))
        assert verdict.label == "pass", (task.kind, verdict.reason)
        same = [{call.tool for call in node.step.calls} for node in path if node.step and len(node.step.calls) > 1]
        widest += any(names == {task.gold[-1].call.tool} for names in same)
    assert widest


# -- length and difficulty ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [(1, 1), (3, 6), (4, 4), (7, 9)])
def test_tasks_have_as_many_calls_as_asked_for(calls):
    found = tasks(8, size=Size(calls))
    assert all(calls[0] <= len(task.gold) <= calls[1] for task in found)


def test_a_range_is_used_in_full():
    assert {len(task.gold) for task in tasks(16, size=Size((3, 6)))} == {3, 4, 5, 6}


def test_no_call_is_a_number_of_calls():
    found = tasks(4, mix={"irrelevant": 1, "lookup": 1}, size=Size((0, 0)))
    assert {task.kind for task in found} == {"irrelevant"}


def test_what_cannot_be_had_is_said():
    with pytest.raises(
        WorkError, match="no further task can be made of library: none of their operations comes to so many calls"
    ):
        next(sampler(("library",), size=Size((18, 20))).stream())
    with pytest.raises(WorkError, match="no further task can be made of"):
        next(sampler(mix={"irrelevant": 1}, size=Size((3, 6))).stream())


def harder(task):
    """The score of a task, by the rule that the field states."""

    def alike(one, other):
        names = [{singular(word) for word in words(WORLD.tool(name).source.name)} for name in (one, other)]
        return len(names[0] & names[1]) * 3 >= len(names[0] | names[1])

    used = {gold.call.tool for gold in task.gold}
    found = sum(origin.kind == "observed" for gold in task.gold for origin in gold.origins)
    confusing = sum(any(alike(name, one) for one in used) for name in task.distractors)
    return len(task.gold) + found + 2 * (len(task.turns) - 1) + confusing // 2


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
def test_tasks_are_as_hard_as_asked_for(difficulty):
    low, high = {"easy": (0, 4), "medium": (5, 7), "hard": (8, 99)}[difficulty]
    for task in tasks(10, size=Size(None, difficulty)):
        assert task.difficulty == difficulty
        assert low <= harder(task) <= high


def test_every_task_says_how_hard_it_is(made):
    for task in made:
        tools = {name: WORLD.tool(name) for name in {*task.distractors, *(gold.call.tool for gold in task.gold)}}
        assert task.difficulty == difficulty_of(task, tools)
        score = harder(task)
        assert task.difficulty == ("easy" if score <= 4 else "hard" if score >= 8 else "medium")


@pytest.mark.parametrize("size", [Size((3, 6)), Size(None, "medium")])
def test_a_longer_stream_of_a_size_begins_with_the_shorter(size):
    mix = {"several": 1, "change": 1, "merged": 1}
    assert tasks(4, ("crm", "orders"), mix=mix, size=size) == tasks(9, ("crm", "orders"), mix=mix, size=size)[:4]


@pytest.mark.parametrize(("text", "calls"), [("", None), ("4", (4, 4)), ("3-6", (3, 6)), (" 0 - 2 ", (0, 2))])
def test_ranges_are_read(text, calls):
    assert parse_calls(text) == calls


@pytest.mark.parametrize("text", ["6-3", "x", "-3", "3-", "1-21", "3.5", "3-6-9"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r"calls|larger"):
        parse_calls(text)


def test_values_of_all_shapes_are_said_or_found(made):
    for task in made:
        for gold in task.gold:
            said = heard(task, gold.turn)
            for origin in gold.origins:
                value = at(gold.call.arguments, origin.pointer)
                assert mentions(said, value) or origin.kind != "user"
                assert not mentions(said, value) or origin.kind != "observed"
