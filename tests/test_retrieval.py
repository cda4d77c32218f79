"""The search over tools: words, and the same order however the tools came in."""

import random

import pytest

from toolbench.retrieval import find, memory_shelf, words
from toolbench.specs import open_catalogue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shop_listOrders", "shop listorders list orders"),
        ("GitHub HTTPServer2", "github git hub httpserver2 http server2"),
        ("issues/create-comment", "issues create comment"),
        ("Ünï código!", "ünï código"),
        ("", ""),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert words(text) == expected


TOOLS = [tool for name in ("library", "orders") for tool in open_catalogue().api(name).tools]


def names(shelf, query, k=5):
    return [tool.name for tool, _ in find([shelf], query, k)]


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
def test_every_tool_is_found_by_the_words_of_its_name(tool):
    assert tool in names(memory_shelf(TOOLS), words(tool))


def test_the_order_of_the_tools_does_not_matter():
    mixed = random.Random(0).sample(TOOLS, k=len(TOOLS))
    for query in ("cancel an order", "copies of a book", "list", "create create create"):
        assert names(memory_shelf(TOOLS), query) == names(memory_shelf(mixed), query)


def test_nothing_is_found_where_nothing_is_said():
    shelf = memory_shelf(TOOLS)
    assert names(shelf, "") == names(shelf, "?!") == names(shelf, "order", 0) == []
    assert len(names(shelf, "order", 3)) == 3
