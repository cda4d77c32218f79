"""ToolBench's parameters as JSON Schema: valid, and every default a value of its type."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from toolbench.errors import SpecError
from toolbench.specs._rapidapi import TYPES, function_name, parameters, safety_of

kinds = st.sampled_from([*TYPES, *map(str.lower, TYPES), "GEOPOINT", "", None])
_TEXTS = ["", "x", "5", "2.5", "1e999", "true", "False", "[1]", "[", '{"a": 1}', "2023-01-02", "2023-13-01", "09:30"]
written = st.sampled_from([*_TEXTS, "24:00", 5, 2.5, True, [1], {"a": 1}, [], {}, None])
listed = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from("abcd"),
            "type": kinds,
            "description": st.sampled_from(["", "words"]),
            "default": written,
        }
    ),
    max_size=4,
)


@given(listed, listed)
def test_schemas_are_valid_and_their_values_fit(required, optional):
    schema = parameters(required, optional)
    Draft202012Validator.check_schema(schema)
    json.dumps(schema, allow_nan=False)
    assert set(schema["properties"]) == {parameter["name"] for parameter in (*required, *optional)}
    assert set(schema.get("required", ())) == {parameter["name"] for parameter in required}
    for name, each in schema["properties"].items():
        values = [*each.get("examples", ()), *([each["default"]] if "default" in each else ())]
        checker = Draft202012Validator(each, format_checker=Draft202012Validator.FORMAT_CHECKER)
        assert all(checker.is_valid(value) for value in values)
        assert "default" not in each or name not in schema.get("required", ())


@pytest.mark.parametrize(
    ("kind", "default", "value"),
    [
        ("NUMBER", "5", 5),
        ("number", "2.5", 2.5),
        ("BOOLEAN", "True", True),
        ("ENUM", "asc", "asc"),
        ("ARRAY", "[1, 2]", [1, 2]),
        ("OBJECT", '{"a": 1}', {"a": 1}),
        ("DATE", "2023-01-02", "2023-01-02"),
        ("TIME", "09:30", "09:30"),
        ("STRING", "5", "5"),
        ("GEOPOINT", "1,2", "1,2"),
    ],
)
def test_defaults_are_read_by_their_type(kind, default, value):
    one = [{"name": "a", "type": kind, "default": default}]
    assert parameters([], one)["properties"]["a"]["default"] == value
    assert parameters(one, [])["properties"]["a"]["examples"] == [value]


def test_a_default_that_is_no_value_of_its_type_is_told_in_words():
    one = [{"name": "a", "type": "NUMBER", "description": "how many", "default": "ten"}]
    assert parameters([], one)["properties"]["a"] == {"type": "number", "description": "how many (for instance ten)"}


@pytest.mark.parametrize("bad", [[{"type": "STRING"}], [{"name": ""}], ["a"]])
def test_a_parameter_needs_a_name(bad):
    with pytest.raises(SpecError, match="no name"):
        parameters(bad, [])


@pytest.mark.parametrize(
    ("api", "tool", "name"),
    [
        ("Get Matches!", "Live--Scores", "get_matches_for_live_scores"),
        ("class", "Sky", "is_class_for_sky"),
        ("ID", "id", "is_id_for_id"),
        ("7day forecast", "5 o'clock", "get_7day_forecast_for_get_5_o_clock"),
        ("_a__b_", "T", "a_b_for_t"),
    ],
)
def test_toolbenchs_own_names(api, tool, name):
    assert function_name(api, tool) == name


def test_methods_tell_what_a_call_does():
    assert [safety_of(method) for method in ("get", "HEAD", "POST", "put", "", "DELETE")] == [
        *("read", "read", "write", "write", "write", "destructive"),
    ]
