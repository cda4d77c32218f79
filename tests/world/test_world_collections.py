"""What a collection does: make, show, change, list, delete, and what it turns down."""

from pathlib import Path
from typing import Any

import pytest
from world_shop import answer, body, collection, keys, ref, shop

from toolbench.world.world import World

BOOK = {
    "type": "object",
    "required": ["id", "title", "created_at"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "title": {"type": "string"},
        "isbn": {"type": "string"},
        "country_code": {"type": "string"},
        "pages": {"type": "integer"},
        "details": {"type": "object", "properties": {"weight": {"type": "integer"}, "cover": {"type": "string"}}},
        "author_id": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
    },
}
SENT = {"type": "object", "properties": {n: p for n, p in BOOK["properties"].items() if not p.get("readOnly")}}
AUTHOR = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
COPY = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "shelf": {"type": "string"}}}


@pytest.fixture
def library(tmp_path: Path) -> World:
    paths = {
        **collection("/books", ref("Book"), SENT),
        **collection("/authors", ref("Author")),
        **collection("/books/{book_id}/copies", ref("Copy"), key="copy_id"),
    }
    return shop(tmp_path, paths, Book=BOOK, Author=AUTHOR, Copy=COPY)


def test_a_new_entity_has_what_was_sent_and_what_the_server_makes(library: World) -> None:
    made = library.call("shop_create_books", {"title": "Dune", "pages": 412}, library.initial)
    assert made.status == 201
    assert (made.body["title"], made.body["pages"]) == ("Dune", 412)
    assert made.body["created_at"] == "2026-01-08T09:00:01Z"
    found = library.call("shop_get_books", {"id": made.body["id"]}, made.state)
    assert found.body == made.body
    (change,) = library.changes(made.state)
    assert (change.kind, change.key) == ("created", made.body["id"])
    assert change.after["title"] == "Dune"
    assert not {"id", "created_at", "updated_at"} & change.after.keys()


def test_a_patch_is_merged_at_every_depth(library: World) -> None:
    made = library.call("shop_create_books", {"title": "Dune", "details": {"weight": 3, "cover": "x"}}, library.initial)
    place = {"id": made.body["id"]}
    done = library.call("shop_update_books", {**place, "title": "Dune", "details": {"weight": 4}}, made.state)
    assert done.body["details"] == {"weight": 4, "cover": "x"}
    whole = library.call("shop_replace_books", {**place, "title": "Dune", "details": {"weight": 5}}, done.state)
    assert whole.body["details"] == {"weight": 5}


def test_a_change_moves_its_time_and_no_change_does_not(library: World) -> None:
    key = keys(library, "shop:/books")[0]
    before = library.call("shop_get_books", {"id": key}, library.initial).body
    same = library.call("shop_update_books", {"id": key, "title": before["title"]}, library.initial)
    assert library.changes(same.state) == ()
    changed = library.call("shop_update_books", {"id": key, "title": "Other"}, library.initial)
    assert changed.body.get("updated_at") in (None, "2026-01-08T09:00:01Z")
    (change,) = library.changes(changed.state)
    assert (change.before["title"], change.after["title"]) == (before["title"], "Other")


def test_changing_and_changing_back_is_no_change(library: World) -> None:
    key = keys(library, "shop:/books")[0]
    title = library.call("shop_get_books", {"id": key}, library.initial).body["title"]
    state = library.call("shop_update_books", {"id": key, "title": "Other"}, library.initial).state
    assert library.changes(library.call("shop_update_books", {"id": key, "title": title}, state).state) == ()


def test_what_is_deleted_is_gone_with_all_that_is_under_it(library: World) -> None:
    key = keys(library, "shop:/books")[0]
    copy = keys(library, "shop:/books/{}/copies", key)[0]
    gone = library.call("shop_delete_books", {"id": key}, library.initial)
    assert (gone.status, gone.body) == (204, None)
    for tool, place in (
        ("shop_get_books", {"id": key}),
        ("shop_delete_books", {"id": key}),
        ("shop_update_books", {"id": key, "title": "x"}),
        ("shop_list_books_book_id_copies", {"book_id": key}),
        ("shop_get_books_book_id_copies", {"book_id": key, "copy_id": copy}),
        ("shop_create_books_book_id_copies", {"book_id": key, "id": "x"}),
    ):
        assert library.call(tool, place, gone.state).status == 404, tool
    listed = library.call("shop_list_books", {}, gone.state).body
    assert key not in [book["id"] for book in listed]
    assert [change.kind for change in library.changes(gone.state)] == ["deleted"]


def test_a_parent_that_is_made_has_no_children_yet(library: World) -> None:
    made = library.call("shop_create_books", {"title": "Dune"}, library.initial)
    place = {"book_id": made.body["id"]}
    assert library.call("shop_list_books_book_id_copies", place, made.state).body == []
    one = library.call("shop_create_books_book_id_copies", {**place, "id": "c1", "shelf": "A"}, made.state)
    assert [copy["shelf"] for copy in library.call("shop_list_books_book_id_copies", place, one.state).body] == ["A"]


def test_a_key_may_be_chosen_by_the_caller_but_only_once(library: World) -> None:
    made = library.call("shop_create_authors", {"id": "herbert", "name": "Frank Herbert"}, library.initial)
    assert made.body["id"] == "herbert"
    assert library.call("shop_get_authors", {"id": "herbert"}, made.state).body["name"] == "Frank Herbert"
    assert library.call("shop_create_authors", {"id": "herbert"}, made.state).status == 409


def test_unique_values_are_unique(library: World) -> None:
    made = library.call("shop_create_books", {"title": "Dune", "isbn": "978", "country_code": "PT"}, library.initial)
    again = library.call("shop_create_books", {"title": "Emma", "isbn": "978"}, made.state)
    assert (again.status, library.changes(again.state)) == (409, library.changes(made.state))
    assert library.call("shop_create_books", {"title": "Emma", "country_code": "PT"}, made.state).status == 201
    other = keys(library, "shop:/books")[0]
    assert library.call("shop_update_books", {"id": other, "isbn": "978"}, made.state).status == 409
    assert library.call("shop_update_books", {"id": made.body["id"], "isbn": "978"}, made.state).status == 200


def test_a_reference_must_lead_somewhere(library: World) -> None:
    wrong = library.call("shop_create_books", {"title": "Dune", "author_id": "nobody"}, library.initial)
    assert wrong.status == 422
    assert "/author_id" in str(wrong.body)
    author = keys(library, "shop:/authors")[0]
    right = library.call("shop_create_books", {"title": "Dune", "author_id": author}, library.initial)
    assert right.body["author_id"] == author
    assert (
        library.call(
            "shop_create_books",
            {"title": "Dune", "author_id": author},
            library.call("shop_delete_authors", {"id": author}, library.initial).state,
        ).status
        == 422
    )


def test_seeded_references_lead_somewhere(library: World) -> None:
    authors = set(keys(library, "shop:/authors"))
    books = library.call("shop_list_books", {}, library.initial).body
    held = [book["author_id"] for book in books if "author_id" in book]
    assert held
    assert set(held) <= authors


def test_wrapped_entities_are_the_same_inside_and_out(tmp_path: Path) -> None:
    wrapped = {"type": "object", "required": ["book"], "properties": {"book": ref("Book")}}
    paths = collection("/books", wrapped, {"type": "object", "properties": {"book": SENT}})
    paths["/books"]["get"] |= answer(
        {"type": "object", "properties": {"books": {"type": "array", "items": ref("Book")}}}
    )
    world = shop(tmp_path, paths, Book=BOOK)
    made = world.call("shop_create_books", {"book": {"title": "Dune", "pages": 9}}, world.initial)
    key = made.body["book"]["id"]
    state = world.call("shop_update_books", {"id": key, "book": {"pages": 10}}, made.state).state
    found = world.call("shop_get_books", {"id": key}, state).body["book"]
    assert (found["title"], found["pages"]) == ("Dune", 10)
    assert found in [
        {name: book[name] for name in found if name in book}
        for book in world.call("shop_list_books", {}, state).body["books"]
    ]


def test_json_patch(tmp_path: Path) -> None:
    steps = {
        "type": "array",
        "items": {"type": "object", "required": ["op", "path"], "properties": {"op": {}, "path": {}, "value": {}}},
    }
    paths = collection("/books", ref("Book"))
    paths["/books/{id}"]["patch"] |= body(steps, "application/json-patch+json")
    world = shop(tmp_path, paths, Book=BOOK)
    key = keys(world, "shop:/books")[0]
    change: Any = [
        {"op": "replace", "path": "/title", "value": "Emma"},
        {"op": "add", "path": "/details", "value": {"weight": 1}},
        {"op": "add", "path": "/details/cover", "value": "hard"},
        {"op": "remove", "path": "/details/weight"},
        {"op": "replace", "path": "", "value": {}},
        {"op": "sing", "path": "/title"},
    ]
    done = world.call("shop_update_books", {"id": key, "body": change}, world.initial)
    assert (done.status, done.body["title"], done.body["details"]) == (200, "Emma", {"cover": "hard"})


@pytest.mark.parametrize("media_type", ["text/plain", "application/octet-stream", "application/xml"])
def test_a_body_that_is_no_json_changes_nothing_and_breaks_nothing(tmp_path: Path, media_type: str) -> None:
    paths = collection("/books", ref("Book"))
    paths["/books/{id}"]["put"] |= body({"type": "string"}, media_type)
    world = shop(tmp_path, paths, Book=BOOK)
    key = keys(world, "shop:/books")[0]
    done = world.call("shop_replace_books", {"id": key, "body": "anything"}, world.initial)
    assert (done.status, world.changes(done.state)) == (200, ())


def test_fields_in_the_query_are_as_good_as_in_the_body(tmp_path: Path) -> None:
    paths = collection("/books", ref("Book"))
    del paths["/books"]["post"]["requestBody"]
    paths["/books"]["post"]["parameters"] = [{"name": "title", "in": "query", "schema": {"type": "string"}}]
    world = shop(tmp_path, paths, Book=BOOK)
    assert world.call("shop_create_books", {"title": "Dune"}, world.initial).body["title"] == "Dune"


def test_put_makes_what_callers_name_and_not_what_servers_number(tmp_path: Path) -> None:
    tag = {"type": "object", "properties": {"name": {"type": "string"}, "color": {"type": "string"}}}
    color = {"type": "object", "properties": {"color": {"type": "string"}}}
    paths = {**collection("/tags", ref("Tag"), color, key="name"), **collection("/books", ref("Book"), SENT)}
    world = shop(tmp_path, paths, Tag=tag, Book=BOOK)
    made = world.call("shop_replace_tags", {"name": "new", "color": "red"}, world.initial)
    assert made.status == 200
    assert world.call("shop_get_tags", {"name": "new"}, made.state).body == {"name": "new", "color": "red"}
    assert world.call("shop_replace_books", {"id": "new", "title": "x"}, world.initial).status == 404


def test_deleting_and_making_again_gives_one(tmp_path: Path) -> None:
    tag = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    world = shop(tmp_path, collection("/tags", ref("Tag"), key="name"), Tag=tag)
    name = keys(world, "shop:/tags")[0]
    state = world.call("shop_delete_tags", {"name": name}, world.initial).state
    state = world.call("shop_create_tags", {"name": name}, state).state
    listed = [each["name"] for each in world.call("shop_list_tags", {}, state).body]
    assert listed.count(name) == 1
    assert world.changes(state) == ()


def test_an_entity_shown_whole_is_found_by_its_login(tmp_path: Path) -> None:
    user = {
        "type": "object",
        "required": ["id", "login"],
        "properties": {"id": {"type": "integer"}, "login": {"type": "string"}, "site": {"type": "string"}},
    }
    issue = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "assignee": ref("User")}}
    sent = {"type": "object", "properties": {"assignee": {"type": "string"}}}
    paths = {**collection("/issues", ref("Issue"), sent), **collection("/users", ref("User"), key="login")}
    world = shop(tmp_path, paths, User=user, Issue=issue)
    one = world.call("shop_list_users", {}, world.initial).body[2]
    made = world.call("shop_create_issues", {"assignee": one["login"]}, world.initial)
    assert made.body["assignee"] == one


PERSON = {"id": {"type": "string"}, "name": {"type": "string"}, "city": {"type": "string"}}


@pytest.mark.parametrize(
    ("shown", "found"),
    [(PERSON, 200), ({"id": {"type": "string"}, "size": {"type": "integer"}, "kind": {}, "flags": {}}, 404)],
)
def test_what_is_made_under_one_path_is_shown_under_another(tmp_path: Path, shown: dict[str, Any], found: int) -> None:
    person, other = {"type": "object", "properties": PERSON}, {"type": "object", "properties": shown}
    where = {"name": "user", "in": "path", "required": True, "schema": {"type": "string"}}
    made = collection("/organization/users", person, key="user")
    del made["/organization/users/{user}"]["get"]
    one = shop(
        tmp_path, made | {"/users/{user}": {"get": {"operationId": "show", "parameters": [where], **answer(other)}}}
    )
    response = one.call("shop_create_organization_users", {"name": "Ada", "city": "Ghent"}, one.initial)
    assert one.call("shop_show", {"user": response.body["id"]}, response.state).status == found
