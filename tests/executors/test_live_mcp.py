"""Tools of MCP servers through the live executor: a real server, on stdio and over streamable HTTP."""

import asyncio
import os
import shlex
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import mcp_server
import pytest
import uvicorn
from executors.live_calls import Live, message
from executors.live_server import TASK, Server, response

from toolbench.errors import PluginError
from toolbench.executors._errors import RefusedError
from toolbench.executors._hosts import Hosts
from toolbench.executors.live import Access, LiveExecutor
from toolbench.executors.replay import ReplayExecutor
from toolbench.model import Call, McpBinding, Observation, SecurityScheme
from toolbench.specs import read_api

COMMAND = shlex.join([sys.executable, mcp_server.__file__])
SECRET = "tools-secret-42"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(mcp_server.app.streamable_http_app(), log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def api():
    return read_api(COMMAND, kind="mcp", api_id="ws")


def bound(api, server: str):
    """Return the API as one of another server."""
    tools = (
        tool.model_copy(update={"binding": McpBinding(server=server, tool=tool.source.name)}) for tool in api.tools
    )
    return api.model_copy(update={"tools": tuple(tools)})


def with_bearer(api):
    """Return the API as one that takes a token."""
    return api.model_copy(update={"security_schemes": {"bearer": SecurityScheme(type="http", scheme="bearer")}})


@pytest.fixture
async def live(api, tmp_path: Path) -> AsyncIterator[Live]:
    live = Live(api, tmp_path / "cassette.jsonl")
    async with live.executor:
        yield live


async def test_over_stdio(live, tmp_path, api, monkeypatch):
    seen = [
        await live("weather", city="Oslo", day=2),
        await live("forecast", city="Rome"),
        await live("note", text="a"),
    ]
    assert [each.status for each in seen] == ["ok"] * 3
    assert seen[0] == Observation(call="c", status="ok", body={"city": "Oslo", "degrees": 22.5}, source="live")
    assert seen[1].body == {"city": "Rome", "rain": [1, 2]}
    assert seen[2].body == {"result": "a"}
    failed = await live("wipe", what="disk")
    assert (failed.status, failed.http_status) == ("http_error", None)
    assert "disk cannot be wiped" in message(failed)
    replay = ReplayExecutor([api], tmp_path / "cassette.jsonl")
    call = Call(id="c", tool="ws_weather", arguments={"day": 2, "city": "Oslo"})
    again, _ = await replay.call(call, await replay.start(TASK))
    assert again == seen[0].model_copy(update={"source": "replay"})


async def test_writes_are_announced_first(live, tmp_path):
    await live("weather", city="Oslo")
    await live("note", text="a")
    lines = (tmp_path / "cassette.jsonl").read_text("utf-8").splitlines()
    assert ['"intent"' in line for line in lines] == [False, True, False]


async def test_a_server_sees_its_own_variables_only(api, tmp_path):
    environ = {**os.environ, "TOOLBENCH_CRM_BEARER": SECRET, "TOKEN": "given"}
    live = Live(api, tmp_path / "c", environ=environ)
    async with live.executor:
        assert (await live("environment", name="TOOLBENCH_CRM_BEARER")).body == "unset"
        assert (await live("environment", name="TOKEN")).body == "given"


async def test_long_results_are_cut(api, tmp_path):
    live = Live(api, tmp_path / "c", size=100)
    async with live.executor:
        seen = await live("long", size=100_000)
        assert (seen.status, seen.truncated, seen.body) == ("ok", True, "x" * 100)


async def test_a_server_that_ends_is_started_again(live):
    assert (await live("weather", city="Oslo")).status == "ok"
    assert (await live("crash")).status == "http_error"
    assert (await live("weather", city="Rome")).body["city"] == "Rome"


async def test_a_slow_tool_is_given_up(api, tmp_path):
    live = Live(api, tmp_path / "d", seconds=8.0)
    async with live.executor:
        assert (await live("slow")).status == "timeout"
        assert (await live("weather", city="Rome")).status == "ok"


async def test_calls_at_once_share_a_session(live):
    seen = await asyncio.gather(*(live("weather", city=name) for name in "abcdef"))
    assert [each.body["city"] for each in seen] == list("abcdef")


async def test_what_is_no_server_is_an_observation(api, tmp_path):
    command = f"{sys.executable} -c 1"
    live = Live(bound(api, command), tmp_path / "c", programs=[command])
    async with live.executor:
        seen = await live("weather", city="Oslo")
        assert (seen.status, "No answer" in message(seen) or "closed" in message(seen)) == ("http_error", True)


async def test_only_what_is_allowed_is_run_or_reached(api, tmp_path, url):
    for server in (COMMAND, url):
        live = Live(bound(api, server), tmp_path / "c", programs=())
        async with live.executor:
            seen = await live("weather", city="Oslo")
            assert (seen.status, "is not among the allowed" in message(seen)) == ("refused", True)


async def test_over_http(api, tmp_path, url):
    live = Live(bound(api, url), tmp_path / "c", hosts=[url.split("/")[2]])
    async with live.executor:
        assert (await live("weather", city="Oslo")).body == {"city": "Oslo", "degrees": 20.5}
        assert (await live("forecast", city="Rome")).body["rain"] == [1, 2]
        assert "cannot be wiped" in message(await live("wipe", what="disk"))


async def test_names_that_resolve_to_private_addresses_are_refused(api, tmp_path):
    live = Live(bound(api, "http://localhost/mcp"), tmp_path / "c", hosts=["localhost"])
    async with live.executor:
        seen = await live("weather", city="Oslo")
        assert (seen.status, "not a public address" in message(seen)) == ("refused", True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed_to_other_servers(api, tmp_path, status):
    elsewhere = response(b"", status, Location="http://169.254.169.254/mcp")
    async with Server({"/mcp": elsewhere}) as server:
        live = Live(bound(api, f"{server.url}/mcp"), tmp_path / "c", hosts=[server.host])
        async with live.executor:
            assert (await live("weather", city="Oslo")).status == "http_error"


async def test_every_request_goes_to_a_checked_address(api, tmp_path, url, monkeypatch):
    host = url.split("/")[2]
    asked: list[str] = []

    async def addresses(self, url):
        asked.append(str(url))
        if len(asked) > 1:
            raise RefusedError("that is another address now")
        return ["127.0.0.1"]

    monkeypatch.setattr(Hosts, "addresses", addresses)
    live = Live(bound(api, url), tmp_path / "c", hosts=[host])
    async with live.executor:
        seen = await live("weather", city="Oslo")
        assert (seen.status, "another address now" in message(seen)) == ("refused", True)


async def test_a_token_goes_to_the_server_and_nowhere_else(api, tmp_path):
    async def echo(seen, write):
        await write(response(f"you sent {seen.headers.get('authorization')}", 500, Content_Type="text/plain"))

    async with Server({"/mcp": echo}) as server:
        at_url = with_bearer(bound(api, f"{server.url}/mcp"))
        live = Live(at_url, tmp_path / "c", hosts=[server.host], environ={"TOOLBENCH_WS_BEARER": SECRET})
        async with live.executor:
            seen = await live("weather", city=SECRET)
        assert seen.status == "http_error"
        assert {each.headers.get("authorization") for each in server.seen} == {f"Bearer {SECRET}"}
        assert SECRET not in seen.model_dump_json() + (tmp_path / "c").read_text("utf-8")


async def test_endless_answers_are_broken_off(api, tmp_path):
    async def endless(seen, write):
        await write(b"HTTP/1.1 200 Said\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        while True:
            await write(b" " * 65536)

    async with Server({"/mcp": endless}) as server:
        live = Live(bound(api, f"{server.url}/mcp"), tmp_path / "c", hosts=[server.host])
        async with live.executor:
            assert (await live("weather", city="Oslo")).status == "http_error"


def test_without_the_package_there_is_one_line(api, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PluginError) as caught:
        LiveExecutor([api], Access(frozenset()), tmp_path / "c", environ={})
    assert "pip install 'toolbench-traces[mcp]'" in str(caught.value)
