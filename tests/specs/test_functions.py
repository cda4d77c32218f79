"""Lists of functions as tools."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import SpecError
from toolbench.model import Api, NoBinding
from toolbench.specs.base import Document, read_api, read_spec
from toolbench.specs.functions import FunctionList

WEATHER = {
    "name": "weather.now",
    "description": "Tell the weather.",
    "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def load(*functions) -> Api:
    return FunctionList().load(Document(Path("f.json"), list(functions), "0" * 64), "f").api


TYPES = {"dict": "object", "float": "number", "string": "string", "integer": "integer", "boolean": "boolean"}
LEAVES = st.sampled_from(["float", "string", "integer", "boolean"]).map(lambda name: {"type": name})
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        inner.map(lambda items: {"type": "array", "items": items}),
        st.dictionaries(st.sampled_from(["a", "type", "default", "$ref"]), inner, max_size=3).map(
            lambda properties: {"type": "dict", "properties": properties}
        ),
    ),
    max_leaves=5,
)


def back(schema):
    """Return a schema in BFCL's types, by an independent reading."""
    names = {json_name: name for name, json_name in TYPES.items()}
    whole = {"type": names.get(schema["type"], schema["type"])}
    if "items" in schema:
        whole["items"] = back(schema["items"])
    if "properties" in schema:
        whole["properties"] = {name: back(member) for name, member in schema["properties"].items()}
    return whole


@given(SCHEMAS)
def test_types_can_be_turned_back(schema):
    function = WEATHER | {"parameters": {"type": "dict", "properties": {"x": schema}}}
    (tool,) = load(function).tools
    assert back(tool.parameters["properties"]["x"]) == schema


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_names_can_be_turned_back(names):
    functions = [WEATHER | {"name": name} for name in names]
    api = load(*functions)
    assert [tool.source.name for tool in api.tools] == names
    assert len({tool.name for tool in api.tools}) == len(names)
    for tool in api.tools:
        assert functions[int(tool.source.pointer[1:])]["name"] == tool.source.name


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([WEATHER]),
        json.dumps(WEATHER),
        json.dumps([{"type": "function", "function": WEATHER}]),
        json.dumps({"tools": [{"type": "function", "function": WEATHER}]}),
        json.dumps([{"type": "function", **WEATHER}]),
    ],
)
def test_every_form_is_recognised(tmp_path, text):
    (tmp_path / "tools.json").write_text(text)
    (tool,) = read_api(tmp_path / "tools.json").tools
    assert (tool.name, tool.category, tool.safety) == ("tools_weather_now", "weather", "write")
    assert tool.binding == NoBinding()
    assert tool.parameters == {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }


def test_one_function_a_line(tmp_path):
    lines = [json.dumps(WEATHER | {"name": f"get_{i}", "response": {"type": "dict"}}) for i in range(3)]
    (tmp_path / "doc.json").write_text("\n".join(lines))
    tools = read_api(tmp_path / "doc.json").tools
    assert [(tool.name, tool.safety, tool.returns) for tool in tools] == [
        (f"doc_get_{i}", "read", {"type": "object"}) for i in range(3)
    ]


def test_types_that_json_schema_lacks():
    properties = {"t": {"type": "tuple", "items": {"type": "any"}}, "type": {"type": "any"}}
    (tool,) = load(WEATHER | {"parameters": {"type": "dict", "properties": properties}}).tools
    assert tool.parameters["properties"] == {"t": {"type": "array", "items": {}}, "type": {}}


def test_references_stay_within_the_function(tmp_path):
    (tmp_path / "secret.json").write_text('{"type": "string"}')
    parameters = {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/Tree"}, "file": {"$ref": "secret.json"}},
        "$defs": {"Tree": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Tree"}}}},
    }
    (tmp_path / "f.json").write_text(json.dumps([WEATHER | {"parameters": parameters}] * 2))
    api = read_api(tmp_path / "f.json")
    for tool in api.tools:
        closed = api.tool(tool.name).parameters
        assert closed["properties"]["file"] == {}
        (name,) = closed["$defs"]
        assert closed["properties"]["tree"] == {"$ref": f"#/$defs/{name}"}


def test_arguments_are_those_that_are_named():
    parameters = {"anyOf": [{"properties": {"a": {}}, "required": ["a"]}, {"required": ["b"]}], "required": ["c"]}
    (tool,) = load(WEATHER | {"parameters": parameters | {"additionalProperties": True}}).tools
    assert (set(tool.parameters["properties"]), tool.parameters["additionalProperties"]) == ({"a", "c"}, False)
    (bare,) = load({"name": "f", "description": ""}).tools
    assert bare.parameters == {"type": "object", "properties": {}, "additionalProperties": False}


def test_an_entry_that_is_no_function_is_named(tmp_path):
    (tmp_path / "f.json").write_text(json.dumps([WEATHER, {"title": "x"}]))
    with pytest.raises(SpecError, match=r"f\.json#/1: no function"):
        read_spec(tmp_path / "f.json", "functions")
    with pytest.raises(SpecError, match="not an API description"):
        read_spec(tmp_path / "f.json")
