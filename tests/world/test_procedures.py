"""APIs whose paths say nothing: resources from what operations are called."""

import json
from pathlib import Path
from typing import Any

import pytest
from corpus import DIRECTORY, MARKS
from drafts import http
from world_shop import answer, body, query, ref, shop

from toolbench.specs.base import read_api
from toolbench.world.world import Landscape, World

TABLE = {
    "type": "object",
    "required": ["TableName"],
    "properties": {
        "TableName": {"type": "string"},
        "Rows": {"type": "integer"},
        "Status": {"type": "string", "enum": ["ACTIVE", "PAUSED"]},
    },
}


def sent(*required: str, **properties: Any) -> Any:
    return body({"type": "object", "required": list(required), "properties": properties})


TEXT = {"type": "string"}
COST = {"type": "object", "properties": {"Cost": TEXT}}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> World:
    """An API of one endpoint, told apart by what a call is named."""
    shown = answer({"type": "object", "properties": {"Table": ref("Table")}})
    many = answer({"type": "object", "properties": {"Tables": {"type": "array", "items": ref("Table")}}})
    name = {"TableName": TEXT}
    operations = {
        "CreateTable": {**sent("TableName", TableName=TEXT, Rows={"type": "integer"}), **shown},
        "DescribeTable": {**sent("TableName", **name), **shown},
        "DescribeTables": {**sent(Status=TEXT), **many},
        "UpdateTable": {**sent("TableName", TableName=TEXT, Rows={"type": "integer"}), **shown},
        "PauseTable": {**sent("TableName", **name), **shown},
        "DeleteTable": {**sent("TableName", **name), **answer()},
        "EstimateCosts": {
            **sent("Hours", Hours={"type": "integer"}),
            **answer({"type": "object", "properties": {"Cost": TEXT}}),
        },
    }
    paths = {f"/#Target={each}": {"post": {"operationId": each, **rest}} for each, rest in operations.items()}
    return shop(tmp_path_factory.mktemp("tables"), paths, Table=TABLE)


def call(world: World, name: str, state: Any, **arguments: Any) -> Any:
    return world.call(f"shop_{name}", arguments, state)


def test_each_operation_does_what_it_is_called(tables: World) -> None:
    found = {name.removeprefix("shop_"): each for name, each in tables.landscape.operations.items()}
    assert {name: each.role for name, each in found.items()} == {
        "CreateTable": "create",
        "DescribeTable": "get",
        "DescribeTables": "list",
        "UpdateTable": "update",
        "PauseTable": "action",
        "DeleteTable": "delete",
        "EstimateCosts": "unknown",
    }
    assert {each.resource.id for each in found.values() if each.resource} == {"shop:/table"}
    assert found["EstimateCosts"].confidence < 0.5 < found["CreateTable"].confidence < 1


def test_the_law_holds_without_paths(tables: World) -> None:
    made = call(tables, "CreateTable", tables.initial, TableName="t1", Rows=3)
    assert made.body["Table"]["TableName"] == "t1"
    shown = call(tables, "DescribeTable", made.state, TableName="t1")
    assert shown.body["Table"]["Rows"] == 3
    changed = call(tables, "UpdateTable", shown.state, TableName="t1", Rows=5)
    assert call(tables, "DescribeTable", changed.state, TableName="t1").body["Table"]["Rows"] == 5
    paused = call(tables, "PauseTable", changed.state, TableName="t1")
    assert paused.body["Table"]["Status"] == "PAUSED"
    listed = call(tables, "DescribeTables", paused.state, Status="PAUSED").body["Tables"]
    assert "t1" in [table["TableName"] for table in listed]
    assert {table["Status"] for table in listed} == {"PAUSED"}
    gone = call(tables, "DeleteTable", paused.state, TableName="t1")
    assert call(tables, "DescribeTable", gone.state, TableName="t1").status == 404
    again = call(tables, "CreateTable", made.state, TableName="t1", Rows=1)
    assert again.status == 409


def test_what_nobody_understands_is_stable_for_equal_arguments(tables: World) -> None:
    one, same, other = (call(tables, "EstimateCosts", tables.initial, Hours=hours) for hours in (1, 1, 2))
    assert one.body == same.body != other.body


def test_a_path_that_ends_in_a_verb(tmp_path: Path) -> None:
    call_ = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "title": TEXT}}
    many = answer({"type": "object", "properties": {"calls": {"type": "array", "items": ref("Call")}}})
    one = answer({"type": "object", "properties": {"ok": {"type": "boolean"}, "call": ref("Call")}})
    token = query("token", required=True)
    paths = {
        "/calls.list": {"get": {"parameters": [token], **many}},
        "/calls.info": {"get": {"parameters": [token, query("call", required=True)], **one}},
        "/calls.add": {"post": {**sent("title", title=TEXT), **one}},
        "/convert": {"get": {"operationId": "convert", "parameters": [query("from", required=True)], **one}},
        "/me": {"get": {"operationId": "me", "parameters": [token], **one}},
    }
    world = shop(tmp_path, paths, Call=call_)
    by_path = {http(each.tool).path: each for each in world.landscape.operations.values()}
    assert {path.strip("/"): each.role for path, each in by_path.items()} == {
        "calls.list": "list",
        "calls.info": "get",
        "calls.add": "create",
        "convert": "unknown",
        "me": "get",
    }
    made = world.call(by_path["/calls.add"].tool.name, {"title": "Sync"}, world.initial)
    shown = world.call(by_path["/calls.info"].tool.name, {"token": "x", "call": made.body["call"]["id"]}, made.state)
    assert shown.body["call"] == made.body["call"]


@pytest.mark.parametrize(
    ("name", "least"),
    [
        pytest.param("amazonaws.com/dax.json", 0.6, marks=MARKS),
        pytest.param("amazonaws.com/license-manager.json", 0.5, marks=MARKS),
        pytest.param("slack.com.json", 0.3, marks=MARKS),
    ],
)
def test_real_apis_of_this_kind(name: str, least: float) -> None:
    operations = Landscape([read_api(DIRECTORY / name)]).operations.values()
    known = [each for each in operations if each.role != "unknown"]
    assert len(known) / len(operations) >= least


def test_functions_have_a_state_too(tmp_path: Path) -> None:
    note = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "text": TEXT, "done": {"type": "boolean"}}}
    one = {"type": "object", "required": ["note_id"], "properties": {"note_id": TEXT}}
    listed = {"type": "object", "properties": {"notes": {"type": "array", "items": note}}}
    done = {"type": "object", "properties": {"done": {"type": "boolean"}}}
    ok = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    functions = [
        {"name": "create_note", "parameters": {"type": "object", "properties": {"text": TEXT}}, "response": note},
        {"name": "get_note", "parameters": one, "response": note},
        {"name": "list_notes", "parameters": done, "response": listed},
        {"name": "delete_note", "parameters": one, "response": ok},
    ]
    (tmp_path / "notes.json").write_text(json.dumps(functions))
    world = World(Landscape([read_api(tmp_path / "notes.json")]), 4)
    made = world.call("notes_create_note", {"text": "Milk"}, world.initial)
    assert made.status == 200, made.body
    key = made.body["id"]
    assert world.call("notes_get_note", {"note_id": key}, made.state).body["text"] == "Milk"
    assert key in [each["id"] for each in world.call("notes_list_notes", {}, made.state).body["notes"]]
    gone = world.call("notes_delete_note", {"note_id": key}, made.state)
    assert world.call("notes_get_note", {"note_id": key}, gone.state).status == 404
    some = world.call("notes_list_notes", {"done": True}, made.state).body["notes"]
    assert {each["done"] for each in some} == {True}
