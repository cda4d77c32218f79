"""The catalogue: whole additions, no files from reading, clear refusals, a search that finds."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from toolbench import registry
from toolbench.errors import CatalogueError
from toolbench.model import Api, HttpBinding, Source, Tool
from toolbench.registry import Catalogue
from toolbench.specs import open_catalogue


def make_api(identity: str, *operations: str, **more: Any) -> Api:
    source = Source(spec=identity, kind="openapi", sha256="0" * 64)
    tools = [
        Tool(
            name=f"{identity}_{operation}",
            api=identity,
            category=identity,
            description=f"Do {operation}\n\nAt length.",
            parameters={
                "type": "object",
                "properties": {f"{identity}Id": {"$ref": "#/$defs/Id"}},
                "additionalProperties": False,
            },
            returns={"$ref": "#/$defs/Order"},
            binding=HttpBinding(method="GET", path="/"),
            safety="read",
            source=source,
        )
        for operation in operations
    ]
    definitions = {"Order": {"properties": {"id": {"$ref": "#/$defs/Id"}}}, "Id": {"type": "integer"}, "Unused": {}}
    return Api(id=identity, title=identity.title(), definitions=definitions, tools=tuple(tools), source=source, **more)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "home", {"library": lambda: make_api("library", "renewLoan", "listBooks")})


def test_what_was_added_comes_back_equal(catalogue: Catalogue) -> None:
    shop = make_api("shop", "listOrders", "getOrder", description="Ünïcode")
    catalogue.add(shop)
    assert catalogue.api("shop") == shop
    assert catalogue.tool("shop_getOrder") == shop.tool("shop_getOrder")
    assert catalogue.ids() == ["library", "shop"]
    assert [(line.id, line.title, line.operations, line.bundled) for line in catalogue.apis()] == [
        ("library", "Library", 2, True),
        ("shop", "Shop", 2, False),
    ]


def test_another_process_sees_what_was_added(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "listOrders"))
    assert Catalogue(catalogue.path.parent).ids() == ["shop"]


def test_adding_again_replaces(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "listOrders", "getOrder"))
    catalogue.add(make_api("shop", "findOrders"))
    assert [tool.name for tool in catalogue.api("shop").tools] == ["shop_findOrders"]
    assert [hit.name for hit, _ in catalogue.search("orders order")] == ["shop_findOrders"]


def test_removing(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "listOrders"))
    catalogue.remove("shop")
    assert catalogue.ids() == ["library"]
    assert catalogue.search("orders") == []
    with pytest.raises(CatalogueError, match="no API 'shop' was added"):
        catalogue.remove("shop")
    with pytest.raises(CatalogueError, match="'library' is bundled"):
        catalogue.remove("library")


def test_reading_makes_no_files(catalogue: Catalogue, tmp_path: Path) -> None:
    (
        catalogue.ids(),
        catalogue.apis(),
        catalogue.api("library"),
        catalogue.tool("library_renewLoan"),
        catalogue.search("loan"),
    )
    for missing in (lambda: catalogue.api("shop"), lambda: catalogue.tool("shop_x"), lambda: catalogue.remove("shop")):
        with pytest.raises(CatalogueError):
            missing()
    assert list(tmp_path.iterdir()) == []


def test_the_home_is_in_the_working_folder_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(registry.HOME_VARIABLE, raising=False)
    assert Catalogue().path == Path(".toolbench/catalogue.db")
    monkeypatch.setenv(registry.HOME_VARIABLE, str(tmp_path / "elsewhere"))
    assert Catalogue().path == tmp_path / "elsewhere" / "catalogue.db"


def test_an_added_api_stands_in_front_of_a_bundled_one(catalogue: Catalogue) -> None:
    catalogue.add(make_api("library", "burnBooks"))
    assert [tool.name for tool in catalogue.api("library").tools] == ["library_burnBooks"]
    assert [line.bundled for line in catalogue.apis()] == [False]
    assert [hit.name for hit, _ in catalogue.search("books")] == ["library_burnBooks"]
    with pytest.raises(CatalogueError):
        catalogue.tool("library_renewLoan")
    catalogue.remove("library")
    assert catalogue.tool("library_renewLoan")


def test_unknown_names_bring_suggestions(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "listOrders"))
    with pytest.raises(CatalogueError, match=r"Did you mean 'shop'\? There are: library, shop"):
        catalogue.api("shp")
    with pytest.raises(CatalogueError, match="Did you mean 'shop_listOrders'"):
        catalogue.tool("shop_listOrder")
    with pytest.raises(CatalogueError, match="Did you mean 'library_renewLoan'"):
        catalogue.tool("library_renewLoans")
    with pytest.raises(CatalogueError, match="`toolbench specs search` finds tools"):
        catalogue.tool("zzz")


def test_a_tools_name_is_taken_once(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "x_list"))
    with pytest.raises(CatalogueError, match="another API has a tool 'shop_x_list' already"):
        catalogue.add(make_api("shop_x", "list"))
    bundled = Catalogue(catalogue.path.parent, {"shop_y": lambda: make_api("shop_y", "list")})
    with pytest.raises(CatalogueError, match="'shop_y_list'"):
        bundled.add(make_api("shop", "y_list"))
    assert catalogue.ids() == ["library", "shop"]


def test_an_addition_that_fails_leaves_everything_as_it_was(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(registry, "fill", fail)
        with pytest.raises(KeyboardInterrupt):
            catalogue.add(make_api("shop", "listOrders"))
    assert catalogue.ids() == ["library"]
    catalogue.add(make_api("shop", "listOrders"))
    with monkeypatch.context() as patched:
        patched.setattr(registry, "fill", fail)
        with pytest.raises(KeyboardInterrupt):
            catalogue.add(make_api("shop", "other"))
    assert catalogue.tool("shop_listOrders")
    assert [hit.name for hit, _ in catalogue.search("orders")] == ["shop_listOrders"]


def test_a_file_that_is_no_database(catalogue: Catalogue) -> None:
    catalogue.path.parent.mkdir()
    catalogue.path.write_bytes(b"not a database at all" * 100)
    for use in (catalogue.ids, lambda: catalogue.search("x"), lambda: catalogue.add(make_api("shop", "x"))):
        with pytest.raises(CatalogueError, match="the catalogue cannot be used: file is not a database") as caught:
            use()
        assert caught.value.where == str(catalogue.path)
        assert "\n" not in str(caught.value)


def test_a_database_of_another_form(catalogue: Catalogue) -> None:
    catalogue.path.parent.mkdir()
    with sqlite3.connect(catalogue.path) as connection:
        connection.execute("CREATE TABLE other (a)")
    connection.close()
    with pytest.raises(CatalogueError, match="has form 0, this version reads form 1"):
        catalogue.ids()
    with pytest.raises(CatalogueError, match="has form 0"):
        catalogue.add(make_api("shop", "x"))


def test_a_damaged_record(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "x"))
    with sqlite3.connect(catalogue.path) as connection:
        connection.execute("UPDATE tools SET record = '{}'")
    connection.close()
    with pytest.raises(CatalogueError, match="the catalogue cannot be used"):
        catalogue.api("shop")


def test_a_locked_database(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.add(make_api("shop", "x"))
    monkeypatch.setattr(registry, "BUSY_SECONDS", 0.01)
    holder = sqlite3.connect(catalogue.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CatalogueError, match="database is locked"):
        catalogue.add(make_api("other", "x"))
    with pytest.raises(CatalogueError, match="database is locked"):
        catalogue.ids()
    holder.close()
    assert catalogue.ids() == ["library", "shop"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(CatalogueError, match="the catalogue cannot be used"):
        Catalogue(tmp_path / "home").add(make_api("shop", "x"))


def test_search_splits_and_stems(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "listOrders", "cancel_order", "refund"))
    for query in ("cancelling an order", "CANCEL", "cancelOrder", "please cancel my orders now"):
        assert catalogue.search(query)[0][0].name == "shop_cancel_order"
    assert catalogue.search("renew the loans")[0][0].name == "library_renewLoan"


def test_search_looks_at_arguments_and_says_what_it_found(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", "refund"))
    hits = catalogue.search("identity id")
    assert {hit.name for hit, _ in hits} == {"shop_refund", "library_renewLoan", "library_listBooks"}
    hit = next(hit for hit, _ in hits if hit.api == "shop")
    assert (hit.category, hit.description, hit.safety) == ("shop", "Do refund", "read")
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_a_small_added_api_is_ranked_with_the_bundled_ones(tmp_path: Path) -> None:
    bundled = {f"other{i}": partial(make_api, f"other{i}", "removeItem", "listItems", "getItem") for i in range(9)}
    catalogue = Catalogue(tmp_path, bundled)
    catalogue.add(make_api("shop", "removeOrder", "listOrders"))
    names = [hit.name for hit, _ in catalogue.search("remove order")]
    assert names[:2] == ["shop_removeOrder", "shop_listOrders"]


def test_scores_do_not_depend_on_where_tools_are(tmp_path: Path) -> None:
    apis = [
        make_api("a", "listOrders", "removeOrder", "ping"),
        make_api("b", "listBooks", "removeBook", "list", "ping"),
    ]
    added = Catalogue(tmp_path)
    for api in apis:
        added.add(api)
    bundled = Catalogue(tmp_path / "none", {api.id: partial(_same, api) for api in apis})
    for query in ("list", "remove order", "ping books"):
        assert added.search(query, 9) == bundled.search(query, 9) != []


def _same(api: Api) -> Api:
    return api


@pytest.mark.parametrize("query", ["", " ", "!?", 'a" OR "b', "NEAR(", "zebra", "the"])
def test_search_takes_any_text(catalogue: Catalogue, query: str) -> None:
    catalogue.add(make_api("shop", "refund"))
    assert catalogue.search(query) == []


def test_search_gives_no_more_than_asked_for(catalogue: Catalogue) -> None:
    catalogue.add(make_api("shop", *(f"order_{i}" for i in range(9))))
    assert len(catalogue.search("orders", 3)) == 3
    assert catalogue.search("orders", 0) == []
    assert catalogue.search("orders", 3) == catalogue.search("orders", 9)[:3]


def test_bundled_descriptions_need_no_adding(tmp_path: Path) -> None:
    catalogue = open_catalogue(tmp_path / "home")
    assert {"library", "orders"} <= set(catalogue.ids())
    for line in catalogue.apis():
        api = catalogue.api(line.id)
        assert (api.id, line.bundled, len(api.tools)) == (line.id, True, line.operations)
        assert api.source.kind == "openapi"
    assert catalogue.search("renew a loan of a book")[0][0].name.startswith("library_")
    assert not (tmp_path / "home").exists()
