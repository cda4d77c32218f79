"""The stream: its shares, that it goes on or says why not, and that nothing but the seed decides it."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from tasks.samples import APIS, WRITES, landscape, role, sampled, tasks

from toolbench.errors import WorkError
from toolbench.specs.base import read_api
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.world import Landscape

ROOT = Path(__file__).parents[2]


def is_chain(task):
    return len(task.gold) > 1 and any(origin.kind == "observed" for gold in task.gold for origin in gold.origins)


@pytest.fixture(scope="module")
def mixed():
    return list(islice(TaskSampler(landscape(*APIS), 0, tuple(APIS)).stream(), 100))


def test_half_are_chains_and_a_third_changes_something(mixed):
    made = [one.task for one in mixed]
    assert sum(map(is_chain, made)) >= 50
    assert sum(bool(task.goal.changes) for task in made) >= 34
    assert sum(not task.goal.changes for task in made) >= 34


@pytest.mark.parametrize("api", APIS)
def test_every_bundled_api_gives_these_shares(api):
    made = tasks(api, 30)
    assert sum(map(is_chain, made)) >= 15
    assert sum(bool(task.goal.changes) for task in made) >= 10


def test_apis_come_in_turn(mixed):
    aims = Counter(one.task.gold[-1].call.tool.split("_")[0] for one in mixed)
    assert set(aims) == set(APIS)
    assert max(aims.values()) < 25


@pytest.mark.parametrize("api", APIS)
def test_most_operations_are_used(api):
    used = {gold.call.tool for task in tasks(api, 40) for gold in task.gold}
    known = {name for name, one in landscape(api).operations.items() if one.resource and not one.tool.deprecated}
    assert len(used & known) >= 0.75 * len(known), sorted(known - used)


def test_a_world_holds_the_apis_its_keys_lead_to():
    both = landscape("crm", "orders")
    made = [one.task for one in islice(TaskSampler(both, 0, ("orders",)).stream(), 30)]
    assert {task.apis for task in made} == {("crm", "orders")}
    assert any(gold.call.tool.startswith("crm_") for task in made for gold in task.gold)
    assert all(task.gold[-1].call.tool.startswith("orders_") for task in made)


@pytest.mark.parametrize("api", ["library", "orders"])
@pytest.mark.parametrize("count", [1, 7, 20])
def test_a_longer_stream_begins_with_the_shorter(api, count):
    short = list(islice(TaskSampler(landscape(api), 0, (api,)).stream(), count))
    assert short == list(sampled(api, 60 if api == "library" else 40))[:count]


def test_attempts_are_told(mixed):
    for one in mixed:
        assert one.attempts == 1 + sum(one.dropped.values())
    assert sum(one.attempts for one in mixed) < 600


SCRIPT = """
import sys, json, hashlib
from itertools import islice
from pathlib import Path
from toolbench.model import Task
from toolbench.specs.base import read_api
from toolbench.tasks.checks import replay_digest
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

landscape = Landscape([read_api(Path(path)) for path in sys.argv[1:]])
given = [Task.model_validate(task) for task in json.load(sys.stdin)]
replayer = WorldReplayer(landscape)
replays = [replay_digest(replayer.replay(task, [gold.call for gold in task.gold])) for task in given]
made = islice(TaskSampler(landscape, 5, tuple(landscape.apis)).stream(), 15)
text = "\\n".join(one.task.model_dump_json() + json.dumps(one.dropped) for one in made)
print(json.dumps([replays, hashlib.sha256(text.encode()).hexdigest()]))
"""


def run_fresh(apis, given, hash_seed):
    paths = [str(path) for path in sorted((ROOT / "api_specs").glob("*.yaml")) if path.stem in apis]
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, *paths],
        input=json.dumps([task.model_dump(mode="json") for task in given]),
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)


@pytest.mark.parametrize("apis", [("hotels",), ("crm", "orders"), ("library", "music", "support")])
def test_another_process_gives_the_same_bytes(apis):
    made = list(islice(TaskSampler(landscape(*apis), 5, apis).stream(), 15))
    text = "\n".join(one.task.model_dump_json() + json.dumps(one.dropped) for one in made)
    here = hashlib.sha256(text.encode()).hexdigest()
    for hash_seed in (0, 1):
        replays, there = run_fresh(apis, [one.task for one in made], hash_seed)
        assert there == here
        assert replays == [one.task.replay_digest for one in made]


def api_of(tmp_path, paths, schemas=None):
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas or {}},
    }
    path = tmp_path / "small.json"
    path.write_text(json.dumps(document))
    return Landscape([read_api(path)])


def operation(name, returns=None, **more):
    answer = {"description": "It went well."}
    if returns:
        answer["content"] = {"application/json": {"schema": returns}}
    return {"operationId": name, "responses": {"200": answer}, **more}


THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}
HEADER = {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}}
LIST = {"type": "array", "items": THING}


@pytest.mark.parametrize(
    "paths",
    [
        {"/ping": {"post": operation("ping")}},
        {"/things": {"get": operation("listThings", LIST, parameters=[HEADER])}},
        {"/things": {"get": operation("listThings", LIST, deprecated=True)}},
        {"/v2": {"get": operation("listV2", LIST)}},
    ],
    ids=["unclear", "header", "deprecated", "no_name"],
)
def test_apis_without_usable_operations_say_so(tmp_path, paths):
    sampler = TaskSampler(api_of(tmp_path, paths), 0, ("small",))
    with pytest.raises(WorkError, match="no operation of small can be the aim of a task"):
        next(sampler.stream())


def test_a_single_operation_gives_tasks_until_there_are_no_more(tmp_path):
    landscape = api_of(tmp_path, {"/things": {"get": operation("listThings", LIST)}})
    stream = TaskSampler(landscape, 0, ("small",)).stream()
    made = []
    with pytest.raises(WorkError, match=r"no further task can be made of small: duplicate \d+x"):
        made.extend(islice(stream, 3000))
    assert len(made) > 20
    assert max(one.attempts for one in made) <= 3 * 120


def test_an_operation_that_never_works_ends_the_stream(tmp_path):
    key = {"name": "thing_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {"/things/{thing_id}": {"delete": operation("deleteThing", parameters=[key])}}
    with pytest.raises(WorkError, match=r"no further task can be made of small: no_such_entity \d+x"):
        next(TaskSampler(api_of(tmp_path, paths), 0, ("small",)).stream())


def test_shapes_ask_for_what_training_needs():
    shapes = [*KINDS["change"].shapes, *KINDS["lookup"].shapes]
    assert sum(shape.chain for shape in shapes) * 2 >= len(shapes)
    assert all(set(shape.roles) <= WRITES for shape in KINDS["change"].shapes)


@pytest.mark.parametrize("api", APIS)
def test_writes_come_last_among_a_wish(api):
    for task in tasks(api, 30):
        if task.goal.changes and not task.goal.facts:
            assert role(task, task.gold[-1]) in WRITES
