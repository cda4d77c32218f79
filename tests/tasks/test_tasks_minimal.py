"""Every call of a gold is needed: without it a value, a fact or a change is missing. Told apart from the product."""

import re

import pytest
from tasks.samples import APIS, MISSING, WRITES, at, leaves, replayed, role, tasks


def shape_of(pointer):
    return re.sub(r"/\d+", "/*", pointer)


def shows(body, value, source):
    """Tell whether a body shows a value where the source does, whatever the place in the list."""
    return any(shape_of(pointer) == shape_of(source) and at(body, pointer) == value for pointer in leaves(body))


def objects(body):
    if isinstance(body, dict):
        yield body
    for inner in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from objects(inner)


def tells(body, fact, holder):
    """Tell whether a body shows the same thing, known by its id, with the same value in the same field."""
    name = fact.source.rpartition("/")[2]
    key = next((key for key in ("id", "key", "code") if key in holder), None)
    return key is not None and any(
        found.get(key) == holder[key] and found.get(name, MISSING) == fact.value for found in objects(body)
    )


def effects(changes):
    return sorted(change.model_dump_json() for change in changes)


def is_missed(task, gold, whole):
    """Tell whether something is missing when a call is left out."""
    bodies = {seen.call: seen.body for seen in whole.observations}
    rest = [other for other in task.gold if other is not gold]
    for other in rest:
        before = [one for one in rest if task.gold.index(one) < task.gold.index(other)]
        for origin in other.origins:
            value = at(other.call.arguments, origin.pointer)
            if origin.call == gold.call.id and not any(
                one.call.tool == gold.call.tool and shows(bodies[one.call.id], value, origin.source) for one in before
            ):
                return True
    for fact in task.goal.facts:
        holder = at(bodies[fact.call], fact.source.rpartition("/")[0])
        if fact.call == gold.call.id and not (
            isinstance(holder, dict) and any(tells(bodies[one.call.id], fact, holder) for one in rest)
        ):
            return True
    without = replayed(task, [one.call for one in rest])
    return role(task, gold) in WRITES and effects(without.changes) != effects(whole.changes)


@pytest.mark.parametrize("api", APIS)
def test_no_call_can_be_left_out(api):
    for task in tasks(api, 30):
        whole = replayed(task)
        for gold in task.gold:
            assert is_missed(task, gold, whole), (gold.call.tool, task.turns[0].text)


@pytest.mark.parametrize("api", APIS)
def test_no_call_is_made_twice(api):
    for task in tasks(api, 30):
        reads = [(g.call.tool, str(g.call.arguments)) for g in task.gold if role(task, g) not in WRITES]
        assert len(reads) == len(set(reads))
