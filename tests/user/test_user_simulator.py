"""A user who answers in a model's words: what the script says, after what was really said."""

from itertools import islice

import pytest
from tasks.samples import APIS, landscape
from user.wording_model import Rephraser

from toolbench.model import Node, Step
from toolbench.model.wording import mentions
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.sampling import TaskSampler
from toolbench.user.rewording import Rewording
from toolbench.user.rules import is_fixed
from toolbench.user.simulator import SimulatedUser
from toolbench.world.replay import WorldReplayer

WORLD = landscape(*APIS)
QUESTION = "Hm, can you tell me more about Project Nightingale?"
SEVERAL = tuple(name for name in KINDS if name in ("ambiguous", "missing_parameter", "follow_up", "confirm"))


@pytest.fixture(scope="module")
def tasks():
    stream = TaskSampler(WORLD, 6, tuple(APIS), mix=dict.fromkeys(SEVERAL, 1)).stream()
    return [one.task for one in islice(stream, 4 * len(SEVERAL)) if len(one.task.turns) > 1]


def user(model):
    return SimulatedUser(Rewording(model), WorldReplayer(WORLD), 6)


def asked():
    root = Node(id=0, parent=None, step=None, status="open", state="")
    return (root, Node(id=1, parent=0, step=Step(kind="ask", text=QUESTION), status="open", state=""))


async def test_it_hears_the_agent_and_says_what_the_script_says(tasks):
    for task in tasks:
        model = Rephraser()
        said = await user(model).speak(task, 1, asked())
        if is_fixed(task, 1):
            assert (said.text, model.requests) == (task.turns[1].text, [])
            continue
        assert said.text != task.turns[1].text
        assert said.text.endswith(task.turns[1].text)
        assert QUESTION in str(model.requests[0].messages)


async def test_it_is_not_told_what_comes_later_or_must_be_found(tasks):
    for task in tasks:
        model = Rephraser()
        await user(model).speak(task, 1, asked())
        told, said = str([one.messages for one in model.requests]), " ".join(turn.text for turn in task.turns)
        unknown = [value for gold in task.gold for value in gold.values("observed")]
        unknown += [fact.value for fact in task.goal.facts]
        assert not [value for value in unknown if len(str(value)) > 2 and mentions(told, value) > mentions(said, value)]


async def test_what_leaks_is_not_said(tasks):
    leaked = 0
    for task in tasks:
        for value in (value for gold in task.gold for value in gold.values("observed")):
            said = await user(Rephraser(spoil=lambda words, value=value: f"{words} It is {value}.")).speak(
                task, 1, asked()
            )
            leaked += 1
            assert said.text == task.turns[1].text
            assert said.problem or is_fixed(task, 1)
    assert leaked > 5
