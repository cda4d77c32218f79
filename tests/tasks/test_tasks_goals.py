"""A goal holds for every right solution and for no wrong one."""

import random
from datetime import date, timedelta

import pytest
from tasks.samples import APIS, MISSING, WRITES, at, case, landscape, leaves, put, replayed, role, solved, tasks

from toolbench import plugins

COUNT = 20


def calls_of(task):
    return [gold.call for gold in task.gold]


def again(call, number):
    return call.model_copy(update={"id": f"x{number}"})


def reordered(task, r):
    """Return the gold's calls in another order that its needs allow."""
    left, done = list(task.gold), []
    while left:
        free = [gold for gold in left if set(gold.needs) <= {call.id for call in done}]
        chosen = r.choice(free)
        left.remove(chosen)
        done.append(chosen.call)
    return done


@pytest.mark.parametrize("api", APIS)
def test_right_solutions_reach_it(api):
    r = random.Random(0)
    for task in tasks(api, COUNT):
        calls = calls_of(task)
        reads = [gold.call for gold in task.gold if role(task, gold) not in WRITES]
        assert solved(task, calls), task.turns[0].text
        assert solved(task, [*calls, *(again(call, place) for place, call in enumerate(reads))]) or deletes(task)
        assert solved(task, [*(again(call, place) for place, call in enumerate(reads[:1])), *calls])
        assert solved(task, [*map(again, reads, range(len(reads))), *calls])
        assert solved(task, reordered(task, r)), task.turns[0].text


def deletes(task):
    return any(change.kind == "deleted" for change in task.goal.changes)


@pytest.mark.parametrize("api", APIS)
def test_the_gold_passes_every_judge(api):
    judges = [plugins.load("evaluators", name)() for name in ("schema", "executed", "goal", "grounded")]
    for task in tasks(api, COUNT):
        judged = case(task, calls_of(task), task.answer)
        verdicts = [judge.evaluate(judged) for judge in judges]
        assert [verdict.label for verdict in verdicts] == ["pass"] * 4, (verdicts, task.turns[0].text)


@pytest.mark.parametrize("api", APIS)
def test_an_answer_without_the_facts_does_not_reach_it(api):
    for task in tasks(api, COUNT):
        if task.goal.facts:
            assert not solved(task, calls_of(task), "I have looked it up.")


def other_value(value, schema):
    """Return a value of the same make that is not the one asked for."""
    options = [option for option in schema.get("enum", ()) if option not in (value, None)]
    if options:
        return options[0]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1 if value + 1 <= schema.get("maximum", value + 1) else value - 1
    if schema.get("format") == "date":
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    if schema.get("format") == "date-time":
        return value.replace("-0", "-1", 1) if "-0" in value else value.replace("-1", "-0", 1)
    if schema.get("format") == "email":
        return f"other.{value}"
    return value[:-1] + ("a" if value[-1] != "a" else "b")


def schema_at(tool, pointer):
    found = tool.parameters
    for part in pointer.split("/")[1:]:
        found = resolved(found, tool)
        found = found["items"] if part.isdigit() else found["properties"][part]
    return resolved(found, tool)


def resolved(found, tool):
    while "$ref" in found or "anyOf" in found:
        found = next(one for one in found["anyOf"] if one.get("type") != "null") if "anyOf" in found else found
        found = tool.parameters["$defs"][found["$ref"].removeprefix("#/$defs/")] if "$ref" in found else found
    return found


def wrong_values(task, api):
    """Yield the gold with one value that a change sends replaced, and what was replaced."""
    for place, gold in enumerate(task.gold):
        if role(task, gold) not in WRITES:
            continue
        tool = landscape(api).tool(gold.call.tool)
        for pointer in leaves(gold.call.arguments):
            origin = next((one for one in gold.origins if one.pointer == pointer), None)
            if origin is not None and origin.kind == "user":
                value = other_value(at(gold.call.arguments, pointer), schema_at(tool, pointer))
                yield swapped(task, place, pointer, value), f"{gold.call.tool}{pointer}"


def swapped(task, place, pointer, value):
    calls = calls_of(task)
    arguments = put(calls[place].arguments, pointer, value)
    return [
        *calls[:place],
        calls[place].model_copy(update={"arguments": arguments}),
        *calls[place + 1 :],
    ]


@pytest.mark.parametrize("api", APIS)
def test_a_wrong_value_does_not_reach_it(api):
    planted = 0
    for task in tasks(api, COUNT):
        for calls, what in wrong_values(task, api):
            planted += 1
            assert not solved(task, calls), (what, task.turns[0].text)
    assert planted > 5


def other_entities(task):
    """Yield the gold with another entity of the same list in one place, and what was replaced."""
    bodies = {seen.call: seen.body for seen in replayed(task).observations}
    for place, gold in enumerate(task.gold):
        for origin in gold.origins if role(task, gold) in WRITES else ():
            parts = origin.source.split("/")
            index = next((at for at, part in enumerate(parts) if part.isdigit()), None)
            if origin.kind != "observed" or index is None:
                continue
            items = at(bodies[origin.call], "/".join(parts[:index]))
            value = at(gold.call.arguments, origin.pointer)
            tail = "".join(f"/{part}" for part in parts[index + 1 :])
            # What an item refers to it may leave out.
            shown = [at(item, tail) for item in items]
            for other in [found for found in shown if found not in (value, MISSING, None)][:2]:
                yield swapped(task, place, origin.pointer, other), f"{gold.call.tool}{origin.pointer}"


@pytest.mark.parametrize("api", APIS)
def test_another_entity_does_not_reach_it(api):
    planted = 0
    for task in tasks(api, COUNT):
        for calls, what in other_entities(task):
            planted += 1
            assert not solved(task, calls), (what, task.turns[0].text)
            assert not solved(task, [*calls_of(task), *(again(call, n) for n, call in enumerate(calls))]) or (
                replayed(task, [*calls_of(task), *calls]).changes == replayed(task).changes
            )
    assert planted > 3


@pytest.mark.parametrize("api", APIS)
def test_a_dropped_or_doubled_change_does_not_reach_it(api):
    for task in tasks(api, COUNT):
        for gold in task.gold:
            if role(task, gold) not in WRITES:
                continue
            assert not solved(task, [call for call in calls_of(task) if call is not gold.call]), task.turns[0].text
            doubled = [*calls_of(task), again(gold.call, 1)]
            same = replayed(task, doubled).changes == replayed(task).changes
            assert solved(task, doubled) == same or not same, task.turns[0].text
            assert not solved(task, doubled) or same
