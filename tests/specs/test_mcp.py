"""MCP servers as APIs: what a real one tells of its tools."""

import asyncio
import shlex
import sys

import mcp_server
import pytest
from mcp import Client
from mcp.server import Server
from mcp.types import ListToolsResult, Tool, ToolAnnotations

from toolbench.errors import PluginError, SpecError
from toolbench.model import McpBinding
from toolbench.specs import mcp as loader
from toolbench.specs.base import asked, read_spec
from toolbench.specs.mcp import McpServer

COMMAND = shlex.join([sys.executable, mcp_server.__file__])


def test_a_server_on_stdio():
    reading = read_spec(COMMAND)
    api = reading.api
    assert (api.id, api.title, api.api_version) == ("weather-station", "Weather Station", "1.2")
    assert (api.description, api.servers, api.security_schemes) == ("Ask for weather.", (), {})
    assert reading.dialect.startswith("MCP 20")
    tools = {tool.source.name: tool for tool in api.tools}
    weather = tools["weather"]
    assert weather.name == "weather-station_weather"
    assert weather.binding == McpBinding(server=COMMAND, tool="weather")
    assert weather.description == "Tell the weather of a city."
    assert (weather.parameters["required"], weather.parameters["additionalProperties"]) == (["city"], False)
    assert set(weather.returns["properties"]) == {"city", "degrees"}
    assert tools["forecast"].returns is None
    # The protocol's own defaults: not read-only, and destructive.
    assert [tools[name].safety for name in ("weather", "note", "wipe")] == ["read", "write", "destructive"]
    assert read_spec(COMMAND, "mcp").api == api


def listing(*tools: Tool, size: int) -> Server:
    """Return a server that lists its tools on pages."""

    async def on_list_tools(context, params):
        start = int(params.cursor) if params and params.cursor else 0
        end = start + size
        return ListToolsResult(tools=tools[start:end], next_cursor=str(end) if end < len(tools) else None)

    return Server("Pages", on_list_tools=on_list_tools)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_all_pages_are_read(mode):
    tools = [Tool(name=f"get.{i}", input_schema={"type": "object"}) for i in range(7)]
    content = asyncio.run(loader._described("https://pages.example/mcp", Client(listing(*tools, size=3), mode=mode)))
    api = McpServer().load(asked("pages", content), "pages").api
    assert [tool.source.name for tool in api.tools] == [f"get.{i}" for i in range(7)]
    assert [tool.source.pointer for tool in api.tools] == [f"/tools/{i}" for i in range(7)]
    assert api.servers == ("https://pages.example/mcp",)
    assert list(api.security_schemes) == ["bearer"]


def test_schemas_with_shared_parts_of_their_own():
    nested = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}
    tools = [
        Tool(name="one", input_schema=nested | {"$defs": {"A": {"type": "string"}}}),
        Tool(name="two", input_schema=nested | {"$defs": {"A": {"type": "integer"}}}),
    ]
    content = asyncio.run(loader._described("x", Client(listing(*tools, size=9))))
    api = McpServer().load(asked("x", content), "x").api
    kinds = []
    for tool in api.tools:
        closed = api.tool(tool.name).parameters
        (shared,) = closed["$defs"].values()
        kinds.append(shared["type"])
    assert kinds == ["string", "integer"]


@pytest.mark.parametrize(
    ("hints", "safety"),
    [
        ({}, "destructive"),
        ({"read_only_hint": False}, "destructive"),
        ({"read_only_hint": True, "destructive_hint": True}, "read"),
        ({"destructive_hint": False}, "write"),
        ({"destructive_hint": True}, "destructive"),
    ],
)
def test_hints_tell_the_safety(hints, safety):
    tool = Tool(name="t", input_schema={"type": "object"}, annotations=ToolAnnotations(**hints))
    content = asyncio.run(loader._described("x", Client(listing(tool, size=1))))
    assert McpServer().load(asked("x", content), "x").api.tools[0].safety == safety


@pytest.mark.parametrize(
    ("source", "claimed"),
    [
        ("https://tools.example/mcp", True),
        ("https://tools.example/openapi.json", False),
        (f"{shlex.quote(sys.executable)} server.py", True),
        (sys.executable, False),
        ("no-such-program server.py", False),
        ("it's", False),
        ("", False),
    ],
)
def test_what_looks_like_a_server(source, claimed):
    assert McpServer().claims(source) is claimed


@pytest.mark.parametrize(
    "source",
    [
        f"{shlex.quote(sys.executable)} -c 'raise SystemExit(\"no luck\")'",
        "no-such-program --serve",
        "http://127.0.0.1:9/mcp",
    ],
)
def test_what_is_no_server_is_one_line(source):
    with pytest.raises(SpecError, match="no MCP server answers") as caught:
        read_spec(source, "mcp")
    assert "\n" not in str(caught.value)
    assert "no luck" not in source or "no luck" in str(caught.value)


def test_without_the_package_there_is_one_line(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(PluginError, match=r"pip install 'toolbench-traces\[mcp\]'"):
        read_spec("https://tools.example/mcp", "mcp")
