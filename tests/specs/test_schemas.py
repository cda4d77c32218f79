"""Schemas of all versions become JSON Schema 2020-12 that validators take."""

from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from drafts import get, load, only_tool, openapi, post, reading
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.errors import SpecError
from toolbench.specs._keywords import VALUES, compiles
from toolbench.specs._references import References
from toolbench.specs._schemas import Schemas
from toolbench.specs.base import Document, Note

NAMES = st.sampled_from(["a", "b", "type"])
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "^[", "5", "inf"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
KEYWORDS = (
    *VALUES,
    *("allOf", "anyOf", "oneOf", "prefixItems", "items", "not", "if", "then", "else", "contains", "propertyNames"),
    *("properties", "patternProperties", "dependentSchemas", "additionalProperties", "unevaluatedProperties"),
    *("nullable", "example", "discriminator", "xml", "x-more", "unevaluatedItems", "dependencies", "$dynamicRef"),
)
OTHER = {"allOf": [{"$ref": "#/it"}], "properties": {"$ref": {"readOnly": True}}}
EXTRAS: list[dict[str, Any]] = [
    {},
    {"$ref": "#/it"},
    {"$ref": "#/other"},
    {"oneOf": [{"$ref": "#/it"}, {"$ref": "#/other"}], "discriminator": {"propertyName": "a", "mapping": {"b": "it"}}},
    *({"type": kind} for kind in ("string", "integer", "any", "file", "Array", ["string", "null"], ["string", "what"])),
]


def schemas_around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    written = st.dictionaries(st.sampled_from(KEYWORDS), inner | st.lists(inner, max_size=3), max_size=5)
    return st.builds(lambda schema, extra: schema | extra, written, st.sampled_from(EXTRAS))


MESSY = st.recursive(
    VALUE, lambda inner: schemas_around(inner) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)


def converted(raw: Any, *, version: str = "3.1") -> tuple[dict[str, Any], list[Note]]:
    references = References(Document(Path("a.json"), {"it": raw, "other": OTHER}, ""))
    notes: list[Note] = []
    schemas = Schemas(references, [], notes, siblings=version == "3.1")
    schema = schemas.convert(raw, references.root.at("it"), "input")
    definitions = schemas.definitions()
    return schema | ({"$defs": definitions} if definitions else {}), notes


@settings(max_examples=400)
@given(MESSY)
def test_whatever_is_written_becomes_a_schema_that_both_validators_take(raw: Any) -> None:
    schema, _ = converted({"anyOf": [raw], "properties": {"a": raw}})
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema_rs.Draft202012Validator(schema)
    assert all(checker.is_valid(value) in (True, False) for value in (None, 1, "a", [1], {"a": {"a": "a"}}))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"nullable": True}, {}),
        (
            {"nullable": True, "title": "T", "allOf": [{"minimum": 1}]},
            {"title": "T", "anyOf": [{"allOf": [{"minimum": 1}]}, {"type": "null"}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"exclusiveMaximum": True}, {}),
        ({"maximum": 9, "exclusiveMaximum": 8}, {"maximum": 9, "exclusiveMaximum": 8}),
        ({"example": 1}, {"examples": [1]}),
        ({"example": 1, "examples": [2]}, {"examples": [2]}),
        ({"examples": {"one": {"value": 1}, "two": {}}}, {"examples": [1]}),
        ({"xml": {}, "discriminator": {}, "externalDocs": {}, "x-a": 1, "$id": "a", "id": "b", "name": "c"}, {}),
        (
            {"deprecated": True, "readOnly": True, "writeOnly": True},
            {"deprecated": True, "readOnly": True, "writeOnly": True},
        ),
        ({"description": "One<br/>two &amp; <b>three</b> <id>"}, {"description": "One\ntwo & three <id>"}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"items": False, "additionalProperties": True}, {"items": False, "additionalProperties": True}),
        ({"properties": {"a": True, "b": False}}, {"properties": {"a": {}, "b": {"not": {}}}}),
        ({"default": {"a": [None]}, "const": None}, {"default": {"a": [None]}, "const": None}),
    ],
)
def test_dialects_are_translated_without_a_note(raw: Any, expected: Any) -> None:
    schema, notes = converted(raw)
    assert schema == expected
    assert notes == []


@pytest.mark.parametrize(
    ("raw", "expected", "note"),
    [
        ({"required": True}, {}, "invalid `required` dropped"),
        ({"type": "any"}, {}, "invalid `type` dropped"),
        ({"type": ["string", "what"]}, {}, "invalid `type` dropped"),
        ({"enum": "a"}, {}, "invalid `enum` dropped"),
        ({"enum": []}, {}, "invalid `enum` dropped"),
        ({"minLength": -1}, {}, "invalid `minLength` dropped"),
        ({"maximum": "inf"}, {}, "invalid `maximum` dropped"),
        ({"maximum": None}, {}, "invalid `maximum` dropped"),
        ({"multipleOf": 0}, {}, "invalid `multipleOf` dropped"),
        ({"pattern": "[a-"}, {}, "invalid `pattern` dropped"),
        ({"pattern": r"\p{L}"}, {}, "invalid `pattern` dropped"),
        ({"pattern": "/^a$/i"}, {}, "invalid `pattern` dropped"),
        ({"properties": []}, {}, "invalid `properties` dropped"),
        ({"allOf": []}, {}, "invalid `allOf` dropped"),
        ({"items": 5}, {}, "invalid `items` dropped"),
        ({"dependencies": {}}, {}, "`dependencies` is not supported: dropped"),
        ({"minItems": 3, "maxItems": 2}, {}, "`minItems` above `maxItems`: both dropped"),
        (
            {"type": "integer", "enum": ["1", "2"]},
            {"type": "integer", "enum": [1, 2]},
            "`enum` values brought into line with `type`",
        ),
        (
            {"type": "boolean", "enum": ["True"]},
            {"type": "boolean", "enum": [True]},
            "`enum` values brought into line with `type`",
        ),
        (
            {"type": "string", "enum": [1, "a"]},
            {"type": "string", "enum": ["a"]},
            "`enum` values brought into line with `type`",
        ),
        (
            {"type": "string", "enum": [1, 2.5]},
            {"type": "string", "enum": ["1", "2.5"]},
            "`enum` values brought into line with `type`",
        ),
        ({"type": "integer", "enum": ["a"]}, {"type": "integer"}, "`enum` without a value of its `type` dropped"),
        ({"properties": {"a": "text"}}, {"properties": {"a": {}}}, "something else than a schema taken as any value"),
        ({"patternProperties": {"[": {}}, "additionalProperties": False}, {}, "invalid `patternProperties` dropped"),
    ],
)
def test_what_no_validator_takes_is_mended_or_dropped_with_a_note(raw: Any, expected: Any, note: str) -> None:
    schema, notes = converted(raw)
    assert schema == expected
    assert [each.message for each in notes] == [note]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        ({"type": "Integer"}, {"type": "integer"}),
        ({"type": "float"}, {"type": "number"}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"minLength": "2", "maxLength": 3.0}, {"minLength": 2, "maxLength": 3}),
        ({"minimum": "1.5"}, {"minimum": 1.5}),
        ({"pattern": "/^a$/"}, {"pattern": "^a$"}),
        ({"enum": ["a", "b", "a", 1, True]}, {"enum": ["a", "b", 1, True]}),
        ({"required": ["a", "a", 1]}, {"required": ["a"]}),
        ({"allOf": {"type": "string"}}, {"allOf": [{"type": "string"}]}),
    ],
)
def test_plain_meanings_are_understood(raw: Any, expected: Any) -> None:
    assert converted(raw)[0] == expected


def test_regular_expressions_must_compile_in_both_engines() -> None:
    assert compiles(r"^[a-z]+(?=x)\d{2}$")
    assert not compiles("[[:alpha:]]")
    assert not compiles(r"\Z")
    assert not compiles("(")


def test_beside_a_reference_all_counts_in_3_1_and_only_descriptions_before(tmp_path: Path) -> None:
    schema = {"$ref": "#/components/schemas/A", "description": "mine", "maxLength": 5}
    components = {"schemas": {"A": {"type": "string"}}}
    new = only_tool(tmp_path, openapi(post({"properties": {"a": schema}}), components=components))
    assert new.parameters["properties"]["a"] == {"$ref": "#/$defs/A", "description": "mine", "maxLength": 5}
    old = only_tool(tmp_path, openapi(post({"properties": {"a": schema}}), version="3.0.3", components=components))
    assert old.parameters["properties"]["a"] == {"$ref": "#/$defs/A", "description": "mine"}


def test_nullable_beside_a_reference_lets_null_in(tmp_path: Path) -> None:
    schema = {"$ref": "#/components/schemas/A", "nullable": True, "description": "mine"}
    document = openapi(
        post({"properties": {"a": schema}}), version="3.0.3", components={"schemas": {"A": {"type": "string"}}}
    )
    tool = only_tool(tmp_path, document)
    expected = {"description": "mine", "anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}
    assert tool.parameters["properties"]["a"] == expected


def test_recursive_schemas_stay_recursive(tmp_path: Path) -> None:
    tree = {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    tool = only_tool(
        tmp_path,
        openapi(
            post({"properties": {"tree": {"$ref": "#/components/schemas/Tree"}}}),
            components={"schemas": {"Tree": tree}},
        ),
    )
    checker = jsonschema_rs.Draft202012Validator(tool.parameters)
    assert checker.is_valid({"tree": {"children": [{"children": []}]}})
    assert not checker.is_valid({"tree": {"children": [{"children": [5]}]}})


@pytest.mark.parametrize(
    "schemas",
    [
        {
            "A": {"allOf": [{"$ref": "#/components/schemas/B"}]},
            "B": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/A"}]},
        },
        {"A": {"if": {"$ref": "#/components/schemas/A"}, "then": {"minLength": 1}}},
        {"A": {"dependentSchemas": {"x": {"$ref": "#/components/schemas/A"}}}},
    ],
)
def test_schemas_that_apply_themselves_to_the_same_value_are_cut(tmp_path: Path, schemas: dict[str, Any]) -> None:
    result = reading(
        tmp_path,
        openapi(post({"properties": {"a": {"$ref": "#/components/schemas/A"}}}), components={"schemas": schemas}),
    )
    tool = result.api.tool("shop_make")
    jsonschema_rs.Draft202012Validator(tool.parameters).is_valid({"a": {"x": 1}})
    jsonschema.Draft202012Validator(tool.parameters).is_valid({"a": {"x": 1}})
    assert [note.message for note in result.notes] == ["`$ref` that leads back to its own schema dropped"]


@pytest.mark.parametrize("schemas", [{"A": "A"}, {"A": "B", "B": "A"}, {"A": "B", "B": "C", "C": "B"}])
def test_references_that_only_lead_to_each_other_are_refused(tmp_path: Path, schemas: dict[str, str]) -> None:
    circle = {name: {"$ref": f"#/components/schemas/{target}"} for name, target in schemas.items()}
    with pytest.raises(SpecError, match="goes round in a circle"):
        load(tmp_path, openapi(post({"$ref": "#/components/schemas/A"}), components={"schemas": circle}))


PERSON = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "secret": {"$ref": "#/components/schemas/Secret"},
    },
}
SECRET = {"type": "string", "writeOnly": True}
TEAM = {
    "type": "object",
    "properties": {"lead": {"$ref": "#/components/schemas/Person"}, "size": {"$ref": "#/components/schemas/Size"}},
}


def test_caller_and_server_see_their_own_view_of_a_shared_schema(tmp_path: Path) -> None:
    paths = post({"properties": {"team": {"$ref": "#/components/schemas/Team"}}})
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Team"}}}}
    paths["/orders"]["post"]["responses"] = {"200": answer}
    schemas = {"Team": TEAM, "Person": PERSON, "Secret": SECRET, "Size": {"type": "integer"}}
    tool = only_tool(tmp_path, openapi(paths, components={"schemas": schemas}))
    asked, given_back = tool.parameters["$defs"], (tool.returns or {})["$defs"]
    assert set(asked) == {"TeamInput", "PersonInput", "Secret", "Size"}
    assert set(asked["PersonInput"]["properties"]) == {"name", "secret"}
    assert asked["PersonInput"]["required"] == ["name", "secret"]
    assert set(given_back) == {"Team", "Person", "Size"}
    assert set(given_back["Person"]["properties"]) == {"id", "name"}
    assert given_back["Person"]["required"] == ["id", "name"]
    assert given_back["Person"]["properties"]["id"]["readOnly"] is True


def test_definitions_hold_what_is_reachable_under_their_own_names(tmp_path: Path) -> None:
    schemas = {"Order": {"type": "object"}, "a b/c": {"type": "string"}, "Left": {"type": "null"}}
    names = ("Order", "a b/c")
    parameters = [
        {"name": str(i), "in": "query", "schema": {"$ref": f"#/components/schemas/{name.replace('/', '~1')}"}}
        for i, name in enumerate(names)
    ]
    api = load(tmp_path, openapi(get(*parameters), components={"schemas": schemas}))
    assert api.definitions == {"Order": {"type": "object"}, "a_b_c": {"type": "string"}}
