"""What passes for the user's words: the script itself always, anything with more or less in it never."""

from itertools import islice

import pytest
from tasks.samples import APIS, landscape

from toolbench.model.calendar import resolved
from toolbench.model.wording import mentions, say
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.kinds.words import _CHECKS
from toolbench.tasks.sampling import TaskSampler
from toolbench.user.rules import brief, gold_replay, is_fixed, problems
from toolbench.world.replay import WorldReplayer

WORLD = landscape(*APIS)
REPLAYER = WorldReplayer(WORLD)


@pytest.fixture(scope="module")
def briefs():
    stream = TaskSampler(WORLD, 11, tuple(APIS), mix=dict.fromkeys(KINDS, 1)).stream()
    found = []
    for task in (one.task for one in islice(stream, 5 * len(KINDS))):
        replay = gold_replay(task, REPLAYER)
        for turn in range(len(task.turns)):
            before = " ".join(one.text for one in task.turns[:turn])
            found.append((task, turn, brief(task, replay, turn, before)))
    return found


def test_the_script_itself_passes(briefs):
    assert [(of.script, problems(of.script, of)) for _, _, of in briefs if problems(of.script, of)] == []


def test_a_value_left_out_is_found(briefs):
    planted = 0
    for _, _, of in briefs:
        for value in of.wanted:
            text = of.script
            for spelled in (say(value), str(value)):
                text = text.replace(spelled, "that one")
            if not mentions(resolved(text, of.today), value):
                planted += 1
                assert problems(text, of), (of.script, value)
    assert planted > 100


def test_a_value_that_is_to_be_found_or_comes_later_is_found(briefs):
    planted = 0
    for _, _, of in briefs:
        for value in of.hidden:
            planted += 1
            assert problems(f"{of.script} I mean {say(value)}.", of), (of.script, value)
    assert planted > 100


@pytest.mark.parametrize(
    "more",
    [
        "There are 7391 of them.",
        "By May 4, 2031, please.",
        "At 3:17 in the morning.",
        'It is the one called "Zanzibar".',
        "The latest one, of course.",
        "Use get_it_done for that.",
        "Use getItDone for that.",
        "But check with me first.",
        "```json",
    ],
)
def test_an_addition_is_found(briefs, more):
    missed = [of.script for _, _, of in briefs if not problems(f"{of.script} {more}", of)]
    # Some scripts ask to be consulted themselves.
    assert [script for script in missed if more != "But check with me first."] == []
    assert len(missed) < len(briefs) / 4


def test_asking_to_be_consulted_must_not_get_lost(briefs):
    asking = [(of, check) for _, _, of in briefs for check in _CHECKS if of.script.endswith(check)]
    assert asking
    for of, check in asking:
        assert problems(of.script.removesuffix(check), of)


@pytest.mark.parametrize("text", ["", "   ", "user: do it", "- do it", "x" * 5000])
def test_what_nobody_types_is_found(briefs, text):
    assert all(problems(text, of) for _, _, of in briefs)


def test_a_tools_name_is_found(briefs):
    for task, turn, of in briefs:
        assert problems(f"{of.script} ({task.turns[turn].tools[0]})", of)


def test_a_yes_or_no_is_left_as_it_is(briefs):
    fixed = [(task, turn) for task, turn, _ in briefs if is_fixed(task, turn)]
    assert fixed
    assert all(task.decisions[turn - 1] == "confirm" for task, turn in fixed)
    after = [(task, turn) for task, turn, _ in briefs if turn and task.decisions[turn - 1] == "confirm"]
    assert after == fixed
