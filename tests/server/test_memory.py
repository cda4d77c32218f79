"""What a world remembers changes nothing: it answers as one without any memory does."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_calls import call_arguments, landscape, spelt, world

from toolbench.server.simulation import Simulation
from toolbench.world.memory import Basis, Latest, Made
from toolbench.world.resources import Resource, Role
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


def on_one(simulation: Simulation, resource: Resource, role: Role, seed: int) -> tuple[str, dict[str, Any]] | None:
    """Return a call about one of the entities that a resource has now, by a seed; None where there is none."""
    one, r = simulation.world, Random(seed)
    operation = one.landscape.operations[resource.tools[role][0]]
    arguments = call_arguments(one, operation, r)
    places = list(one.population.prefixes(resource))
    prefix = places[seed % len(places)] if places else ()
    if role in ("list", "create"):
        return operation.tool.name, arguments | spelt(one, operation, prefix)
    keys = one.behaviour.keys(resource, prefix, simulation.state)
    return (operation.tool.name, arguments | spelt(one, operation, keys[seed % len(keys)])) if keys else None


@pytest.mark.slow
@pytest.mark.parametrize("api", APIS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_lists_that_change_are_remembered_as_they_are(api: str, data: st.DataObject) -> None:
    simulation = Simulation(landscape(api), 7)
    roles: tuple[Role, ...] = ("list", "create", "get", "update", "replace", "delete")
    resources = [each for each in simulation.landscape.resources.values() if {"list", "create"} <= each.tools.keys()]
    resource = data.draw(st.sampled_from(resources))
    there = [role for role in roles if role in resource.tools]
    for role, seed in data.draw(st.lists(st.tuples(st.sampled_from([*there, "list"]), st.integers(0, 5)), max_size=25)):
        call = on_one(simulation, resource, role, seed)
        if call is None or simulation.problems(*call):
            continue
        before = simulation.state
        response = simulation.call(*call)
        fresh = World(landscape(api), 7).call(*call, before)
        assert (response.status, response.body) == (fresh.status, fresh.body)
        assert simulation.state.digest == fresh.state.digest


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


def test_an_answer_is_kept_until_what_it_depends_on_changes() -> None:
    latest, made = Latest(), []
    basis = Basis(frozenset({("r", ("k",))}), frozenset({"all"}))
    first = WorldState()
    elsewhere = first.put(("r", ("other",)), {"n": 1}).tick("t", {})
    touched = elsewhere.put(("r", ("k",)), {"n": 1})
    listed = touched.add(("all", ("any",)), {})
    steps = ((first, 1), (first.tick("t", {}), 1), (elsewhere, 1), (touched, 2), (touched, 2), (listed, 3), (first, 4))
    for state, expected in steps:
        latest.of(state, "q", lambda: made.append(1), lambda: basis)
        assert len(made) == expected


def test_an_answer_that_changes_is_amended_where_it_can_be() -> None:
    latest, basis = Latest(), Basis(resources=frozenset({"r"}))
    seen = []

    def amended(old: str, changed: tuple[Any, ...]) -> str | None:
        seen.append(changed)
        return None if changed[-1][1] == ("c",) else old + "+"

    def ask(state: WorldState) -> str:
        return latest.of(state, "q", lambda: "made", lambda: basis, amended)

    first = WorldState()
    second = first.put(("r", ("a",)), {}).put(("s", ("x",)), {}).put(("r", ("b",)), {})
    third = second.put(("r", ("c",)), {})
    assert [ask(first), ask(second), ask(third)] == ["made", "made+", "made"]
    assert seen == [(("r", ("a",)), ("r", ("b",))), (("r", ("c",)),)]


@given(st.lists(st.integers(0, 5), max_size=150), st.integers(0, 150))
def test_a_state_knows_its_latest_changes(keys: list[int], at: int) -> None:
    state, states = WorldState(), [WorldState()]
    for number, key in enumerate(keys):
        state = state.put(("r", (str(key),)), {"n": number}).tick("t", {})
        states.append(state)
    earlier = min(at, len(keys))
    told = state.changed_since(states[earlier].latest)
    expected = tuple(("r", (str(key),)) for key in keys[earlier:])
    assert told == expected if len(expected) < 64 else told in (None, expected)
    sibling = states[earlier].put(("r", ("sibling",)), {})
    assert state.changed_since(sibling.latest) is None


def test_a_change_that_changes_nothing_is_none() -> None:
    state = WorldState().put(("r", ("k",)), {"n": 1})
    assert state.put(("r", ("k",)), {"n": 1}) is state
    assert state == WorldState().put(("r", ("k",)), {"n": 1})


def test_equal_values_that_are_not_the_same_are_told_apart() -> None:
    made = Made()
    schema: dict[str, Any] = {}
    ones = [{"n": 1} for _ in range(50)]
    shown = [made.of(one, schema, (), lambda one=one: one) for one in ones]
    assert all(a is b for a, b in zip(ones, shown, strict=True))
    assert made.of(ones[0], schema, (), lambda: None) is ones[0]
    assert made.of(ones[0], schema, ("elsewhere",), lambda: None) is None
