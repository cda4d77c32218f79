"""Faults on purpose: each class shows when asked for, none otherwise, and each says what would be right."""

from collections import Counter
from pathlib import Path

import pytest

from toolbench.errors import ConfigError
from toolbench.model import Call, Task, Turn
from toolbench.specs import read_api
from toolbench.world.faults import NONE, PROFILES, RECOVERIES, Faults
from toolbench.world.replay import WorldReplayer, observe
from toolbench.world.world import Landscape, World

LANDSCAPE = Landscape(
    read_api(Path(__file__).parents[2] / "api_specs" / f"{name}.yaml") for name in ("library", "orders", "crm")
)
READS = [
    name
    for name, operation in LANDSCAPE.operations.items()
    if operation.role == "list" and not operation.scope and not operation.tool.parameters.get("required")
]
CREATE = ("crm_createCompany", {"name": "Cedar Foods", "industry": "retail"})


def seen_in(profile: str, seed: int, rounds: int = 12):
    world = World(LANDSCAPE, seed, profile)
    state = world.initial
    for _ in range(rounds):
        for tool, arguments in [(name, {}) for name in READS] + [CREATE]:
            observation, state = observe(world, Call(id="c", tool=tool, arguments=arguments), state)
            yield tool, observation


def test_the_profile_none_never_shows_one():
    for seed in range(5):
        assert not [seen for _, seen in seen_in(NONE, seed) if seen.fault]


def test_every_class_shows_in_a_run_that_asks_for_it():
    shown = Counter(seen.fault.kind for seed in range(40) for _, seen in seen_in("storm", seed, 4) if seen.fault)
    assert shown.keys() == RECOVERIES.keys()


@pytest.mark.parametrize("profile", sorted(PROFILES.keys() - {NONE}))
def test_a_profile_shows_its_kinds_and_no_other(profile: str):
    shown = Counter(seen.fault.kind for seed in range(40) for _, seen in seen_in(profile, seed, 4) if seen.fault)
    assert shown.keys() == PROFILES[profile].keys()


def test_each_fault_looks_like_what_it_is():
    statuses = {"rate_limited": 429, "server_error": 500, "bad_gateway": 502, "unavailable": 503, "expired_auth": 401}
    for seed in range(20):
        for _, seen in seen_in("storm", seed, 4):
            if seen.fault is None:
                assert seen.http_status in (200, 201, 409)
                continue
            assert seen.fault.recovery == RECOVERIES[seen.fault.kind]
            if seen.fault.kind == "timeout":
                assert (seen.status, seen.http_status, seen.body) == ("timeout", None, None)
            elif seen.fault.kind in statuses:
                assert seen.http_status == statuses[seen.fault.kind]
            else:
                assert seen.status == "ok"


def test_what_fails_instead_changes_nothing():
    for seed in range(60):
        world = World(LANDSCAPE, seed, "outage")
        observation, state = observe(world, Call(id="c", tool=CREATE[0], arguments=CREATE[1]), world.initial)
        assert bool(world.changes(state)) == (observation.fault is None)


def test_never_more_than_two_in_a_row():
    faults = Faults("outage", 3)
    operation = LANDSCAPE.operations[READS[0]]
    row = [faults.due(operation, number) is not None for number in range(1, 3000)]
    assert any(row)
    assert not any(all(row[at : at + 3]) for at in range(len(row)))


def test_a_retry_of_the_same_call_gets_through():
    for seed in range(40):
        world = World(LANDSCAPE, seed, "flaky")
        state, outcomes = world.initial, []
        for _ in range(3):
            observation, state = observe(world, Call(id="c", tool=READS[0], arguments={}), state)
            outcomes.append(observation.status)
        assert "ok" in outcomes


def test_a_replay_shows_the_same_faults():
    task = Task(id="t", kind="x", turns=(Turn(text="x"),), apis=tuple(LANDSCAPE.apis), world_seed=11, faults="storm")
    calls = [Call(id=f"c{n}", tool=READS[n % len(READS)], arguments={}) for n in range(60)]
    one, two = (WorldReplayer(LANDSCAPE).replay(task, calls) for _ in range(2))
    assert one == two
    assert any(seen.fault for seen in one.observations)


def test_a_branch_is_not_touched_by_another():
    world = World(LANDSCAPE, 5, "storm")
    call = Call(id="c", tool=READS[0], arguments={})
    first, after = observe(world, call, world.initial)
    for _ in range(5):
        _, after = observe(world, call, after)
    assert observe(world, call, world.initial)[0] == first


def test_an_unknown_profile_lists_those_there_are():
    with pytest.raises(ConfigError, match="flaky"):
        Faults("nope", 0)
