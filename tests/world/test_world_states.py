"""Worlds behave: the law of collections, states that never change, lists that add up, the same everywhere."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from corpus import MARKS
from hypothesis import given
from hypothesis import strategies as st
from world_law import CORPUS, BrokenError, Law, collections

from toolbench.model import is_object
from toolbench.specs import read_api
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

SPECS = sorted((Path(__file__).parents[2] / "api_specs").glob("*.yaml"))
LANDSCAPE = Landscape(read_api(path) for path in SPECS)
LAWFUL = [
    (operations["create"].tool.name, operations)
    for path in SPECS
    for operations in collections(LANDSCAPE, path.stem, yaml.safe_load(path.read_text())["paths"])
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "operations"), LAWFUL)
def test_what_is_created_is_there_until_it_is_deleted(name, operations, seed):
    Law(World(LANDSCAPE, seed), operations, random.Random(seed)).run()


@pytest.mark.slow
@pytest.mark.parametrize("mark", [pytest.param(None, marks=MARKS)])
def test_the_law_holds_for_nine_in_ten_collections_of_real_descriptions(mark):
    files = sorted(path for path in CORPUS.rglob("*.json") if path.stat().st_size < 3_000_000)
    obeyed = broken = 0
    for path in random.Random(7).sample(files, k=60):
        api = read_api(path)
        landscape = Landscape([api])
        for operations in collections(landscape, api.id, json.loads(path.read_bytes())["paths"]):
            try:
                Law(World(landscape, 7), operations, random.Random(7)).run()
                obeyed += 1
            except BrokenError:
                broken += 1
    assert obeyed + broken >= 50
    assert obeyed / (obeyed + broken) >= 0.88


def listed():
    """Return the lists that need nothing, with the names of the arguments that page them."""
    for name, operation in LANDSCAPE.operations.items():
        if operation.role == "list" and not operation.scope and not operation.tool.parameters.get("required"):
            yield name


def items_of(operation, body):
    for part in operation.envelope:
        body = body[part]
    return body


def random_walk(world: World, seed: int, steps: int = 12):
    """Yield states along random calls, writes among them."""
    r, state = random.Random(seed), world.initial
    laws = [Law(world, operations, r) for _, operations in LAWFUL]
    for _ in range(steps):
        law = r.choice(laws)
        law.state = state
        place = r.choice(list(world.population.prefixes(law.operations["get"].resource)))
        scope = dict(zip((p.name for p in law.operations["get"].scope[:-1]), place, strict=False))
        call = {**law.inputs("create", scope), **law.body("create")}
        state = world.call(law.operations["create"].tool.name, call, state).state
        yield state


@given(st.integers(0, 10_000))
def test_a_state_never_changes_whatever_comes_after(seed):
    world = World(LANDSCAPE, seed)
    states = [world.initial, *random_walk(world, seed)]
    digests = [state.digest for state in states]
    changes = [world.changes(state) for state in states]
    list(random_walk(world, seed + 1))
    assert [state.digest for state in states] == digests
    assert [world.changes(state) for state in states] == changes
    assert len(set(digests)) == len(digests)


@given(st.permutations(range(6)))
def test_the_content_does_not_depend_on_the_order_of_writing(order):
    def after(places):
        state = WorldState()
        for place in places:
            state = state.put(("r", (str(place),)), {"n": place})
        return state.content

    assert after(order) == after(range(6))


@given(st.integers(0, 500), st.sampled_from(sorted(listed())), st.integers(1, 7))
def test_pages_add_up_to_the_list(seed, name, size):
    world, operation = World(LANDSCAPE, seed), LANDSCAPE.operations[name]
    names = operation.tool.parameters["properties"].keys()
    limit = next((n for n in ("limit", "per_page", "page_size") if n in names), None)
    offset = next((n for n in ("offset", "page", "cursor") if n in names), None)
    if limit is None or offset is None:
        return
    most = operation.tool.parameters["properties"][limit].get("maximum", 100)
    whole = items_of(operation, world.call(name, {limit: most}, world.initial).body)
    seen, at, cursor = [], 0, None
    for number in range(1, 40):
        place = {"offset": at, "page": number, "cursor": cursor}[offset]
        arguments = {limit: size} | ({} if place is None else {offset: place})
        response = world.call(name, arguments, world.initial)
        if response.status == 422:
            return
        body = response.body
        items = items_of(operation, body)
        seen += items
        at += size
        cursor = body.get("next_cursor") if is_object(body) else None
        if is_object(body) and "total" in body:
            assert body["total"] == len(whole)
        if len(items) < size or (offset == "cursor" and not cursor):
            break
    assert seen == whole


@given(st.integers(0, 10_000))
def test_answers_are_as_documented(seed):
    world = World(LANDSCAPE, seed)
    for name in listed():
        response = world.call(name, {}, world.initial)
        assert response.status == 200
        jsonschema_rs.validate(LANDSCAPE.tool(name).returns, response.body)


def test_a_foreign_key_leads_into_the_other_api():
    world = World(LANDSCAPE, 3)
    orders = world.call("orders_list_orders", {}, world.initial).body["data"]
    for order in orders:
        found = world.call("crm_getCustomer", {"customer_id": order["customer_id"]}, world.initial)
        assert (found.status, found.body["id"]) == (200, order["customer_id"])


def test_what_the_api_turns_down():
    world = World(LANDSCAPE, 3)
    assert (
        world.call("crm_getCustomer", {"customer_id": "0" * 8 + "-0000-4000-a000-" + "0" * 12}, world.initial).status
        == 404
    )
    order = world.call("orders_list_orders", {"status": "placed"}, world.initial).body["data"][0]["id"]
    paid = world.call("orders_pay_order", {"order_id": order, "method": "card"}, world.initial)
    again = world.call("orders_pay_order", {"order_id": order, "method": "card"}, paid.state)
    assert (paid.status, again.status) == (200, 409)
    assert world.changes(again.state) == world.changes(paid.state)
    problem = world.call("orders_get_order", {}, world.initial)
    assert problem.status in (400, 422)
    assert "order_id" in str(problem.body)


def test_making_and_unmaking_is_no_change():
    world = World(LANDSCAPE, 3)
    made = world.call(
        "crm_createCustomer",
        {"first_name": "Ada", "last_name": "Quinn", "email": "ada.quinn@example.com"},
        world.initial,
    )
    assert [change.kind for change in world.changes(made.state)] == ["created"]
    gone = world.call("crm_deleteCustomer", {"customer_id": made.body["id"]}, made.state)
    assert world.changes(gone.state) == ()


WALK = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
import test_world_states as t
world = t.World(t.LANDSCAPE, 21)
print(hashlib.sha256("".join(s.digest for s in t.random_walk(world, 21)).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_same_in_another_process():
    here = [str(Path(__file__).parent), str(Path(__file__).parent.parent), str(Path(CORPUS).parents[2] / "benchmarks")]
    said = {
        subprocess.run(
            [sys.executable, "-c", WALK, *here],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "99")
    }
    assert len(said) == 1
