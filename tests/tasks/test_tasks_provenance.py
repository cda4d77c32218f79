"""Every argument comes from where the task says; the instruction holds what only the user can know, and no more."""

import re

import pytest
from tasks.samples import APIS, MISSING, at, heard, landscape, leaves, replayed, role, tasks

from toolbench.model.wording import mentions

COUNT = 30


@pytest.fixture(params=APIS)
def made(request):
    return tasks(request.param, COUNT)


def origins(task):
    """Yield gold calls with each of their origins and the value it is about."""
    for gold in task.gold:
        for origin in gold.origins:
            yield gold, origin, at(gold.call.arguments, origin.pointer)


def schema(task, gold, pointer):
    (api,) = task.apis
    tool = landscape(api).tool(gold.call.tool)
    found = tool.parameters
    for part in pointer.split("/")[1:]:
        found = resolve(found, tool.parameters)
        found = found["items"] if part.isdigit() else found["properties"][part]
    return resolve(found, tool.parameters)


def resolve(found, document):
    while "$ref" in found:
        found = document["$defs"][found["$ref"].removeprefix("#/$defs/")] | {
            key: value for key, value in found.items() if key != "$ref"
        }
    return found


def test_every_leaf_has_exactly_one_origin(made):
    for task in made:
        for gold in task.gold:
            held = [pointer for pointer in leaves(gold.call.arguments) if pointer]
            assert sorted(held) == sorted(origin.pointer for origin in gold.origins), task.turns[0].text


def test_observed_values_stand_where_the_origin_says(made):
    for task in made:
        seen = {observation.call: observation.body for observation in replayed(task).observations}
        earlier = []
        for gold, origin, value in origins(task):
            earlier = [other.call.id for other in task.gold[: task.gold.index(gold)]]
            if origin.kind == "observed":
                assert origin.call in earlier
                assert origin.call in gold.needs
                assert at(seen[origin.call], origin.source) == value
            else:
                assert (origin.call, origin.source) == ("", "")


def test_user_values_are_in_the_text_and_observed_ones_are_not(made):
    for task in made:
        (turn,) = task.turns
        for _, origin, value in origins(task):
            assert origin.kind in ("user", "default", "observed")
            assert mentions(heard(task), value) == (origin.kind == "user") or origin.kind == "default", turn.text


def test_defaults_are_documented(made):
    for task in made:
        for gold, origin, value in origins(task):
            # A key that names a call is made up by whoever calls.
            if origin.kind == "default" and "idempoten" not in origin.pointer.lower():
                found = schema(task, gold, origin.pointer)
                assert value in (found.get("default", MISSING), found.get("const", MISSING), *found.get("enum", ())[:1])


def test_facts_stand_where_they_say_and_are_answered_but_not_given_away(made):
    for task in made:
        seen = {observation.call: observation.body for observation in replayed(task).observations}
        for fact in task.goal.facts:
            held = at(seen[fact.call], fact.source)
            assert (len(held) if isinstance(held, list) else held) == fact.value
            assert mentions(task.answer, fact.value)
            assert not mentions(heard(task), fact.value)


def test_needs_come_first(made):
    for task in made:
        ids = [gold.call.id for gold in task.gold]
        assert ids == [f"g{place}" for place in range(1, len(ids) + 1)]
        for gold in task.gold:
            assert all(ids.index(need) < ids.index(gold.call.id) for need in gold.needs)


def test_all_tools_are_offered_among_distractors(made):
    for task in made:
        offered = task.turns[0].tools
        used = {gold.call.tool for gold in task.gold}
        assert len(offered) == len(set(offered))
        assert set(offered) == used | set(task.distractors)
        assert not used & set(task.distractors)
        assert len(task.distractors) == 6


def test_a_kind_says_whether_something_changes(made):
    for task in made:
        wrote = any(role(task, gold) not in ("list", "get") for gold in task.gold)
        assert task.kind == ("change" if wrote else "lookup")
        assert bool(task.goal.changes) == wrote
        assert bool(task.goal.facts) or wrote


@pytest.mark.parametrize("api", APIS)
def test_texts_and_ids_are_unique(api):
    made = tasks(api, COUNT)
    assert len({task.id for task in made}) == len({task.turns[0].text for task in made}) == COUNT


def test_seeds_differ():
    one, other = tasks("library", 10), tasks("library", 10, seed=1)
    assert not {task.id for task in one} & {task.id for task in other}
    assert not {task.turns[0].text for task in one} & {task.turns[0].text for task in other}


CLUMSY = re.compile(
    r"\b(the the|a a|of of|with and|None|null|number of numbers)\b|[{}]|[a-z]_[a-z]|  | [.,?!]|\.\.|\?\."
)
QUOTED = re.compile(r'"[^"]*"|\S+@\S+|https?://\S+')


@pytest.mark.parametrize("api", APIS)
def test_texts_read_like_a_person(api):
    for task in tasks(api, COUNT):
        for text in (task.turns[0].text, task.answer):
            assert not CLUMSY.search(QUOTED.sub("X", text)), text
            assert text.count('"') % 2 == 0, text
            assert len(text) < 900, text


@pytest.mark.parametrize("api", APIS)
def test_instructions_name_no_operation(api):
    for task in tasks(api, COUNT):
        names = {name.split("_", 1)[1] for name in task.turns[0].tools}
        assert not [name for name in names if name in task.turns[0].text]


def test_wording_varies():
    made = [task.turns[0].text for api in APIS for task in tasks(api, COUNT)]
    openings = {" ".join(text.split()[:3]).lower() for text in made}
    assert len(openings) > len(made) / 4
    assert min(map(len, made)) < 40
    assert max(map(len, made)) > 300
