"""Filters, searches, orders and pages, against references written in the plainest way."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world_shop import answer, collection, query, ref, shop

from toolbench.world.query import Page, Query, Row, equals, next_argument, page, page_field, select, texts
from toolbench.world.world import World

ITEM = {
    "type": "object",
    "required": ["id", "name", "state", "price", "active", "created_at"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "examples": ["Amber kite", "Blue kite", "Old harbor", "New harbor", "Lantern"]},
        "state": {"type": "string", "enum": ["open", "closed"]},
        "price": {"type": "integer", "minimum": 1, "maximum": 9},
        "active": {"type": "boolean"},
        "owner": {"type": "object", "properties": {"login": {"type": "string"}}},
        "created_at": {"type": "string", "format": "date-time"},
    },
}
FILTERS = (
    query("state", {"type": "string", "enum": ["open", "closed", "all"], "default": "open"}),
    query("name"),
    query("q", description="Words anywhere."),
    query("price", {"type": "integer"}),
    query("price_min", {"type": "integer"}),
    query("max_price", {"type": "integer"}),
    query("active", {"type": "boolean", "default": False}),
    query("created_after", {"type": "string", "format": "date"}),
    query("owner_login"),
    query("sort", {"type": "string", "default": "name"}),
    query("order", {"type": "string", "enum": ["asc", "desc"]}),
    query("limit", {"type": "integer", "default": 4}),
    query("offset", {"type": "integer"}),
)
ENTITIES = st.fixed_dictionaries(
    {
        "n": st.integers(0, 5),
        "name": st.sampled_from(["Ada", "ada", "Bob", "Bob B", "Cy"]),
        "done": st.booleans(),
        "tags": st.lists(st.sampled_from("xyz"), max_size=2),
        "at": st.sampled_from(["2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z", "2026-02-01T08:00:00Z"]),
    },
    optional={"note": st.sampled_from(["red", "blue", None])},
)
TABLES = st.lists(ENTITIES, max_size=12)


def rows(entities: list[dict[str, Any]]) -> list[Row]:
    return [Row((str(place),), entity) for place, entity in enumerate(entities)]


def chosen(entities: list[dict[str, Any]], **values: Any) -> list[dict[str, Any]]:
    return [row.entity for row in select(rows(entities), Query(values))]


@given(TABLES, st.integers(0, 5), st.sampled_from(["ada", "BOB", "nobody"]), st.booleans())
def test_filters_agree_with_a_naive_reference(table: Any, n: int, name: str, done: bool) -> None:
    assert chosen(table, n=n) == [e for e in table if e["n"] == n]
    assert chosen(table, name=name) == [e for e in table if e["name"].lower() == name.lower()]
    assert chosen(table, done=done, n=n) == [e for e in table if e["done"] is done and e["n"] == n]
    assert chosen(table, tags="x") == [e for e in table if "x" in e["tags"]]
    assert chosen(table, name=["Ada", "Cy"]) == [e for e in table if e["name"].lower() in ("ada", "cy")]
    assert chosen(table, nonsense=n) == table
    assert chosen(table, n=None) == table


@given(TABLES, st.integers(0, 5))
def test_bounds_agree_with_a_naive_reference(table: Any, n: int) -> None:
    assert chosen(table, n_min=n) == chosen(table, min_n=n) == [e for e in table if e["n"] >= n]
    assert chosen(table, n_lte=n) == [e for e in table if e["n"] <= n]
    assert chosen(table, at_after="2026-01-02") == [e for e in table if e["at"][:10] >= "2026-01-02"]
    assert chosen(table, at_before="2026-01-31") == [e for e in table if e["at"][:10] <= "2026-01-31"]


@given(TABLES, st.sampled_from(["ada", "bob b", "b bob", "red", ""]))
def test_a_search_finds_all_words_anywhere(table: Any, words: str) -> None:
    def said(entity: dict[str, Any]) -> str:
        return " ".join(
            str(v) for v in (entity["name"], *entity["tags"], entity["at"], entity.get("note") or "")
        ).lower()

    assert chosen(table, q=words) == [e for e in table if all(word in said(e) for word in words.split())]


@given(TABLES, st.sampled_from(["n", "-n", "n:desc", "n desc", "+n"]))
def test_sorting_agrees_with_a_naive_reference(table: Any, order: str) -> None:
    falling = order not in ("n", "+n")
    assert chosen(table, sort=order) == sorted(table, key=lambda e: e["n"], reverse=falling)
    assert chosen(table, sort="at", order="desc") == sorted(table, key=lambda e: e["at"], reverse=True)


@given(st.integers(0, 30), st.integers(1, 9))
def test_pages_put_together_are_the_list(total: int, size: int) -> None:
    table = rows([{"n": n} for n in range(total)])
    for name, places in (
        ("offset", [size * n for n in range(total // size + 1)]),
        ("page", list(range(1, total // size + 2))),
        ("cursor", [f"c{size * n}" for n in range(total // size + 1)]),
    ):
        cuts = [page(table, Query({"per_page": size, name: place})) for place in places]
        assert [row for cut in cuts for row in cut.rows] == table
        assert {cut.total for cut in cuts} == {total}
        assert [cut.more for cut in cuts] == [cut.offset + size < total for cut in cuts]


@given(st.integers(1, 40), st.integers(1, 9))
def test_following_what_leads_on_visits_everything_once(total: int, size: int) -> None:
    table = rows([{"n": n} for n in range(total)])
    for argument, view in (
        ("page", {"type": "integer"}),
        ("offset", {"type": "integer"}),
        ("cursor", {"type": "string"}),
    ):
        seen, values = [], {"limit": size}
        while True:
            cut = page(table, Query(values))
            seen += cut.rows
            if not cut.more:
                break
            name, value = next_argument({"limit": {}, argument: view}, cut) or pytest.fail("no way on")
            values = {"limit": size, name: value}
        assert seen == table


@pytest.mark.parametrize(
    ("values", "views", "first"),
    [
        ({"page": 0}, {"page": {"minimum": 0}}, 0),
        ({"page": 1}, {"page": {"default": 0}}, 2),
        ({"page": 1}, {"page": {"minimum": 0, "default": 1}}, 0),
        ({"page": 2}, {}, 2),
        ({"start_index": 1}, {"start_index": {"minimum": 1}}, 0),
        ({"start_index": 3}, {"start_index": {"default": 1}}, 2),
        ({"offset": 3}, {}, 3),
    ],
)
def test_pages_are_counted_from_where_the_api_counts(values: Any, views: Any, first: int) -> None:
    cut = page(rows([{"n": n} for n in range(9)]), Query({"limit": 2, **values}, views))
    assert cut.offset == first


def test_a_list_without_pages_is_whole() -> None:
    table = rows([{"n": n} for n in range(50)])
    assert len(page(table, Query({})).rows) == 50
    assert len(page(table, Query({}, {"page": {}})).rows) == 20
    assert len(page(table, Query({}, {"limit": {"default": 7}})).rows) == 7
    assert len(page(table, Query({}, {"limit": {"maximum": 5}})).rows) == 5


def test_what_the_envelope_says() -> None:
    cut = Page(rows([{}] * 5), total=12, offset=5, limit=5, number=2)
    said = {name: page_field(name, cut) for name in ("total", "count", "page", "total_pages", "has_more", "offset")}
    assert said == {"total": 12, "count": 12, "page": 2, "total_pages": 3, "has_more": True, "offset": 5}
    assert page_field("count", cut, ("count", "total")) == 5
    assert page_field("colour", cut) is None


def test_dates_and_cursors_may_bear_one_name() -> None:
    table = [{"created_at": f"2026-01-0{n}T00:00:00Z"} for n in range(1, 6)]
    assert len(chosen(table, after="2026-01-04")) == 2
    assert len(page(rows(table), Query({"after": "c3", "limit": 9})).rows) == 2
    assert len(chosen(table, start="2026-01-04T00:00:00Z")) == 2


def test_texts_and_equality() -> None:
    assert texts({"a": ["x", {"b": "y"}], "n": 3}) == ["x", "y"]
    assert equals({"id": 3, "login": "ada"}, "ADA")
    assert equals(True, "true")
    assert not equals(1, 2)
    assert equals("2026-01-01T10:00:00Z", "2026-01-01")


@pytest.fixture
def market(tmp_path: Path) -> World:
    envelope = {
        "type": "object",
        "required": ["data", "total", "next", "took"],
        "properties": {
            "data": {"type": "array", "items": ref("Item")},
            "total": {"type": "integer"},
            "next": {"type": ["string", "null"], "format": "uri"},
            "took": {"type": "number"},
            "meta": {
                "type": "object",
                "properties": {"page": {"type": "object", "properties": {"limit": {"type": "integer"}}}},
            },
        },
    }
    paths = collection("/items", ref("Item"), filters=FILTERS)
    paths["/items"]["get"] |= answer(envelope)
    return shop(tmp_path, paths, Item=ITEM)


def ask(world: World, **arguments: Any) -> Any:
    response = world.call("shop_list_items", arguments, world.initial)
    assert response.status == 200, response.body
    return response.body


def everything(world: World) -> list[dict[str, Any]]:
    return ask(world, state="all", limit=100)["data"]


def test_a_documented_default_holds(market: World) -> None:
    whole, plain = everything(market), ask(market, limit=100)["data"]
    assert {item["state"] for item in whole} == {"open", "closed"}
    assert plain == sorted((i for i in whole if i["state"] == "open"), key=lambda item: item["name"])
    assert len(ask(market)["data"]) == min(4, len(plain))


def test_totals_count_what_the_filters_let_through(market: World) -> None:
    body = ask(market, state="closed", limit=1)
    assert body["total"] == sum(item["state"] == "closed" for item in everything(market))
    assert body["meta"] == {"page": {"limit": 1}}
    assert body["next"] == "https://www.example.com/items?offset=1"
    assert ask(market, state="closed", limit=100)["next"] is None


@pytest.mark.parametrize(
    ("arguments", "test"),
    [
        ({"name": "Amber kite"}, lambda i: i["name"] == "Amber kite"),
        ({"name": "kite"}, lambda i: False),
        ({"q": "harbor"}, lambda i: "harbor" in str(i).lower()),
        ({"price_min": 4}, lambda i: i["price"] >= 4),
        ({"max_price": 4}, lambda i: i["price"] <= 4),
        ({"active": True}, lambda i: i["active"]),
        ({"created_after": "2025-09-01"}, lambda i: i["created_at"] >= "2025-09-01"),
    ],
)
def test_filters_of_a_call(market: World, arguments: Any, test: Any) -> None:
    found = ask(market, state="all", limit=100, **arguments)["data"]
    assert found == [item for item in everything(market) if test(item)]


def test_a_filter_that_says_so_takes_parts(tmp_path: Path) -> None:
    partly = query("name", description="Part of the name, not case-sensitive.")
    world = shop(tmp_path, collection("/items", ref("Item"), filters=[partly]), Item=ITEM)
    found = world.call("shop_list_items", {"name": "KITE"}, world.initial).body
    assert found
    assert all("kite" in item["name"].lower() for item in found)


def test_a_search_over_several_resources(tmp_path: Path) -> None:
    found = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": ref("Item")},
            "people": {"type": "array", "items": ref("Person")},
        },
    }
    person = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    }
    paths = {
        **collection("/items", ref("Item")),
        **collection("/people", ref("Person")),
        "/search": {"get": {"operationId": "search", "parameters": [query("q", required=True)], **answer(found)}},
    }
    world = shop(tmp_path, paths, Item=ITEM, Person=person)
    made = world.call("shop_create_people", {"id": "p1", "name": "Amber Ortega"}, world.initial)
    body = world.call("shop_search", {"q": "amber"}, made.state).body
    assert "p1" in [each["id"] for each in body["people"]]
    whole = world.call("shop_list_items", {}, made.state).body
    assert body["items"] == [item for item in whole if "amber" in str(item).lower()]
