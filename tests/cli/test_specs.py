"""`toolbench specs`: what people and programs see, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from toolbench.cli.specs import app

SHOP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop [beta]", "version": "1"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "operationId": "getOrder",
                "summary": "Get one order",
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer", "description": "Its [id]."},
                    },
                    {"name": "filter[state]", "in": "query", "schema": {"enum": ["open", "shut"]}},
                ],
                "responses": {
                    "200": {
                        "description": "It.",
                        "content": {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}},
                    },
                    "404": {"description": "None."},
                },
            },
            "delete": {
                "operationId": "removeOrder",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"pattern": "["}}],
            },
        }
    },
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOOLBENCH_HOME", raising=False)
    monkeypatch.delenv("TOOLBENCH_DEBUG", raising=False)
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))
    return tmp_path / ".toolbench"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def read(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_add_list_show_remove(home: Path) -> None:
    result = run("add", "shop.json")
    assert result.exit_code == 0
    assert (
        result.stdout == "Added shop: Shop [beta], 2 tools (OpenAPI 3.1.0); remarks: 1, see `toolbench specs check`\n"
    )
    assert home.is_dir()
    listed = run("list").stdout
    assert "shop" in listed
    assert "library" in listed
    shown = run("show", "shop_getOrder").stdout
    for part in (
        "shop_getOrder(id, filter_state?)",
        "GET /orders/{id}",
        "Get one order",
        "Its [id].",
        "query, as",
        "filter[state]",
        "open | shut",
        "array of string (200)",
        "404",
        "Safety: read",
        "/paths/~1orders~1{id}/get",
    ):
        assert part in shown
    assert run("remove", "shop").stdout == "Removed shop\n"
    assert "shop" not in {line["id"] for line in read("list")}


def test_every_report_can_be_json() -> None:
    (added,) = read("add", "shop.json", "--id", "my-shop")
    assert (added["id"], added["operations"], added["safety"]) == (
        "my-shop",
        2,
        {"read": 1, "write": 0, "destructive": 1},
    )
    assert next(line for line in read("list") if line["id"] == "my-shop")["bundled"] is False
    assert read("show", "my-shop_getOrder")["binding"]["path"] == "/orders/{id}"
    (hit,) = read("search", "remove order", "-k", "1")
    assert hit["name"] == "my-shop_removeOrder"
    checked = read("check", "shop.json")
    assert checked["problems"] == []
    assert checked["notes"] == [
        {
            "message": "invalid `pattern` dropped",
            "count": 1,
            "first": "/paths/~1orders~1{id}/delete/parameters/0/schema",
        }
    ]
    assert read("remove", "my-shop") == {"removed": "my-shop"}


def test_reading_commands_make_nothing(home: Path) -> None:
    for arguments in (
        ("list",),
        ("search", "loan"),
        ("show", "library_renewLoan"),
        ("check", "shop.json"),
        ("remove", "x"),
    ):
        run(*arguments)
    assert not home.exists()


def test_search_says_when_nothing_fits() -> None:
    assert run("search", "zebra").stdout == "No tool fits.\n"
    assert read("search", "zebra") == []


def test_check_tells_what_was_mended() -> None:
    result = run("check", "shop.json")
    assert result.exit_code == 0
    for part in (
        "Shop [beta] (OpenAPI 3.1.0), id shop",
        "2 operations (1 read, 1 destructive)",
        "invalid `pattern` dropped",
        "It can be used.",
    ):
        assert part in result.stdout


def test_a_description_without_operations_is_of_no_use(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text(json.dumps(SHOP | {"paths": {}}))
    checked = run("check", "empty.json")
    assert (checked.exit_code, "Problem: it has no operations" in checked.stdout) == (1, True)
    added = run("add", "empty.json")
    assert (added.exit_code, added.stderr) == (1, "toolbench: empty.json: nothing to add, it has no operations\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "missing.json"), "missing.json: no such file. Check the path"),
        (("check", "missing.json"), "missing.json: no such file. Check the path"),
        (("add", "other.json"), "other.json: not an API description of a known kind"),
        (("add", "shop.json", "missing.json"), "missing.json: no such file"),
        (("add", "shop.json", "shop.json", "--id", "x"), "`--id` names one API"),
        (("add", "shop.json", "--id", "No Good"), "'No Good' is no id for an API"),
        (("add", "shop.json", "--kind", "opnapi"), "did you mean 'openapi'?"),
        (("show", "library_renewLaon"), "Did you mean 'library_renewLoan'"),
        (("remove", "library"), "'library' is bundled"),
        (("check", "dangling.json"), "dangling.json#/paths/~1a/get/parameters/0: `$ref` '#/nowhere' leads nowhere."),
        (("check", "remote.json"), "remote `$ref` 'https://shop.example/a.json' is not followed. Download it"),
        (("check", "bomb.yaml"), "aliases expand"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(
    tmp_path: Path, home: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')
    for name, reference in (("dangling", "#/nowhere"), ("remote", "https://shop.example/a.json")):
        document = SHOP | {"paths": {"/a": {"get": {"parameters": [{"$ref": reference}]}}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    (tmp_path / "bomb.yaml").write_text("\n".join(["a0: &a0 [x, x]", *levels]))
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert not home.exists()


def test_the_module_is_light_to_import() -> None:
    heavy = (
        "jsonschema_rs",
        "openai",
        "langgraph",
        "pydantic",
        "rich.table",
        "yaml",
        "toolbench.registry",
        "toolbench.specs",
    )
    code = f"import sys, toolbench.cli.specs; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert result.stdout.strip() == "[]"
