"""Conversations compared turn by turn, over sampled ones and planted departures from them."""

import asyncio
from dataclasses import replace
from functools import partial
from itertools import islice

import pytest

from evaluators.goal import GoalEvaluator
from evaluators.turns import TurnsEvaluator
from searchers.react import React
from toolbench.agent.attempt import Attempt
from toolbench.agent.explore import explore
from toolbench.agent.mistakes import ErrorRates
from toolbench.agent.planner import Planner
from toolbench.executors.mock import MockExecutor
from toolbench.model import Case, Provenance, Step
from toolbench.model.refusals import replayed
from toolbench.specs import open_catalogue
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

KINDS = {"follow_up": 1, "correction": 1, "change_of_mind": 1, "confirm": 1, "lookup": 1}
PROVENANCE = Provenance(
    teacher="planner", searcher="react", executor="mock", seed=0, config="c", specs={}, code="0", world="0"
)


@pytest.fixture(scope="module")
def landscape():
    return Landscape([open_catalogue().api(name) for name in ("library", "orders", "crm")])


@pytest.fixture(scope="module")
def cases(landscape):
    """Paths that solve tasks of one turn and more."""
    stream = TaskSampler(landscape, 5, ("library", "orders", "crm"), mix=KINDS).stream()
    return [solved(landscape, sampled.task) for sampled in islice(stream, 40)]


def solved(landscape, task):
    tools = {name: landscape.tool(name) for turn in task.turns for name in turn.tools}
    attempt = Attempt(
        task=task,
        tools=tools,
        policy=Planner(task, ErrorRates.none()),
        searcher=React(max_queries=100, max_depth=50),
        executor=MockExecutor(landscape, task),
        provenance=PROVENANCE,
    )
    trace = asyncio.run(explore(attempt))
    return judged(landscape, task, trace.path(trace.best))


def judged(landscape, task, path):
    """Return a path's case; what its calls give is what they give anew."""
    replayer = WorldReplayer(landscape)
    replay = replayed(path, partial(replayer.replay, task))
    tools = {name: landscape.tool(name) for turn in task.turns for name in turn.tools}
    return Case(task, "r0", path[-1].id, tuple(path), tools, replay, replayer)


def test_solutions_pass_and_single_turns_are_left_to_the_goal(cases):
    verdicts = [(TurnsEvaluator().evaluate(case), case) for case in cases]
    several = [verdict for verdict, case in verdicts if len(case.task.turns) > 1]
    assert len(several) > 20
    assert {verdict.label for verdict in several} == {"pass"}, [one.reason for one in several if one.reason]
    single = {verdict.kind for verdict, case in verdicts if len(case.task.turns) == 1}
    assert single == {"one_turn"}


def moved(path, place, to):
    """Return a path with one of its steps taken elsewhere."""
    nodes = [*path[:place], *path[place + 1 :]]
    return [*nodes[:to], path[place], *nodes[to:]]


def test_what_is_done_a_turn_too_early_differs_though_it_ends_the_same(landscape, cases):
    seen = 0
    for case in cases:
        user = [at for at, node in enumerate(case.path) if node.step and node.step.kind == "user"]
        late = [at for at, node in enumerate(case.path) if user and at > user[-1] and wrote(case, node)]
        if not late:
            continue
        early = judged(landscape, case.task, moved(case.path, late[0], user[-1] - 1))
        if early.replay.changes != case.replay.changes:
            continue
        seen += 1
        assert TurnsEvaluator().evaluate(early).kind == "state_differs"
    assert seen >= 5


def wrote(case, node):
    calls = node.step.calls if node.step else ()
    return len(calls) == 1 and case.tools[calls[0].tool].safety != "read"


def test_a_response_that_nobody_saw_is_missed(cases):
    seen = 0
    for case in cases:
        blind = [
            replace_step(
                node, observations=tuple(one.model_copy(update={"body": None}) for one in node.step.observations)
            )
            if node.step and node.step.calls
            else node
            for node in case.path
        ]
        learned = [value for gold in case.task.gold for value in gold.values("observed")]
        if len(case.task.turns) > 1 and learned:
            seen += 1
            assert TurnsEvaluator().evaluate(replace(case, path=tuple(blind))).kind == "response_missing"
    assert seen >= 5


def replace_step(node, **changes):
    return node.model_copy(update={"step": node.step.model_copy(update=changes)})


def test_a_path_that_stops_before_the_last_turn_is_not_enough(landscape, cases):
    case = next(one for one in cases if len(one.task.turns) > 1)
    end = next(at for at, node in enumerate(case.path) if node.step and node.step.kind == "user")
    assert TurnsEvaluator().evaluate(judged(landscape, case.task, case.path[:end])).kind == "turns_missing"


def test_an_extra_change_counts_when_it_is_made(landscape, cases):
    for case in (one for one in cases if len(one.task.turns) > 1 and GoalEvaluator().evaluate(one).label == "pass"):
        writes = [node for node in case.path if wrote(case, node)]
        created = [node for node in writes if case.tools[node.step.calls[0].tool].binding.method == "POST"]
        if created:
            again = judged(landscape, case.task, [*case.path[:-1], created[-1], case.path[-1]])
            if len(again.replay.changes) > len(case.replay.changes):
                assert TurnsEvaluator().evaluate(again).kind == "state_differs"
                return
    pytest.fail("no task creates anything")


def test_nothing_is_said_where_nothing_can_be_executed(cases):
    case = next(one for one in cases if len(one.task.turns) > 1)
    assert TurnsEvaluator().evaluate(replace(case, replayer=None)).kind == "not_repeatable"
    unknown = replace(case, task=case.task.model_copy(update={"solution": "unknown"}))
    assert TurnsEvaluator().evaluate(unknown).kind == "no_gold"
    assert isinstance(case.path[-1].step, Step)
