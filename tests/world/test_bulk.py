"""Operations on many entities: all of them, or none."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world_shop import answer, body, collection, query, ref, shop

from toolbench.world.world import World

BOOK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "shelf": {"type": "string", "enum": ["a", "b"]},
        "archived": {"type": "boolean"},
    },
}
BOOKS = {"type": "array", "items": ref("Book")}
IDS = {"type": "object", "required": ["ids"], "properties": {"ids": {"type": "array", "items": {"type": "string"}}}}
COUNT = {
    "type": "object",
    "required": ["deleted", "failed"],
    "properties": {"deleted": {"type": "integer"}, "failed": {"type": "integer"}, "ok": {"type": "boolean"}},
}


def op(name: str, **parts: Any) -> dict[str, Any]:
    return {"operationId": name, **parts}


def paths() -> dict[str, Any]:
    whole = collection("/books", ref("Book"), filters=[query("shelf")])
    whole["/books"] |= {
        "patch": op("patch_many", **body(BOOKS), **answer(BOOKS)),
        "delete": op("clear", parameters=[query("shelf"), query("selector")], **answer(COUNT)),
    }
    return {
        **whole,
        "/books/bulk": {"post": op("add_many", **body(BOOKS), **answer(BOOKS, "201"))},
        "/books/bulkDelete": {"post": op("drop_many", **body(IDS), **answer(COUNT))},
        "/books/archive": {
            "post": op("archive_many", **body(IDS), **answer({"type": "object", "properties": {"books": BOOKS}}))
        },
        "/books/batchGet": {"post": op("get_many", **body(IDS), **answer(BOOKS))},
    }


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> World:
    return shop(tmp_path_factory.mktemp("bulk"), paths(), Book=BOOK)


def call(world: World, name: str, state: Any, **arguments: Any) -> Any:
    return world.call(f"shop_{name}", arguments, state)


def ids(world: World, state: Any, **filters: Any) -> list[str]:
    return [book["id"] for book in call(world, "list_books", state, **filters).body]


def test_what_each_does(books: World) -> None:
    found = {name.removeprefix("shop_"): (o.role, o.each, o.items) for name, o in books.landscape.operations.items()}
    assert found["add_many"] == ("bulk", "create", "body")
    assert found["patch_many"] == ("bulk", "update", "body")
    assert found["clear"] == ("bulk", "delete", "")
    assert found["drop_many"] == ("bulk", "delete", "ids")
    assert found["archive_many"] == ("bulk", "action", "ids")
    assert found["get_many"] == ("bulk", "get", "ids")
    assert found["create_books"][0] == "create"


@settings(max_examples=30, deadline=None)
@given(titles=st.lists(st.text("abc ", min_size=1, max_size=5), min_size=1, max_size=6, unique=True))
def test_many_at_once_is_each_in_turn(books: World, titles: list[str]) -> None:
    sent = [{"id": f"n{place}", "title": title, "shelf": "a"} for place, title in enumerate(titles)]
    together = call(books, "add_many", books.initial, body=sent)
    assert together.status == 201, together.body
    state = books.initial
    for each in sent:
        made = call(books, "create_books", state, **each)
        assert made.status == 201, made.body
        state = made.state
    assert together.state.content == state.content
    shown = [call(books, "get_books", together.state, id=each["id"]).body for each in sent]
    assert together.body == shown
    assert [each["title"] for each in shown] == titles


def test_one_bad_apple_spoils_the_lot(books: World) -> None:
    there = ids(books, books.initial)
    refused = call(books, "drop_many", books.initial, ids=[there[0], "nobody", there[1]])
    assert refused.status == 404
    assert "nobody" in str(refused.body)
    assert ids(books, refused.state) == there
    twice = call(books, "add_many", books.initial, body=[{"id": "x", "title": "A"}, {"id": "x", "title": "B"}])
    assert twice.status == 409
    assert call(books, "get_books", twice.state, id="x").status == 404


def test_changing_and_acting(books: World) -> None:
    one, two = ids(books, books.initial)[:2]
    patched = call(books, "patch_many", books.initial, body=[{"id": one, "title": "New"}])
    assert [book["title"] for book in patched.body] == ["New"]
    assert call(books, "get_books", patched.state, id=one).body["title"] == "New"
    put_away = call(books, "archive_many", books.initial, ids=[one, two])
    assert [book["archived"] for book in put_away.body["books"]] == [True, True]
    got = call(books, "get_many", put_away.state, ids=[two, one])
    assert [(book["id"], book["archived"]) for book in got.body] == [(two, True), (one, True)]


def test_what_the_query_lets_through_is_deleted(books: World) -> None:
    on_shelf = ids(books, books.initial, shelf="a")
    others = [key for key in ids(books, books.initial) if key not in on_shelf]
    assert on_shelf
    assert others
    cleared = call(books, "clear", books.initial, shelf="a")
    assert (cleared.body["deleted"], cleared.body["failed"]) == (len(on_shelf), 0)
    assert ids(books, cleared.state) == others
    assert ids(books, call(books, "clear", books.initial).state) == []


def test_a_filter_nobody_understands_deletes_nothing(books: World) -> None:
    answered = call(books, "clear", books.initial, selector="app=web")
    assert answered.body["deleted"] == 0
    assert ids(books, answered.state) == ids(books, books.initial)


def test_an_entity_that_holds_a_list_is_one(tmp_path: Path) -> None:
    order = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "lines": {"type": "array", "items": ref("Line")},
        },
    }
    line = {"type": "object", "properties": {"id": {"type": "string"}, "title": {"type": "string"}}}
    world = shop(tmp_path, collection("/orders", ref("Order")), Order=order, Line=line)
    assert world.landscape.operations["shop_create_orders"].role == "create"
