"""Arguments nobody says: a header of one legal value, and the key under which a call is made once."""

import json
from itertools import islice

import pytest

from toolbench.specs.base import read_api
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

ROOM = {
    "type": "object",
    "required": ["roomId", "name", "floor"],
    "properties": {"roomId": {"type": "string"}, "name": {"type": "string"}, "floor": {"type": "integer"}},
}


def operation(name, body, result, *, extra=()):
    target = {"name": "X-Target", "in": "header", "required": True, "schema": {"type": "string", "enum": [name]}}
    schema = {"type": "object", "properties": body, "required": [key for key in body if key != "note"]}
    return {
        "operationId": name,
        "parameters": [target, *extra],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": result}}}},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    name, floor, key = {"type": "string"}, {"type": "integer", "minimum": 0, "maximum": 9}, {"type": "string"}
    once = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 8}}
    listed = {"type": "object", "properties": {"rooms": {"type": "array", "items": ROOM}}}
    paths = {
        "/#CreateRoom": {"post": operation("CreateRoom", {"name": name, "floor": floor}, ROOM, extra=[once])},
        "/#UpdateRoom": {"post": operation("UpdateRoom", {"roomId": key, "floor": floor}, ROOM)},
        "/#DescribeRoom": {"post": operation("DescribeRoom", {"roomId": key}, ROOM)},
        "/#ListRooms": {"post": operation("ListRooms", {}, listed)},
    }
    file = tmp_path_factory.mktemp("spec") / "rooms.json"
    file.write_text(json.dumps({"openapi": "3.0.0", "info": {"title": "Rooms", "version": "1"}, "paths": paths}))
    landscape = Landscape([read_api(file)])
    stream = TaskSampler(landscape, 1, tuple(landscape.apis)).stream()
    return landscape, [sampled.task for sampled in islice(stream, 12)]


def test_operations_that_a_header_tells_apart_are_aims(made):
    landscape, tasks = made
    aims = {landscape.operations[task.gold[-1].call.tool].tool.source.name for task in tasks}
    assert aims >= {"CreateRoom", "UpdateRoom", "ListRooms"}


def test_the_header_is_a_default_and_nobody_says_it(made):
    for task in made[1]:
        for gold in task.gold:
            origins = {origin.pointer: origin.kind for origin in gold.origins}
            assert origins["/X-Target"] == "default"
            assert gold.call.arguments["X-Target"] not in task.turns[0].text


def test_a_required_key_of_a_call_is_made_up(made):
    keys = [
        (gold.call.arguments["Idempotency-Key"], {o.pointer: o.kind for o in gold.origins}, task.turns[0].text)
        for task in made[1]
        for gold in task.gold
        if "Idempotency-Key" in gold.call.arguments
    ]
    assert keys
    for key, origins, text in keys:
        assert len(key) >= 8
        assert origins["/Idempotency-Key"] == "default"
        assert key not in text


def test_they_replay(made):
    landscape, tasks = made
    for task in tasks:
        replay = WorldReplayer(landscape).replay(task, [gold.call for gold in task.gold])
        assert all(seen.status == "ok" for seen in replay.observations)
