"""Idempotency keys: a call repeated under one name has no further effect."""

from pathlib import Path
from typing import Any

import pytest
from world_calls import world as bundled
from world_shop import answer, collection, query, ref, shop

from toolbench.world.world import World

NOTE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": {"type": "string"}, "text": {"type": "string"}, "pinned": {"type": "boolean"}},
}
NEW = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
HEADER = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
RETRIED = query("requestId", description="Specify it so that the server ignores the request if it must be retried.")


@pytest.fixture
def notes(tmp_path: Path) -> World:
    paths = collection("/notes", ref("Note"), NEW)
    paths["/notes"]["post"]["parameters"] = [HEADER]
    paths["/notes/{id}/pin"] = {"post": {"operationId": "pin", "parameters": [RETRIED, *_id()], **answer(ref("Note"))}}
    paths["/notes/{id}/unpin"] = {"post": {"operationId": "unpin", "parameters": _id(), **answer(ref("Note"))}}
    paths["/searches"] = {"get": {"operationId": "look", "parameters": [HEADER], **answer({"type": "object"})}}
    return shop(tmp_path, paths, Note=NOTE)


def _id() -> list[Any]:
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]


def make(world: World, state: Any, **arguments: Any) -> Any:
    return world.call("shop_create_notes", arguments, state)


def count(world: World, state: Any) -> int:
    return len(world.call("shop_list_notes", {}, state).body)


def test_repeated_it_is_answered_again_and_not_done_again(notes: World) -> None:
    sent = {"text": "Milk", "Idempotency-Key": "k1"}
    first = make(notes, notes.initial, **sent)
    again = make(notes, first.state, **sent)
    assert (first.status, first.body) == (again.status, again.body) == (201, again.body)
    assert count(notes, again.state) == count(notes, notes.initial) + 1
    other = make(notes, again.state, **{**sent, "Idempotency-Key": "k2"})
    assert other.body["id"] != first.body["id"]
    assert count(notes, other.state) == count(notes, notes.initial) + 2


def test_the_answer_is_that_of_the_first_time(notes: World) -> None:
    sent = {"text": "Milk", "Idempotency-Key": "k1"}
    first = make(notes, notes.initial, **sent)
    changed = notes.call("shop_update_notes", {"id": first.body["id"], "text": "Bread"}, first.state)
    assert changed.status == 200, changed.body
    assert make(notes, changed.state, **sent).body == first.body


def test_one_name_is_for_one_call(notes: World) -> None:
    first = make(notes, notes.initial, text="Milk", **{"Idempotency-Key": "k1"})
    other = make(notes, first.state, text="Bread", **{"Idempotency-Key": "k1"})
    assert other.status == 422
    assert count(notes, other.state) == count(notes, first.state)


def test_what_was_turned_down_may_be_tried_again(notes: World) -> None:
    refused = make(notes, notes.initial, **{"Idempotency-Key": "k1"})
    assert refused.status == 422
    assert make(notes, refused.state, text="Milk", **{"Idempotency-Key": "k1"}).status == 201


def test_branches_know_nothing_of_each_other(notes: World) -> None:
    sent = {"text": "Milk", "Idempotency-Key": "k1"}
    make(notes, notes.initial, **sent)
    assert count(notes, make(notes, notes.initial, **sent).state) == count(notes, notes.initial) + 1


def test_it_is_found_by_what_is_said_of_it(notes: World) -> None:
    found = {name.removeprefix("shop_"): each.once for name, each in notes.landscape.operations.items()}
    assert found["create_notes"] == "Idempotency-Key"
    assert found["pin"] == "requestId"
    assert found["unpin"] == found["look"] == found["list_notes"] == ""
    made = make(notes, notes.initial, text="Milk").body["id"]
    state = make(notes, notes.initial, text="Milk").state
    pinned = notes.call("shop_pin", {"id": made, "requestId": "r"}, state)
    freed = notes.call("shop_unpin", {"id": made}, pinned.state)
    again = notes.call("shop_pin", {"id": made, "requestId": "r"}, freed.state)
    assert (freed.body["pinned"], again.body["pinned"]) == (False, True)
    assert notes.call("shop_get_notes", {"id": made}, again.state).body["pinned"] is False


def test_the_bundled_apis_take_them() -> None:
    world = bundled("orders", "crm")
    assert world.landscape.operations["orders_pay_order"].once == "Idempotency-Key"
