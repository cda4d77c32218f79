"""401 and 403: what a caller's credentials reach."""

from pathlib import Path

import pytest
from world_calls import landscape
from world_shop import answer, ref, shop

from toolbench.errors import ConfigError
from toolbench.model import Call, Task
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.access import check_granted, denial
from toolbench.world.replay import WorldReplayer, observe
from toolbench.world.world import World

SECURED = {
    "open": [{}],
    "keyed": [{"key": []}],
    "reading": [{"oauth": ["read"]}],
    "writing": [{"oauth": ["read", "write"]}],
    "either": [{"oauth": ["admin"]}, {"key": []}],
    "both": [{"key": [], "oauth": ["read"]}],
    "optional": [{"oauth": ["admin"]}, {}],
}
FLOW = {"tokenUrl": "https://x.example/t", "scopes": dict.fromkeys(("read", "write", "admin"), "")}
SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {"type": "oauth2", "flows": {"clientCredentials": FLOW}},
}
EXPECTED = {
    (): {"keyed": 401, "reading": 401, "writing": 401, "either": 401, "both": 401},
    ("key",): {"reading": 401, "writing": 401, "both": 401},
    ("oauth",): {"keyed": 401, "reading": 403, "writing": 403, "either": 403, "both": 401},
    ("oauth", "read"): {"keyed": 401, "writing": 403, "either": 403, "both": 401},
    ("key", "oauth", "read"): {"writing": 403},
    ("key", "oauth", "read", "write", "admin"): {},
}


@pytest.fixture
def secured(tmp_path: Path) -> World:
    thing = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
    shown = answer({"type": "array", "items": ref("Thing")})
    paths = {f"/{name}": {"get": {"operationId": name, "security": needs, **shown}} for name, needs in SECURED.items()}
    return shop(tmp_path, paths, security=SCHEMES, Thing=thing)


@pytest.mark.parametrize("granted", EXPECTED)
def test_what_is_granted_and_no_more(secured: World, granted: tuple[str, ...]) -> None:
    world = World(secured.landscape, 1, granted=granted)
    given = {name: world.call(f"shop_{name}", {}, world.initial).status for name in SECURED}
    assert {name: status for name, status in given.items() if status != 200} == EXPECTED[granted]


def test_all_is_granted_where_nothing_is_said(secured: World) -> None:
    assert all(denial(operation.tool, None) is None for operation in secured.landscape.operations.values())


def test_who_may_not_call_learns_nothing_of_the_arguments(secured: World) -> None:
    world = World(secured.landscape, 1, granted=["oauth"])
    seen, _ = observe(world, Call(id="c1", tool="shop_writing", arguments={"no": "such"}), world.initial)
    assert (seen.status, seen.http_status) == ("http_error", 403)
    assert "read, write" in str(seen.body)


def test_a_name_nobody_knows_is_told(secured: World) -> None:
    apis = secured.landscape.apis.values()
    check_granted(apis, ["key", "admin"])
    with pytest.raises(ConfigError, match="'root'") as told:
        check_granted(apis, ["key", "root"])
    assert "admin, key, oauth, read, write" in str(told.value.hint)


def test_tasks_keep_within_what_is_granted() -> None:
    shapes = landscape("crm")
    sampler = TaskSampler(shapes, 3, ("crm",), ["oauth2", "crm.read"])
    tasks: list[Task] = [sampled.task for sampled, _ in zip(sampler.stream(), range(15), strict=False)]
    assert {task.granted for task in tasks} == {("crm.read", "oauth2")}
    assert {task.kind for task in tasks} == {"lookup"}
    replayer = WorldReplayer(shapes)
    for task in tasks:
        replay = replayer.replay(task, [gold.call for gold in task.gold])
        assert {seen.status for seen in replay.observations} == {"ok"}
    asked = [Call(id="c1", tool="crm_createCompany", arguments={"name": "Acme"})]
    refused = replayer.replay(tasks[0], asked)
    assert refused.observations[0].http_status == 403
    allowed = replayer.replay(tasks[0].model_copy(update={"granted": None}), asked)
    assert allowed.observations[0].http_status != 403
