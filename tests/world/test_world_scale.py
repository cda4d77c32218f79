"""What a call costs does not depend on how many entities there are, and what is found by an index is found."""

import sys
from collections import Counter
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_calls import tried, world
from world_shop import collection, shop

from toolbench.world.entities import Entities
from toolbench.world.marks import is_marked, marks, spellings
from toolbench.world.query import equals
from toolbench.world.state import WorldState
from toolbench.world.world import World

MEMBER = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {"id": {"type": "string"}, "email": {"type": "string"}, "sponsor_id": {"type": "string"}},
}
SENT = {"type": "object", "properties": {name: {"type": "string"} for name in ("email", "sponsor_id", "code")}}


@pytest.fixture
def club(tmp_path: Path) -> World:
    return shop(tmp_path, collection("/members", MEMBER, SENT) | collection("/sponsors", MEMBER, SENT))


def filled(one: World, count: int) -> WorldState:
    """Return a state with so many new members and sponsors."""
    state = one.initial
    for number in range(count):
        for kind in ("members", "sponsors"):
            response = one.call(f"shop_create_{kind}", {"email": f"u{number}@example.com"}, state)
            assert response.status == 201
            state = response.state
    return state


def steps(one: World, tool: str, arguments: Any, state: WorldState) -> int:
    """Return how many functions are called to answer a call and take its digest."""
    counted = Counter[str]()

    def count(_: FrameType, event: str, __: Any) -> None:
        counted[event] += 1

    one.call(tool, arguments, state)
    sys.setprofile(count)
    try:
        response = one.call(tool, arguments, state)
        assert response.state.digest != state.digest
    finally:
        sys.setprofile(None)
    assert response.status < 300
    return counted["call"] + counted["c_call"]


def test_a_call_takes_as_many_steps_in_a_world_of_many(club: World) -> None:
    for name, body in (
        ("get", None),
        ("create", {"email": "new@example.com"}),
        ("update", {"email": "other@example.com"}),
        ("delete", None),
        ("create", {"email": "new@example.com", "sponsor_id": "last"}),
    ):
        counts: list[int] = []
        for count in (10, 200):
            state = filled(club, count)
            last = state.born("shop:/members", ())[-1]
            sponsor = state.born("shop:/sponsors", ())[-1]
            sent = {k: sponsor if v == "last" else v for k, v in body.items()} if body else None
            arguments = ({} if name == "create" else {"id": last}) | (sent or {})
            counts.append(steps(club, f"shop_{name}_members", arguments, state))
        assert counts[1] <= counts[0] * 1.2, name


def test_an_email_is_free_again_when_its_owner_gives_it_up(club: World) -> None:
    state = filled(club, 3)
    first, second = state.born("shop:/members", ())[:2]
    taken = {"email": "U1@example.com"}
    assert club.call("shop_create_members", taken, state).status == 409
    for tool, arguments in (
        ("shop_update_members", {"id": second, "email": "gone@example.com"}),
        ("shop_delete_members", {"id": second}),
    ):
        after = club.call(tool, arguments, state).state
        assert club.call("shop_create_members", taken, after).status == 201
    assert club.call("shop_update_members", {"id": first, **taken}, state).status == 409
    assert club.call("shop_update_members", {"id": second, **taken}, state).status == 200


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["A", "a", "1", "true", "ß"])
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["id", "name", "x"]), SCALARS)


@given(VALUES, SCALARS.filter(lambda value: value is not None))
def test_equal_values_have_a_spelling_in_common(value: Any, wanted: Any) -> None:
    if equals(value, wanted):
        assert set(spellings(value)) & set(spellings(wanted))


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_the_index_says_what_is_there(seed: int) -> None:
    one, r = world("orders", "crm", seed=seed), Random(seed)
    state = one.initial
    for operation, arguments in tried(one, seed):
        state = one.call(operation.tool.name, arguments, state).state
        if r.random() < 0.3:
            created = [(place[0], (*place[1], own)) for place in state.created for own in state.born(*place)]
            for address in created[-1:]:
                state = state.put(address, None)
    there = {
        (resource, mark, key)
        for (resource, key), entity in state.entities.items()
        if entity is not None
        for mark in marks(key[-1] if key else "", entity)
    }
    assert {(*place, key) for place, keys in state.index.items() for key in keys} == there


def test_fields_that_tell_entities_apart_are_marked() -> None:
    assert [name for name in ("email", "orderNumber", "id", "note", "total", "") if is_marked(name)] == [
        "email",
        "orderNumber",
        "id",
    ]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_found_by_a_mark_is_what_a_look_at_each_finds(seed: int) -> None:
    one, r = world("library", seed=seed), Random(seed)
    state = one.initial
    for operation, arguments in tried(one, seed):
        state = one.call(operation.tool.name, arguments, state).state
    entities = Entities(one.landscape.models, one.landscape.relations, one.population, seed)
    for resource in one.landscape.resources.values():
        everything = [(key, one.entity(resource, key, state) or {}) for key in entities.everywhere(resource, state)]
        for _, entity in r.sample(everything, min(6, len(everything))):
            for field in (name for name, value in entity.items() if is_marked(name) and value is not None):
                found = list(entities.having(resource, field, entity[field], state))
                alike = [key for key, other in everything if equals(other.get(field), entity[field])]
                assert set(found) == set(alike)
                assert len(found) == len(alike)
