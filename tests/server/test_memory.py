"""What a world remembers changes nothing: it answers as one without any memory does."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_calls import call_arguments, landscape, world

from toolbench.server.simulation import Simulation
from toolbench.world.memory import Latest, Made
from toolbench.world.state import WorldState
from toolbench.world.validation import Checks
from toolbench.world.world import World

APIS = ("library", "orders", "music")
STEPS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2)), min_size=2, max_size=25)
"""Operations by their place, and seeds of the arguments; few of these, so that calls are made again."""


def calls(steps: list[tuple[int, int]], api: str) -> list[tuple[str, dict[str, Any]]]:
    """Return calls of one API; reads twice as often as anything else, and some of them in pages."""
    one = world(api)
    operations = list(one.landscape.operations.values())
    reads = [operation for operation in operations if operation.role in ("get", "list")]
    chosen = [((operations + reads)[place % (len(operations) + len(reads))], seed) for place, seed in steps]
    found: list[tuple[str, dict[str, Any]]] = []
    for operation, seed in chosen:
        arguments = call_arguments(one, operation, Random(f"{seed} {operation.tool.name}"))
        properties = operation.tool.parameters["properties"]
        pages = {name: 1 + seed for name in ("page", "per_page", "limit", "offset") if name in properties}
        wanted = arguments | (pages if seed else {})
        valid = not Checks().problems(one.landscape.tool(operation.tool.name), wanted)
        found.append((operation.tool.name, wanted if valid else arguments))
    return found


def forgetful(api: str, asked: list[tuple[str, dict[str, Any]]]) -> list[tuple[int, Any, str]]:
    """Return what worlds say that are made anew for each call."""
    state, said = WorldState(), []
    for tool, arguments in asked:
        response = World(landscape(api), 7).call(tool, arguments, state)
        state = response.state
        said.append((response.status, response.body, state.digest))
    return said


@pytest.mark.slow
@pytest.mark.parametrize("api", APIS)
@given(steps=STEPS)
@settings(max_examples=25, deadline=None)
def test_a_server_with_memory_answers_as_a_fresh_world_does(api: str, steps: list[tuple[int, int]]) -> None:
    asked = calls(steps, api)
    simulation = Simulation(landscape(api), 7)
    said = []
    for tool, arguments in asked:
        # What is not valid is turned down before it comes to a call.
        if simulation.problems(tool, arguments):
            continue
        response = simulation.call(tool, arguments)
        said.append((response.status, response.body, simulation.state.digest))
    assert said == forgetful(api, [each for each in asked if not simulation.problems(*each)])


@pytest.mark.slow
@pytest.mark.parametrize("api", APIS)
@given(steps=STEPS, data=st.data())
@settings(max_examples=15, deadline=None)
def test_branches_do_not_mix_in_memory(api: str, steps: list[tuple[int, int]], data: st.DataObject) -> None:
    asked = calls(steps, api)
    one, states = world(api), [WorldState()]
    for tool, arguments in asked:
        before = data.draw(st.sampled_from(states))
        response = one.call(tool, arguments, before)
        fresh = World(landscape(api), 7).call(tool, arguments, before)
        assert (response.status, response.body, response.state.digest) == (fresh.status, fresh.body, fresh.state.digest)
        states.append(response.state)


def test_the_latest_state_is_remembered_and_no_other() -> None:
    latest, made = Latest(), []
    first, tick = WorldState(), WorldState().tick("t", {})
    second = first.put(("r", ("k",)), {"n": 1})
    for state, expected in ((first, 1), (first, 1), (second, 2), (second, 2), (first, 3)):
        latest.of(state, "q", lambda: made.append(1))
        assert len(made) == expected
    same = WorldState(first.entities, first.created, clock=tick.clock)
    latest.of(same, "q", lambda: made.append(1))
    assert len(made) == 3


def test_equal_values_that_are_not_the_same_are_told_apart() -> None:
    made = Made()
    schema: dict[str, Any] = {}
    ones = [{"n": 1} for _ in range(50)]
    shown = [made.of(one, schema, (), lambda one=one: one) for one in ones]
    assert all(a is b for a, b in zip(ones, shown, strict=True))
    assert made.of(ones[0], schema, (), lambda: None) is ones[0]
    assert made.of(ones[0], schema, ("elsewhere",), lambda: None) is None
