"""Each kind carries the right decision, derived here anew from the world, the texts and the tools offered."""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import combinations, islice

import pytest
from tasks.samples import APIS, ROOT, SPECS, at, heard, landscape

from searchers.react import React
from toolbench import plugins
from toolbench.agent.attempt import Attempt
from toolbench.agent.explore import explore
from toolbench.agent.mistakes import ErrorRates
from toolbench.agent.planner import Planner
from toolbench.executors.mock import MockExecutor
from toolbench.model import Call, Case, Node, Provenance, Step
from toolbench.model.wording import mentions
from toolbench.tasks.checks import replay_digest
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.sampling import TaskSampler
from toolbench.tasks.similarity import jaccard, shingles
from toolbench.world.nouns import singular
from toolbench.world.replay import WorldReplayer

EACH = 3
SEED = 4
WORLD = landscape(*APIS)
REPLAYER = WorldReplayer(WORLD)
CLOSINGS = {"call": "finish", "answer": "finish"}
ASKS_FIRST = re.compile(r"check with me|ask me once|confirm it first|my OK|asking me|final OK|for a confirmation")


def stream(seed=SEED):
    return TaskSampler(WORLD, seed, tuple(APIS), mix=dict.fromkeys(KINDS, 1)).stream()


@pytest.fixture(scope="module")
def made():
    return [one.task for one in islice(stream(), EACH * len(KINDS))]


def of(made, *kinds):
    return [task for task in made if task.kind in kinds]


def sound(task, calls=None):
    """What calls give in the task's world without faults; the gold's where none are given."""
    quiet = task.model_copy(update={"faults": "none"})
    return REPLAYER.replay(quiet, [gold.call for gold in task.gold] if calls is None else calls)


def test_the_mix_asked_for_is_the_mix_written(made):
    assert Counter(task.kind for task in made) == dict.fromkeys(KINDS, EACH)


def test_golds_replay(made):
    for task in made:
        assert replay_digest(sound(task)) == task.replay_digest, task.kind


def test_no_two_say_the_same(made):
    assert all(jaccard(shingles(one), shingles(other)) < 0.8 for one, other in combinations(made, 2))


def test_values_are_said_by_their_turn_and_never_leaked(made):
    for task in made:
        for gold in task.gold:
            said = heard(task, gold.turn)
            for origin in gold.origins:
                value = at(gold.call.arguments, origin.pointer)
                if origin.kind == "user" and value != "":
                    assert mentions(said, value), (task.kind, value, said)
                if origin.kind == "observed":
                    assert not any(mentions(heard(task, place), value) for place in range(len(task.turns)))
        words = " ".join(turn.text for turn in task.turns)
        assert not any(name in words for turn in task.turns for name in turn.tools)


# -- the decision, derived anew ---------------------------------------------------------------------------------------


def nouns_of(tool):
    """The words of the fixed parts of a path."""
    path = WORLD.operations[tool].tool.binding.path
    return {
        singular(word) for part in path.split("/") if "{" not in part for word in re.findall(r"[a-z]+", part.lower())
    }


def words_of(text):
    found = re.findall(r"[a-z]+", text.lower())
    return {*found, *map(singular, found)}


def last_noun(tool):
    parts = [part for part in WORLD.operations[tool].tool.binding.path.split("/") if part and "{" not in part]
    return {singular(word) for word in re.findall(r"[a-z]+", parts[-1].lower())}


def changes(tool):
    return WORLD.operations[tool].tool.binding.method.upper() != "GET"


def test_what_no_tool_serves_is_declined(made):
    for task in of(made, "irrelevant"):
        said = words_of(task.turns[0].text)
        assert task.decisions == ("decline",)
        assert not any(last_noun(name) & said for name in task.turns[0].tools), task


def test_a_change_without_a_tool_for_it_is_declined(made):
    for task in of(made, "missing_tool", "late_tool"):
        said = words_of(task.turns[0].text)
        assert task.decisions[0] == "decline"
        for name in filter(changes, task.turns[0].tools):
            assert (
                not WORLD.operations[name].resource or not set(WORLD.operations[name].resource.noun.split()) & said
            ), (name, task.turns[0].text)
    for task in of(made, "late_tool"):
        assert task.decisions == ("decline", "call")
        used = {gold.call.tool for gold in task.gold}
        assert used <= set(task.turns[1].tools)
        assert not used <= set(task.turns[0].tools)


def test_a_value_that_was_not_said_is_asked_for(made):
    for task in made:
        first = heard(task)
        unsaid = [
            value
            for gold in task.gold
            for origin in gold.origins
            if origin.kind == "user" and not mentions(first, value := at(gold.call.arguments, origin.pointer)) and value
        ]
        if task.kind == "missing_parameter":
            assert unsaid
            assert task.decisions == ("ask", "call")
        elif len(task.turns) == 1:
            assert not unsaid


def test_what_fits_several_things_is_asked_about(made):
    for task in of(made, "ambiguous"):
        assert task.decisions == ("ask", "call")
        seen = {one.call: one.body for one in sound(task).observations}
        aim = next(gold for gold in task.gold if gold.turn == 1)
        keys = [origin for origin in aim.origins if origin.kind == "observed"]
        listed = next(origin for origin in keys if re.search(r"/\d+/[^/]+$", origin.source))
        list_at, place, _ = listed.source.rsplit("/", 2)
        items = at(seen[listed.call], list_at)
        target = items[int(place)]
        told = {name: v for name, v in target.items() if isinstance(v, str) and mentions(task.turns[0].text, v)}
        assert sum(told.items() <= item.items() for item in items) >= 2, (told, task.turns[0].text)


def test_who_wants_to_be_asked_first_is_asked_first(made):
    for task in made:
        asks = bool(ASKS_FIRST.search(task.turns[0].text))
        assert (task.decisions[0] == "confirm") == asks == (task.kind in ("confirm", "change_of_mind"))
    for task in of(made, "confirm"):
        agreed = not re.search(r"\bno\b|stop|forget", task.turns[1].text.lower())
        assert task.decisions[1] == ("call" if agreed else "answer")
        assert bool(task.goal.changes) == agreed


def test_what_was_shown_is_not_looked_up_again(made):
    for task in of(made, "known_answer"):
        assert task.decisions == ("call", "answer")
        seen = {one.call: one.body for one in sound(task).observations}
        turns = {gold.call.id: gold.turn for gold in task.gold}
        for fact in task.goal.facts:
            assert turns[fact.call] == 0
            assert at(seen[fact.call], fact.source) == fact.value
        assert {fact.turn for fact in task.goal.facts} == {0, 1}


def test_what_cannot_be_done_is_declined_after_a_look(made):
    for task in of(made, "impossible"):
        assert task.decisions == ("decline",)
        assert task.gold
        assert not any(map(changes, (gold.call.tool for gold in task.gold)))
        shown = json.dumps([one.body for one in sound(task).observations], ensure_ascii=False).lower()
        text = task.turns[0].text
        named = re.findall(r'"([^"]+)"', text) + re.findall(r"(?<!\. )[A-Z][a-z]+ [A-Z][a-z]+", text)
        assert not all(name.lower() in shown for name in named) or refuses(task), text


def refuses(task):
    """Tell whether some offered change is turned down for the state of something that the last look shows."""
    found = re.findall(r'"id": ?("[^"]*"|[0-9]+)', json.dumps(sound(task).observations[-1].body))
    keys = [json.loads(text) for text in found]
    given = {name: value for gold in task.gold for name, value in gold.call.arguments.items()}
    for name in filter(changes, task.turns[0].tools):
        scope = [param.name for param in WORLD.operations[name].scope]
        parameters = WORLD.tool(name).parameters
        view = WORLD.models[WORLD.operations[name].tool.api].shapes.view
        rest = [one for one in parameters.get("required", ()) if one not in scope]
        body = {one: next(iter(view(parameters["properties"][one]).get("enum", ["x"]))) for one in rest}
        for key in keys if scope else ():
            arguments = body | {one: given.get(one, key) for one in scope} | {scope[-1]: key}
            if sound(task, [Call(id="c", tool=name, arguments=arguments)]).observations[0].http_status == 409:
                return True
    return False


def test_faults_are_met_and_overcome(made):
    for task in of(made, "faulty"):
        seen = REPLAYER.replay(task, [gold.call for gold in task.gold for _ in range(3)]).observations
        assert any(one.fault for one in seen)
    assert all(task.faults == "none" for task in made if task.kind != "faulty")


def test_a_tool_like_the_right_one_is_offered(made):
    for task in of(made, "near_duplicate_tools"):
        aim = words_of(task.gold[-1].call.tool.replace("_", " ").replace("-", " "))
        aim = nouns_of(task.gold[-1].call.tool) | aim
        assert any(nouns_of(name) & aim for name in task.distractors)


def test_later_turns_build_on_earlier_ones(made):
    for task in of(made, "follow_up", "correction"):
        assert task.decisions == ("call", "call")
        turns = {gold.call.id: gold.turn for gold in task.gold}
        later = [gold for gold in task.gold if gold.turn == 1]
        assert any(turns[one.call] == 0 for gold in later for one in gold.origins if one.call)
    for task in of(made, "correction", "change_of_mind"):
        (goal,) = task.goal.changes
        last = [value for gold in task.gold if gold.turn == 1 for value in gold.call.arguments.values()]
        assert any(value in last for value in goal.fields.values())


# -- right and wrong conduct ------------------------------------------------------------------------------------------


def conducted(task, plan):
    """Judge a path: for each turn, calls and the closing step."""
    nodes = [Node(id=0, parent=None, step=None, status="open", state="")]

    def add(step):
        nodes.append(Node(id=len(nodes), parent=len(nodes) - 1, step=step, status="open", state=""))

    quiet = task.model_copy(update={"faults": "none"})
    calls = [call for made, _ in plan for call in made]
    replay = REPLAYER.replay(quiet, calls)
    seen = iter(replay.observations)
    for turn, (made, closing) in enumerate(plan):
        if turn:
            add(Step(kind="user", text=task.turns[turn].text))
        for call in made:
            add(Step(kind="call", calls=(call,), observations=(next(seen),)))
        add(closing)
    tools = {name: WORLD.tool(name) for turn in task.turns for name in turn.tools}
    case = Case(quiet, "r", len(nodes) - 1, tuple(nodes), tools, replay)
    return plugins.load("evaluators", "goal")().evaluate(case)


def right(task):
    """The plan that the task's own record gives."""
    replies = [*(turn.reply for turn in task.turns[:-1]), task.answer]
    return [
        (
            [gold.call for gold in task.gold if gold.turn == turn],
            Step(kind=CLOSINGS.get(decision, decision), text=replies[turn]),
        )
        for turn, decision in enumerate(task.decisions)
    ]


def test_right_conduct_passes(made):
    for task in made:
        verdict = conducted(task, right(task))
        assert verdict.label == "pass", (task.kind, verdict.reason)


def test_a_wrong_decision_in_any_turn_fails(made):
    for task in made:
        for turn in range(len(task.turns)):
            plan = right(task)
            calls, closing = plan[turn]
            for kind in {"finish", "ask", "decline", "confirm"} - {closing.kind}:
                plan[turn] = calls, Step(kind=kind, text=closing.text)
                assert conducted(task, plan).label == "fail", (task.kind, turn, kind)


def test_acting_before_the_user_spoke_fails(made):
    for task in made:
        if len(task.turns) == 2 and task.decisions[0] != "call" and task.goal.changes:
            (_, first), (_, second) = right(task)
            verdict = conducted(task, [([gold.call for gold in task.gold], first), ([], second)])
            assert verdict.kind == "acted_too_early", (task.kind, verdict)


def test_declining_what_can_be_done_fails(made):
    for task in of(made, "lookup", "change", "near_duplicate_tools", "faulty"):
        assert conducted(task, [([], Step(kind="decline", text="I cannot."))]).kind == "wrong_decision"


def test_calling_for_what_is_known_fails(made):
    for task in of(made, "known_answer"):
        first, (_, closing) = right(task)
        assert conducted(task, [first, ([task.gold[-1].call], closing)]).kind == "needless_call"


def test_deciding_without_a_look_fails(made):
    for task in of(made, "ambiguous", "impossible"):
        (_, closing), *rest = right(task)
        assert conducted(task, [([], closing), *rest]).kind == "unfounded"


def test_saying_it_was_done_when_it_was_not_fails(made):
    for task in of(made, "correction"):
        (calls, closing), second = right(task)
        assert conducted(task, [(calls[:-1], closing), second]).kind == "nothing_done"


PROVENANCE = Provenance(
    teacher="planner", searcher="react", executor="mock", seed=1, config="c", specs={}, code="0", world="0"
)


def test_a_planner_that_never_errs_solves_every_kind(made):
    goal = plugins.load("evaluators", "goal")()
    for task in made:
        tools = {name: WORLD.tool(name) for turn in task.turns for name in turn.tools}
        executor = MockExecutor(WORLD, task)
        policy = Planner(task, ErrorRates.none())
        searcher = React(max_depth=30)
        attempt = Attempt(
            task=task, tools=tools, policy=policy, searcher=searcher, executor=executor, provenance=PROVENANCE
        )
        trace = asyncio.run(explore(attempt))
        if trace.best is None and task.kind == "faulty":
            continue  # After a fault even a planner that never errs may give up.
        path = trace.path(trace.best)
        calls = [call for node in path if node.step for call in node.step.calls]
        case = Case(task, trace.id, trace.best, path, tools, executor.replay(calls))
        verdict = goal.evaluate(case)
        assert verdict.label == "pass", (task.kind, verdict.kind, verdict.reason)


SCRIPT = """
import sys, hashlib
from itertools import islice
from pathlib import Path
from toolbench.specs.base import read_api
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.world import Landscape

landscape = Landscape([read_api(Path(path)) for path in sys.argv[2:]])
made = islice(TaskSampler(landscape, 4, tuple(landscape.apis), mix=dict.fromkeys(KINDS, 1)).stream(), int(sys.argv[1]))
print(hashlib.sha256("".join(one.task.model_dump_json() for one in made).encode()).hexdigest())
"""


def test_another_process_makes_the_same(made):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(len(KINDS)), *map(str, SPECS)],
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    here = "".join(task.model_dump_json() for task in made[: len(KINDS)])
    assert result.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()
