"""Closed tools carry the definitions they need; cut ones accept more, never less."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.model import Api, HttpBinding, Source, Tool, canonical
from toolbench.model import tool as tools

SOURCE = Source(spec="shop", kind="openapi", sha256="0" * 64)
NAMES = ("A", "B", "C")
LEAVES: list[dict[str, Any]] = [
    *({"$ref": f"#/$defs/{name}"} for name in NAMES),
    *({"type": kind} for kind in ("string", "integer", "object", "array")),
    {"enum": [1, "a"]},
    {"required": ["a"]},
    {"minItems": 1},
]


def composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "oneOf": several,
            "anyOf": several,
            "allOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "items": inner,
            "contains": inner,
            "maxContains": st.just(1),
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "additionalProperties": inner | st.booleans(),
            "unevaluatedProperties": st.just(False),
            "unevaluatedItems": st.just(False),
        },
    )


SCHEMAS = st.recursive(st.sampled_from(LEAVES), composed, max_leaves=5)


# A definition that refers to others only below itself can be checked to an end.
def below(leaf: dict[str, Any], schema: Any) -> dict[str, Any]:
    return leaf | {"properties": {"a": schema}, "items": schema}


DEFINITIONS = st.fixed_dictionaries(
    {
        name: st.builds(below, st.sampled_from([leaf for leaf in LEAVES if "$ref" not in leaf]), SCHEMAS)
        for name in NAMES
    }
)
VALUES = st.recursive(
    st.sampled_from([1, "a", None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


def make_tool(**parts: Any) -> Tool:
    binding = HttpBinding(method="GET", path="/")
    return Tool(
        name="shop_get", api="shop", binding=binding, safety="read", source=SOURCE, **({"parameters": {}} | parts)
    )


def make_api(definitions: dict[str, Any], **parts: Any) -> Api:
    return Api(id="shop", title="Shop", definitions=definitions, tools=(make_tool(**parts),), source=SOURCE)


def test_closing_takes_what_is_reachable_and_nothing_else() -> None:
    definitions = {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"properties": {"a": {"$ref": "#/$defs/A"}}}, "C": {}}
    api = make_api(
        definitions, parameters={"properties": {"x": {"$ref": "#/$defs/A"}}}, errors={"404": {"$ref": "#/$defs/C"}}
    )
    tool = api.tool("shop_get")
    assert set(tool.parameters["$defs"]) == {"A", "B"}
    assert tool.errors == {"404": {"$ref": "#/$defs/C", "$defs": {"C": {}}}}
    assert tool.returns is None
    assert api.tools[0].parameters == {"properties": {"x": {"$ref": "#/$defs/A"}}}


def test_what_only_looks_like_a_reference_is_left_alone() -> None:
    schema = {"properties": {"$ref": {"default": {"$ref": "#/$defs/Nothing"}}}, "enum": [{"$ref": "#/$defs/Nothing"}]}
    assert make_api({}, parameters=schema).tool("shop_get").parameters == schema


def test_unknown_tools_and_changed_copies() -> None:
    api = make_api({})
    with pytest.raises(KeyError):
        api.tool("shop_post")
    renamed = api.model_copy(update={"tools": (make_tool().model_copy(update={"name": "shop_put"}),)})
    assert renamed.tool("shop_put").name == "shop_put"
    assert api == make_api({})


def test_results_are_cut_breadth_first_and_parameters_are_not() -> None:
    filler = "x" * 30_000
    definitions = {
        "Near": {"description": filler, "properties": {"far": {"$ref": "#/$defs/Far", "description": "far away"}}},
        "Also": {"description": filler, "type": "object"},
        "Far": {"description": filler, "type": "object"},
    }
    schema = {"oneOf": [{"$ref": "#/$defs/Near"}, {"$ref": "#/$defs/Also"}]}
    tool = make_api(definitions, parameters=schema, returns=schema).tool("shop_get")
    assert set(tool.parameters["$defs"]) == {"Near", "Also", "Far"}
    assert tool.returns
    assert set(tool.returns["$defs"]) == {"Near", "Also"}
    assert tool.returns["$defs"]["Near"]["properties"] == {"far": {"description": "far away"}}
    assert "anyOf" in tool.returns
    assert "oneOf" not in tool.returns
    assert len(canonical(tool.returns)) <= tools.CLOSURE_LIMIT


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"not": {"$ref": "#/$defs/A"}}, 1),
        ({"oneOf": [{"$ref": "#/$defs/A"}, {"type": "integer"}]}, 1),
        ({"anyOf": [{}], "oneOf": [{"$ref": "#/$defs/A"}, {"type": "integer"}]}, 1),
        ({"if": {"$ref": "#/$defs/A"}, "then": False}, 1),
        ({"contains": {"$ref": "#/$defs/A"}, "minContains": 0, "maxContains": 0}, [1]),
        ({"$ref": "#/$defs/Open", "unevaluatedProperties": False}, {"a": 1}),
        ({"oneOf": [{"items": {"$ref": "#/$defs/A"}}, {"items": {"type": "integer"}}]}, [1]),
    ],
)
def test_where_widening_a_part_would_narrow_the_whole(schema: Any, value: Any) -> None:
    definitions = {"A": {"type": "string"}, "Open": {"properties": {"a": {}}}}
    assert jsonschema_rs.Draft202012Validator(tools._closed(schema, definitions, None)).is_valid(value)
    assert jsonschema_rs.Draft202012Validator(tools._closed(schema, definitions, 1)).is_valid(value)


@settings(max_examples=500)
@given(SCHEMAS, DEFINITIONS, st.sampled_from([1, 60, 120, 200]), VALUES)
def test_a_cut_schema_accepts_all_that_the_whole_one_does(
    schema: Any, definitions: Any, limit: int, value: Any
) -> None:
    whole = tools._closed(schema, definitions, None)
    cut = tools._closed(schema, definitions, limit)
    if jsonschema_rs.Draft202012Validator(whole).is_valid(value):
        assert jsonschema_rs.Draft202012Validator(cut).is_valid(value)
