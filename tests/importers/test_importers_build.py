"""Questions as tasks: names are free of collisions, ids depend on the content alone, worlds hold what a task needs."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rows_of_others import function

from toolbench.importers._build import Shelf, task_id, task_of
from toolbench.importers.base import Asked, Described, Question
from toolbench.specs._rapidapi import function_name
from toolbench.tasks.categories import category_of

names = st.sampled_from(["get", "Get", "a.get", "a get", "gét", "x" * 70, "x" * 71, "日本"])
kinds = st.sampled_from(["string", "dict", "any", "float", "tuple"])
tools = st.builds(
    lambda name, kind, home, topic: Described(
        function(name, a={"type": kind}), home, topic, alias=f"{name}_for_{home}"
    ),
    names,
    kinds,
    st.sampled_from(["functions", "Sky", "S-k-y", "", "名前", "y" * 40]),
    st.sampled_from(["", "Weather", "Sports"]),
)
questions = st.lists(
    st.builds(
        lambda text, offered, more: Question(text, (Asked(text, tuple(offered)), Asked("x", tuple(offered + more)))),
        st.text("abc", max_size=3),
        st.lists(tools, min_size=1, max_size=4),
        st.lists(tools, max_size=2),
    ),
    min_size=1,
    max_size=6,
)


def built(questions, shelf=None):
    shelf = shelf or Shelf(())
    apis = shelf.add(questions, "test")
    return apis, [task_of(question, "test", "file", shelf) for question in questions]


@given(questions)
def test_every_tool_is_told_apart_and_leads_back_to_its_description(questions):
    apis, tasks = built(questions)
    owner = {tool.name: (api, tool) for api in apis for tool in api.tools}
    assert len(owner) == sum(len(api.tools) for api in apis)
    assert len({api.id for api in apis}) == len(apis)
    for question, task in zip(questions, tasks, strict=True):
        offered: tuple[str, ...] = ()
        for turn, asked in zip(task.turns, question.turns, strict=True):
            offered = turn.tools or offered
            found = [owner[name][1].source for name in offered]
            said = {tool.sha256: tool for tool in asked.tools}
            assert {source.sha256: (source.name, source.alias) for source in found} == {
                sha: (tool.document["name"], tool.alias) for sha, tool in said.items()
            }
        assert {owner[name][0].id for turn in task.turns for name in turn.tools} <= set(task.apis)


@given(questions)
def test_an_api_has_no_two_functions_of_one_name_unless_a_row_has(questions):
    rows = [{(t.home, t.sha256, t.document["name"]) for turn in q.turns for t in turn.tools} for q in questions]
    twice = {key for row in rows for key, n in Counter((home, name) for home, _, name in row).items() if n > 1}
    for api in built(questions)[0]:
        for name, count in Counter(tool.source.name for tool in api.tools).items():
            assert count == 1 or (api.source.name, name) in twice


@given(questions, st.randoms(use_true_random=False))
def test_ids_and_seeds_do_not_depend_on_the_other_rows(questions, luck: random.Random):
    _, tasks = built(questions)
    order = list(range(len(questions)))
    luck.shuffle(order)
    _, shuffled = built([questions[place] for place in order])
    assert {(task.id, task.world_seed) for task in tasks} == {(task.id, task.world_seed) for task in shuffled}
    alone = built(questions[:1])[1][0]
    assert (alone.id, alone.world_seed) == (tasks[0].id, tasks[0].world_seed)


@given(questions, questions)
def test_what_is_there_stays_and_is_used_again(first, second):
    apis, _ = built(first)
    shelf = Shelf(apis)
    assert shelf.add(first, "test") == []
    added = shelf.add(second, "test")
    assert not {api.id for api in added} & {api.id for api in apis}
    assert shelf.add([*first, *second], "test") == []


def question_of(*offered, **more):
    return Question("1", (Asked("Do it.", offered),), **more)


def test_any_part_of_the_content_makes_another_task():
    one, other = Described(function("f")), Described(function("g"))
    some = [
        question_of(one),
        question_of(other),
        question_of(one, other),
        question_of(one, other, distractors=(other,)),
        question_of(one, system="Be brief."),
        Question("2", (Asked("Do it.", (one,)),)),
        Question("1", (Asked("Do that.", (one,)),)),
    ]
    assert len({task_id(each, "test") for each in some} | {task_id(some[0], "other")}) == len(some) + 1


def test_a_task_says_that_nothing_is_known_to_be_right_and_where_it_is_from():
    _, (task,) = built([question_of(Described(function("f")))])
    assert (task.kind, task.solution, task.gold, task.answer) == ("imported", "unknown", (), "")
    assert task.origin.model_dump() == {"format": "test", "file": "file", "id": "1"}


def test_categories_are_toolllms():
    def of(*where, aside=()):
        offered = tuple(Described(function("f"), home, topic) for topic, home in where)
        away = tuple(tool for tool in offered if tool.toolset in aside)
        apis, (task,) = built([question_of(*offered, distractors=away)])
        return category_of(task, {tool.name: tool for api in apis for tool in api.tools})

    assert of(("Sports", "A")) == "I1"
    assert of(("Sports", "A"), ("Sports", "B")) == "I2"
    assert of(("Sports", "A"), ("Weather", "B")) == "I3"
    assert of(("Sports", "A"), ("Weather", "B"), aside=("B",)) == "I1"


def test_names_are_plain_where_nothing_is_in_the_way():
    def tool(name, home, topic="Sports"):
        return Described(function(name), home, topic, alias=function_name(name, home))

    apis, _ = built([question_of(tool("Get Matches", "Live Scores"), tool("now", "Sky", "Weather"))])
    assert [tool.name for api in apis for tool in api.tools] == ["live-scores_Get_Matches", "sky_now"]
    assert [tool.category for api in apis for tool in api.tools] == ["Sports", "Weather"]
