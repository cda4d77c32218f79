"""`specs check --live`: which operations of a real API are alive."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.pipeline.config import make_config
from toolbench.pipeline.sample import sample_tasks
from toolbench.server.application import Application
from toolbench.serving import Server, in_thread
from toolbench.specs import open_catalogue
from toolbench.store import Run

LIST = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}


def operation(*parameters: dict, schema: dict | None = None) -> dict:
    content = {"application/json": {"schema": schema or LIST}}
    return {"parameters": list(parameters), "responses": {"200": {"description": "It", "content": content}}}


def parameter(name: str, where: str, **schema: object) -> dict:
    return {"name": name, "in": where, "required": True, "schema": {"type": "string", **schema}}


PATHS = {
    "/fine": {"get": operation()},
    "/gone": {"get": operation()},
    "/broken": {"get": operation()},
    "/silent": {"get": operation()},
    "/page": {"get": operation()},
    "/other": {"get": operation()},
    "/secret": {"get": operation()},
    "/busy": {"get": operation()},
    "/long": {"get": operation()},
    "/asks": {"get": operation(parameter("q", "query"))},
    "/default": {"get": operation(parameter("q", "query", default="d"))},
    "/choice": {"get": operation(parameter("q", "query", enum=["e", "f"]))},
    "/things/{id}": {"get": operation({**parameter("id", "path"), "example": "x-1"}), "delete": operation()},
    "/writes": {"post": operation()},
}
ANSWERS = {
    "/gone": (404, b"{}"),
    "/broken": (503, b"{}"),
    "/page": (200, b"<html>"),
    "/other": (200, b'{"items": 3}'),
    "/secret": (401, b"{}"),
    "/busy": (429, b"{}"),
    "/long": (200, b'{"items": [' + b"1," * 200_000 + b"1]}"),
    "/things/x-1": (404, b"{}"),
}
EXPECTED = {
    "fine": "alive",
    "default": "alive",
    "choice": "alive",
    "gone": "dead",
    "broken": "dead",
    "silent": "dead",
    "page": "dead",
    "other": "dead",
    "secret": "unclear",
    "busy": "unclear",
    "long": "unclear",
    "asks": "skipped",
    "writes": "skipped",
    "item": "unclear",
    "delete": "skipped",
}


@pytest.fixture
def seen() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def host(seen) -> Iterator[str]:
    async def application(scope, receive, send) -> None:
        seen.append((scope["method"], scope["path"], scope["query_string"].decode()))
        if scope["path"] == "/silent":
            await asyncio.sleep(2)
        status, content = ANSWERS.get(scope["path"], (200, b'{"items": []}'))
        headers = [(b"content-type", b"text/html" if scope["path"] == "/page" else b"application/json")]
        headers += [(b"retry-after", b"9999")] if status == 429 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    with in_thread(Server(application)) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def document(tmp_path: Path, host: str, monkeypatch) -> Path:
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))
    paths = json.loads(json.dumps(PATHS))
    for path, item in paths.items():
        for method, one in item.items():
            one["operationId"] = method if method == "delete" else "item" if "{" in path else path.strip("/")
            if method == "delete":
                one["parameters"] = [parameter("id", "path")]
    file = tmp_path / "demo.json"
    info = {"title": "Demo", "version": "1"}
    file.write_text(
        json.dumps({"openapi": "3.1.0", "info": info, "servers": [{"url": f"http://{host}"}], "paths": paths})
    )
    return file


def toolbench(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)])


def check(document: object, host: str, *more: object):
    return toolbench(
        *("specs", "check", document, "--live", "--allow-host", host, "--per-second", 1000, "--timeout", 0.5), *more
    )


def test_each_operation_is_alive_dead_unclear_or_passed_over(document, host, seen):
    result = check(document, host, "--json")
    assert result.exit_code == 1
    found = orjson.loads(result.stdout)
    health = {each["tool"].removeprefix("demo_"): each["health"] for each in found["operations"]}
    assert health == EXPECTED
    assert sum(found["counts"].values()) == len(EXPECTED)
    why = {each["tool"].removeprefix("demo_"): each["reason"] for each in found["operations"]}
    assert (why["gone"], why["broken"], why["page"]) == ("HTTP 404", "HTTP 503", "the answer is not JSON")
    assert why["silent"] == "no answer in time"
    assert why["other"].startswith("not as documented at /items: ")
    assert {method for method, _, _ in seen} == {"GET"}
    assert {path: query for _, path, query in seen if query} == {"/default": "q=d", "/choice": "q=e"}


def test_people_get_a_table(document, host):
    result = check(document, host)
    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["dead", "demo_gone", "HTTP", "404"] in lines
    assert "6 dead" not in result.stdout
    assert "5 dead" in result.stdout


def test_nothing_is_called_that_is_not_allowed(document, host, seen):
    result = toolbench("specs", "check", document, "--live")
    assert (result.exit_code, f"--allow-host {host}" in result.stderr) == (2, True)
    assert (toolbench("specs", "check", document, "--mark").exit_code, seen) == (2, [])


def test_what_is_dead_can_be_kept_and_is_not_offered(document, host, tmp_path):
    refused = check(document, host, "--mark")
    assert (refused.exit_code, "not in the catalogue" in refused.stderr) == (2, True)
    assert toolbench("specs", "add", document).exit_code == 0
    assert check("demo", host, "--mark").exit_code == 1
    catalogue = open_catalogue()
    assert set(catalogue.dead("demo")) == {f"demo_{name}" for name, state in EXPECTED.items() if state == "dead"}
    assert "Dead when probed, and not offered in tasks: HTTP 404" in toolbench("specs", "show", "demo_gone").stdout
    assert orjson.loads(toolbench("specs", "show", "demo_gone", "--json").stdout)["dead"] == "HTTP 404"
    assert "Dead" not in toolbench("specs", "show", "demo_fine").stdout
    toolbench("specs", "add", document)
    assert open_catalogue().dead("demo") == {}


def test_marks_go_when_a_tool_is_alive_again(document, host):
    toolbench("specs", "add", document)
    catalogue = open_catalogue()
    catalogue.mark("demo", {"demo_fine": "HTTP 500", "demo_secret": "HTTP 500"}, [])
    check("demo", host, "--mark")
    assert "demo_fine" not in catalogue.dead("demo")
    assert catalogue.dead("demo")["demo_secret"] == "HTTP 500", "what is unclear stays as it was"


def test_tasks_are_made_of_living_tools_only(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))
    dead = {"library_searchBooks", "library_listCopies"}
    given = make_config({"apis": ("library",), "count": 12})
    before = {name for task in sample_tasks(tmp_path / "all", given) for name in task.turns[0].tools}
    assert dead <= before
    open_catalogue().mark("library", dict.fromkeys(dead, "HTTP 404"), [])
    after = {name for task in sample_tasks(tmp_path / "some", given) for name in task.turns[0].tools}
    assert not dead & after
    assert not dead & {tool.name for api in Run(tmp_path / "some").apis for tool in api.tools}
    result = toolbench("tasks", tmp_path / "all", "-n", 12)
    assert (result.exit_code, "made with other tools" in result.stderr) == (2, True)


def test_the_served_simulation_is_alive(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOOLBENCH_LIBRARY_APIKEY", "any-key-will-do")
    with in_thread(Server(Application([open_catalogue().api("library")]))) as url:
        result = check("library", url.removeprefix("http://"), "--server", f"library={url}", "--json")
    found = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert found["counts"]["alive"] >= 5
    assert "dead" not in found["counts"]
