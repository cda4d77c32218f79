"""The same world everywhere: whatever is asked first, in whichever process, however often."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_calls import APIS, tried, world

from toolbench.model import Call, canonical, digest
from toolbench.world.replay import replay_in
from toolbench.world.state import WorldState
from toolbench.world.world import World


def walked(one: World, seed: int, most: int = 25) -> list[WorldState]:
    """Return the states along calls of all sorts."""
    states = [one.initial]
    for operation, arguments in tried(one, seed, most=most):
        states.append(one.call(operation.tool.name, arguments, states[-1]).state)
    return states


def told(seed: int, most: int = 60) -> str:
    """Return a digest over all that some calls say."""
    one = world("orders", "crm", "projects", seed=seed)
    seen: list[Any] = []
    state = one.initial
    for operation, arguments in tried(one, seed, most=most):
        response = one.call(operation.tool.name, arguments, state)
        state = response.state
        seen.append([response.status, response.body, state.digest])
    return digest([seen, [change.model_dump() for change in one.changes(state)]])


def test_the_same_in_other_processes_whatever_the_order_of_hashes() -> None:
    here = Path(__file__).parent
    path = [str(here), str(here.parent / "specs")]
    script = f"import sys; sys.path[:0] = {path!r}; import test_world_replay; print(test_world_replay.told(5))"
    heard = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "4242")
    }
    assert heard == {told(5)}


@pytest.mark.parametrize("api", APIS)
def test_what_is_asked_first_makes_no_difference(api: str) -> None:
    one, other = world(api, seed=11), world(api, seed=11)
    resources = [resource for resource in one.landscape.resources.values() if not resource.singleton]

    def population(at: World, order: list[Any]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for resource in order:
            for prefix in at.population.prefixes(resource):
                for key in at.behaviour.keys(resource, prefix, at.initial):
                    found[f"{resource.id} {key}"] = canonical(at.entity(resource, key, at.initial))
        return found

    assert population(one, resources) == population(other, resources[::-1])


def test_another_seed_is_another_world() -> None:
    assert told(1, 20) != told(2, 20)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_states_are_values(seed: int) -> None:
    one = world("orders", "support", seed=seed)
    states = walked(one, seed)
    before = [(state.digest, state.content, dict(state.entities.items()), one.changes(state)) for state in states]
    walked(one, seed + 1)
    after = [(state.digest, state.content, dict(state.entities.items()), one.changes(state)) for state in states]
    assert before == after
    assert len({state.digest for state in states}) == len(states)
    assert [state.clock for state in states] == list(range(len(states)))


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_what_did_not_change_is_shared(seed: int) -> None:
    one = world("orders", "support", seed=seed)
    states = walked(one, seed)
    for early, late in pairwise(states):
        same = [address for address, entity in early.entities.items() if late.entities.get(address) == entity]
        assert all(late.entities[address] is early.entities[address] for address in same)
        assert len(late.entities) - len(early.entities) <= 2
        assert sum(late.entities.get(address) != entity for address, entity in early.entities.items()) <= 1


@given(st.integers(0, 50), st.integers(0, 50))
def test_equal_digests_are_equal_histories(one: int, other: int) -> None:
    def state(number: int) -> WorldState:
        r, made = Random(number % 7), WorldState()
        for _ in range(r.randint(0, 4)):
            made = made.tick("tool", {"n": r.randint(0, 3)})
        return made

    assert (state(one).digest == state(other).digest) == (state(one).log == state(other).log)


@given(st.permutations(range(5)), st.integers(0, 4))
def test_the_content_is_that_of_what_is_there(order: list[int], again: int) -> None:
    straight, wild = WorldState(), WorldState()
    for place in range(5):
        straight = straight.put(("r", (str(place),)), {"n": place})
    for place in [*order, again]:
        wild = wild.put(("r", (str(place),)), {"n": -1}).put(("r", (str(place),)), {"n": place})
    assert wild.content == straight.content
    assert wild.put(("r", ("0",)), None).content != straight.content


def test_a_key_is_kept_once_however_often_it_is_made() -> None:
    state = WorldState()
    for _ in range(3):
        state = state.add(("r", ("a", "b")), {"n": 1})
    assert state.born("r", ("a",)) == ["b"]


def test_replaying_gives_the_same() -> None:
    one = world("library", seed=4)
    calls = [
        Call(id=f"c{place}", tool=operation.tool.name, arguments=arguments)
        for place, (operation, arguments) in enumerate(tried(one, 4))
    ]
    calls.append(Call(id="unknown", tool="library_nothing", arguments={}))
    first, second = replay_in(one, calls), replay_in(world("library", seed=4), calls)
    assert first == second
    assert len(first.states) == len(calls) + 1
    assert first.observations[-1].status == "unknown_tool"
    assert {seen.status for seen in first.observations} <= {"ok", "http_error", "invalid_arguments", "unknown_tool"}
    assert [seen.time for seen in first.observations] == [float(n + 1) for n in range(len(calls))]
