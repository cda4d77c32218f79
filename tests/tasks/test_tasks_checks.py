"""A task with a planted fault is not let through."""

import pytest
from tasks.samples import WRITES, at, replayed, replayer, role, tasks

from toolbench.model import GoldCall, Turn
from toolbench.tasks.checks import check, replay_digest
from toolbench.tasks.draft import InfeasibleError


def values(task, kind):
    held = [(gold.call.arguments, origin) for gold in task.gold for origin in gold.origins]
    return [at(arguments, origin.pointer) for arguments, origin in held if origin.kind == kind]


def verdict(task):
    """Return what is wrong with a task, or nothing."""
    (api,) = task.apis
    try:
        check(task, replayer(api))
    except InfeasibleError as reason:
        return str(reason)
    return ""


def saying(task, text):
    return task.model_copy(update={"turns": (Turn(text=text, tools=task.turns[0].tools),)})


def with_gold(task, gold):
    """Return a task with another gold, its digest right."""
    changed = task.model_copy(update={"gold": tuple(gold)})
    return changed.model_copy(update={"replay_digest": replay_digest(replayed(changed))})


@pytest.fixture
def made():
    return tasks("library", 30)


@pytest.fixture
def question(made):
    return next(task for task in made if task.goal.facts and values(task, "observed") and values(task, "user"))


@pytest.fixture
def change(made):
    return next(task for task in made if task.goal.changes and values(task, "observed") and not task.goal.facts)


def test_sound_tasks_pass(made):
    assert [verdict(task) for task in made] == [""] * len(made)


def test_faults_of_the_text(question):
    text = question.turns[0].text
    assert verdict(saying(question, "What about it?")) == "user_value_missing"
    assert verdict(saying(question, f"{text} {values(question, 'observed')[0]}")) == "observed_value_leaked"
    assert verdict(saying(question, f"{text} Is it {question.goal.facts[0].value}?")) == "answer_leaked"
    assert verdict(saying(question, f"{text} Use {question.gold[0].call.tool}.")) == "tool_name_leaked"
    assert verdict(question.model_copy(update={"answer": "It is done."})) == "answer_incomplete"


def test_faults_of_the_gold(question, change):
    bare = [gold.model_copy(update={"origins": ()}) for gold in change.gold]
    assert verdict(with_gold(change, bare)) == "origin_missing"
    assert verdict(change.model_copy(update={"replay_digest": "0" * 32})) == "not_reproducible"
    for task in (question, change):
        first = next(gold for gold in task.gold if role(task, gold) not in WRITES)
        idle = GoldCall(call=first.call.model_copy(update={"id": "g9"}), origins=first.origins)
        assert verdict(with_gold(task, [*task.gold, idle])) in ("not_minimal", "shown_elsewhere")


def test_a_second_look_is_not_let_through(made):
    asked = next(
        task
        for task in made
        if task.gold[-1].call.tool == "library_getBook" and task.goal.facts[-1].call == task.gold[-1].call.id
    )
    again = GoldCall(
        call=asked.gold[-1].call.model_copy(update={"id": "g9"}), origins=asked.gold[-1].origins, needs=("g1",)
    )
    assert verdict(with_gold(asked, [*asked.gold, again])) == "shown_elsewhere"
