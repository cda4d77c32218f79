"""Names of tools, arguments and shared schemas: legal, unique, steady."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.specs._names import DefinitionNames, ToolNames, argument_names, operation_name, template_names

LEGAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOCATIONS = st.sampled_from(("path", "query", "header", "cookie", "body"))
WIRE_NAMES = st.text("ab_-.[]$é", max_size=4) | st.text(max_size=80)
OPERATIONS = st.tuples(st.text("ab/_-.é", max_size=80), st.sampled_from(("get", "put")), st.text("/{}ab", max_size=9))


@pytest.mark.parametrize(
    ("operation", "method", "path", "expected"),
    [
        ("issues/create-comment", "post", "/x", "shop_issues_create-comment"),
        ("Get  Order!", "get", "/x", "shop_Get_Order"),
        ("", "get", "/orders/{order_id}", "shop_get_orders_by_order_id"),
        ("", "get", "/orders/{order_id}/items/{n}", "shop_get_orders_by_order_id_items_by_n"),
        ("", "post", "/", "shop_post"),
        ("注文", "delete", "/orders", "shop_delete_orders"),
    ],
)
def test_tool_names(operation: str, method: str, path: str, expected: str) -> None:
    assert ToolNames("shop").name(operation, method, path) == expected


def test_long_tool_names_are_cut_and_told_apart_by_what_was_cut() -> None:
    one, other = ("a" * 80 + end for end in ("x", "y"))
    names = [ToolNames("shop").name(operation, "get", "/") for operation in (one, other)]
    assert all(re.fullmatch(r"shop_a{50}_[0-9a-f]{8}", name) for name in names)
    assert names[0] != names[1]


def test_the_second_of_equal_tool_names_ends_with_a_hash() -> None:
    naming = ToolNames("shop")
    assert naming.name("list", "get", "/a") == "shop_list"
    again = naming.name("list", "get", "/b")
    assert re.fullmatch(r"shop_list_[0-9a-f]{8}", again)
    assert naming.name("list", "get", "/c") not in {"shop_list", again}


@given(st.lists(OPERATIONS, max_size=30))
def test_tool_names_are_legal_unique_and_repeatable(operations: list[tuple[str, str, str]]) -> None:
    naming, again = ToolNames("shop"), ToolNames("shop")
    names = [naming.name(*operation) for operation in operations]
    assert all(LEGAL.fullmatch(name) and name.startswith("shop_") for name in names)
    assert len(set(names)) == len(names)
    assert names == [again.name(*operation) for operation in operations]


def test_operations_without_a_name_are_named_after_method_and_path() -> None:
    assert operation_name("GET", "/users/{id}.json") == "get_users_by_id_json"


def test_template_names_are_there_once_in_order() -> None:
    assert template_names("/a/{b}/c/{d}:do/{b}") == ["b", "d"]


def test_the_first_location_keeps_a_contested_name() -> None:
    keys = [("id", "body"), ("id", "query"), ("id", "path"), ("id_query", "query"), ("name", "body")]
    assert argument_names(keys) == ["id_body", "id_query_2", "id", "id_query", "name"]  # pyright: ignore[reportArgumentType]


def test_odd_wire_names_become_readable() -> None:
    keys = ["filter[status]", "$top", "X-Request-Id", "a.b", "fields[]", "注文", "@type"]
    names = argument_names([(key, "query") for key in keys])
    assert names == ["filter_status", "top", "X-Request-Id", "a_b", "fields", "query", "type"]


def test_a_name_that_is_legal_already_goes_before_one_made_so() -> None:
    assert argument_names([("filter[a]", "path"), ("filter_a", "body")]) == ["filter_a_path", "filter_a"]


@given(st.lists(st.tuples(WIRE_NAMES, LOCATIONS), max_size=20, unique=True))
def test_argument_names_are_legal_and_unique(keys: list[tuple[str, str]]) -> None:
    names = argument_names(keys)  # pyright: ignore[reportArgumentType]
    assert all(LEGAL.fullmatch(name) for name in names)
    assert len(set(names)) == len(keys)


def test_components_keep_their_names_and_others_give_way() -> None:
    naming = DefinitionNames(["Order", "OrderInput", "Line Item", "Line_Item"])
    assert naming.name(("x", "Order"), identity="1", component=False).startswith("x_Order")
    assert naming.name(("Order",), identity="2", component=False).startswith("Order_")
    assert naming.name(("components", "schemas", "Order"), identity="3", component=True) == "Order"
    assert naming.name(("Order",), identity="4", component=True, suffix="Input").startswith("OrderInput_")
    assert naming.name(("Line Item",), identity="5", component=True).startswith("Line_Item_")
    assert naming.name(("Line_Item",), identity="6", component=True) == "Line_Item"


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("components/schemas/Order/properties/lines", "Order_lines"),
        ("definitions/Order/allOf/1", "Order"),
        ("paths/~orders/get/responses/200/content/application!json/schema", "orders_get"),
        ("$defs/Money", "Money"),
        ("allOf/0", "schema"),
    ],
)
def test_what_has_no_name_is_named_after_its_place(pointer: str, expected: str) -> None:
    tokens = tuple(token.replace("~", "/").replace("!", "/") for token in pointer.split("/"))
    assert DefinitionNames([]).name(tokens, identity="", component=False) == expected
