"""Real descriptions, large and rough, give sound tasks too."""

from itertools import islice

import pytest
from corpus import GITHUB, KUBERNETES, MARKS, STRIPE

from toolbench.model.wording import mentions
from toolbench.specs.base import read_api
from toolbench.tasks.checks import replay_digest
from toolbench.tasks.references import dependency_graph
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

pytestmark = MARKS
COUNT = 20


@pytest.fixture(scope="module", params=[GITHUB, STRIPE, KUBERNETES], ids=lambda path: path.stem)
def landscape(request):
    return Landscape([read_api(request.param)])


@pytest.fixture(scope="module")
def made(landscape):
    return [one.task for one in islice(TaskSampler(landscape, 0, tuple(landscape.apis)).stream(), COUNT)]


def test_tasks_replay(landscape, made):
    for task in made:
        replay = WorldReplayer(landscape).replay(task, [gold.call for gold in task.gold])
        assert replay_digest(replay) == task.replay_digest
        assert {seen.status for seen in replay.observations} == {"ok"}


def test_instructions_give_no_key_away(made):
    for task in made:
        for gold in task.gold:
            for origin in gold.origins:
                value = gold.call.arguments.get(origin.pointer[1:])
                if isinstance(value, str | int):
                    assert mentions(task.turns[0].text, value) == (origin.kind == "user"), task.turns[0].text


def test_half_change_something(made):
    assert len(made) == COUNT
    assert sum(bool(task.goal.changes) for task in made) >= COUNT // 3


def test_operations_come_in_turn(made):
    assert len({gold.call.tool for task in made for gold in task.gold}) >= COUNT


def test_the_graph_stays_sparse(landscape):
    graph = dependency_graph(landscape)
    pairs = {(producer, consumer) for producer, consumer in graph.edges()}
    assert graph.number_of_nodes() == len(landscape.operations)
    assert 0 < len(pairs) < 0.1 * graph.number_of_nodes() ** 2
