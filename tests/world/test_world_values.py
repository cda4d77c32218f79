"""Values made for schemas drawn at random, and values made to fit them, judged by jsonschema-rs."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.world.fitting import Fitter
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import Shapes, main_type, merged

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
NAMES = ("id", "name", "email", "status", "total", "created_at", "tags", "note", "unit_price", "due_on", "x")
PATTERNS = (
    r"^[A-Z]{3}$",
    r"^ord_[a-z0-9]{5}$",
    r"^\d{4}-\d{2}$",
    r"^[a-z0-9-]+$",
    r"^(\+1)?[0-9]{6,9}$",
    r"\S",
    r"^[^/]*$",
)
FORMATS = (
    "date-time date time duration email idn-email hostname idn-hostname ipv4 ipv6 uri uri-reference iri iri-reference "
    "uuid json-pointer relative-json-pointer uri-template regex int32 decimal byte made-up"
).split()
DEFINITIONS = {
    "Money": {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "number", "minimum": 0}}},
    "Tree": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
    },
}
REFERENCES = st.sampled_from([{"$ref": f"#/$defs/{name}"} for name in DEFINITIONS])


def whole(schema: Any) -> dict[str, Any]:
    return {"$defs": DEFINITIONS, "allOf": [schema]}


def is_valid(value: Any, schema: Any) -> bool:
    return jsonschema_rs.Draft202012Validator(whole(schema), validate_formats=True).is_valid(value)


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    form = draw(st.integers(0, 4))
    if form == 0:
        return {"type": "string", "pattern": draw(st.sampled_from(PATTERNS))}
    if form == 1:
        return {"type": "string", "format": draw(st.sampled_from(FORMATS))}
    if form == 2:
        return {"type": "string", "enum": draw(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True))}
    low = draw(st.integers(0, 30))
    return {"type": "string", "minLength": low, "maxLength": low + draw(st.integers(0, 20))}


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["integer", "number"]))
    low, width = draw(st.integers(-1000, 1000)), draw(st.integers(4, 500))
    schema: dict[str, Any] = {"type": kind}
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + width
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2] if kind == "integer" else [0.01, 0.5, 1, 2]))
    return schema


SCALARS = st.one_of(
    texts(), numbers(), st.just({"type": "boolean"}), st.just({"type": ["null", "string"]}), st.just({"const": "fixed"})
)


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def made(items: Any, low: int, more: int) -> dict[str, Any]:
        return {"type": "array", "items": items, "minItems": low, "maxItems": low + more}

    distinct = st.just(
        {"type": "array", "uniqueItems": True, "minItems": 2, "items": {"type": "string", "minLength": 3}}
    )
    return st.one_of(st.builds(made, inner, st.integers(0, 3), st.integers(0, 3)), distinct)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    properties = draw(st.dictionaries(st.sampled_from(NAMES), inner, max_size=4))
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    schema["required"] = draw(st.lists(st.sampled_from([*properties, "x"]), unique=True, max_size=3))
    schema["minProperties"] = draw(st.integers(0, len(properties)))
    if draw(st.booleans()) and set(schema["required"]) <= properties.keys():
        schema["additionalProperties"] = False
    elif draw(st.booleans()):
        schema["additionalProperties"] = draw(SCALARS)
    return schema


@st.composite
def composed(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    keyword = draw(st.sampled_from(["allOf", "anyOf", "oneOf", "tagged", "either"]))
    if keyword == "allOf":
        one, other = ({"type": "object", "properties": {name: draw(inner)}, "required": [name]} for name in ("a", "b"))
        return {"allOf": [one, other, {"properties": {"c": draw(inner)}}]}
    if keyword == "tagged":
        kinds = [{"type": "object", "properties": {"kind": {"const": k}, "v": draw(inner)}} for k in ("one", "two")]
        return {"oneOf": kinds}
    if keyword == "either":
        properties = {"a": draw(inner), "b": draw(inner)}
        return {"type": "object", "properties": properties, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    return {keyword: [{"type": "object", "required": ["k"], "properties": {"k": draw(inner)}}, {"type": "integer"}]}


SCHEMAS = st.recursive(
    st.one_of(SCALARS, REFERENCES),
    lambda inner: st.one_of(arrays(inner), objects(inner), composed(inner)),
    max_leaves=8,
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-50, 50),
        st.floats(allow_nan=False, allow_infinity=False, width=16),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from((*NAMES, "a", "k")), inner)),
    max_leaves=6,
)


def tools() -> tuple[Sampler, Fitter]:
    shapes = Shapes(DEFINITIONS)
    sampler = Sampler(shapes, NOW)
    return sampler, Fitter(shapes, sampler)


@given(SCHEMAS, st.integers(0, 10_000), st.sampled_from(NAMES))
def test_a_sampled_value_is_valid(schema: Any, seed: int, name: str) -> None:
    value = tools()[0].value(schema, Random(seed), name=name)
    assert is_valid(value, schema), value


@given(SCHEMAS, st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_value(schema: Any, seed: int) -> None:
    assert tools()[0].value(schema, Random(seed)) == tools()[0].value(schema, Random(seed))


@given(SCHEMAS, SCHEMAS, st.integers(0, 10_000))
def test_what_was_asked_for_before_makes_no_difference(schema: Any, other: Any, seed: int) -> None:
    sampler = tools()[0]
    sampler.value(other, Random(seed + 1))
    sampler.value(schema, Random(seed + 2), name="name", owner="user")
    assert sampler.value(schema, Random(seed)) == tools()[0].value(schema, Random(seed))


def test_what_is_only_sent_or_cannot_be_is_not_shown() -> None:
    properties = {"secret": {"type": "string", "writeOnly": True}, "never": False, "nor": {"not": {}}, "shown": {}}
    made = [tools()[0].value({"type": "object", "properties": properties}, Random(seed)) for seed in range(30)]
    assert set().union(*made) == {"shown"}


@given(SCHEMAS, st.integers(0, 10_000))
def test_a_value_that_fits_is_left_as_it_is(schema: Any, seed: int) -> None:
    sampler, fitter = tools()
    value = sampler.value(schema, Random(seed))
    assert fitter.fit(value, schema, (seed,)) == value


@given(SCHEMAS, VALUES, st.integers(0, 100))
def test_whatever_is_made_to_fit_is_valid(schema: Any, value: Any, seed: int) -> None:
    fitted = tools()[1].fit(value, schema, (seed,))
    assert is_valid(fitted, schema), fitted


@given(SCHEMAS)
def test_a_view_is_no_wider_than_its_schema(schema: Any) -> None:
    shapes = Shapes(DEFINITIONS)
    view = {keyword: value for keyword, value in shapes.view(schema).items() if not keyword.startswith("x-")}
    value = Sampler(shapes, NOW).value(view, Random(1))
    assert view.keys().isdisjoint({"$ref", "allOf", "anyOf", "oneOf"})
    assert jsonschema_rs.Draft202012Validator(whole(view)).is_valid(value)


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        (7, {"type": "string"}, "7"),
        ("7", {"type": "integer"}, 7),
        ("7.5", {"type": "number"}, 7.5),
        ("x", {"type": "array", "items": {"type": "string"}}, ["x"]),
        ({"id": 4, "name": "Ada"}, {"type": "integer"}, 4),
        (["a", "b"], {"type": "string"}, "a"),
        ({"a": 1, "b": 2}, {"type": "object", "properties": {"a": {}}}, {"a": 1}),
        ({"a": 1, "b": None}, {"type": "object", "properties": {"a": {}, "b": {"type": "string"}}}, {"a": 1}),
        ({"a": None}, {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}, {"a": None}),
        ({"free": {"x": 1}}, {"type": "object"}, {"free": {"x": 1}}),
        ({"a": 1}, {"type": "object", "properties": {}, "additionalProperties": False}, {}),
        (
            {"b": 2},
            {"oneOf": [{"required": ["a"], "properties": {"a": {}}}, {"required": ["b"], "properties": {"b": {}}}]},
            {"b": 2},
        ),
    ],
)
def test_what_is_near_is_kept(value: Any, schema: Any, expected: Any) -> None:
    assert tools()[1].fit(value, schema, ("address",)) == expected


def test_a_thing_named_by_its_login_stands_there_whole() -> None:
    user = {
        "type": "object",
        "required": ["id", "login"],
        "properties": {"id": {"type": "integer"}, "login": {"type": "string"}},
    }
    shown = tools()[1].fit("octocat", user, ("address",))
    assert shown["login"] == "octocat"
    assert isinstance(shown["id"], int)


def test_what_requires_itself_comes_to_an_end() -> None:
    endless = {"Node": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/Node"}}}}
    assert Sampler(Shapes(endless), NOW).value({"$ref": "#/$defs/Node"}, Random(0))["next"]


def test_readable_values_come_first() -> None:
    sampler = tools()[0]
    pattern = {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["XTS"]}
    assert sampler.value(pattern, Random(1), name="currency") in {"EUR", "USD", "GBP", "JPY", "CAD"}
    assert sampler.identifier({"type": "string", "examples": ["ord_8f3k2"]}, Random(1), "order").startswith("ord_")
    first, second = (sampler.identifier({"type": "string"}, Random(seed), "line item") for seed in (1, 2))
    assert first != second
    assert first.startswith("li_")


def test_times_lie_where_their_names_say() -> None:
    moment = {"type": "string", "format": "date-time"}
    made = [
        {name: tools()[0].value(moment, Random(seed), name=name) for name in ("created_at", "due_at")}
        for seed in range(50)
    ]
    assert all(each["created_at"] < "2026-03-04T12:00:00Z" < each["due_at"] for each in made)


def test_merging_keeps_both_sides() -> None:
    one = {"type": ["string", "null"], "minLength": 2, "enum": ["a", "bb", "cc"]}
    other = {"type": "string", "minLength": 1, "enum": ["bb", "cc", "d"]}
    assert merged(one, other) == {"type": "string", "minLength": 2, "enum": ["bb", "cc"]}
    both = merged({"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 3}, "b": {}}})
    assert both["properties"] == {"a": {"allOf": [{"type": "string"}, {"minLength": 3}]}, "b": {}}


@pytest.mark.parametrize(
    ("view", "kind"),
    [
        ({"type": ["null", "string"]}, "string"),
        ({"type": ["null"]}, "null"),
        ({"properties": {}}, "object"),
        ({"items": {}}, "array"),
        ({"pattern": "x"}, "string"),
        ({"minimum": 1}, "number"),
        ({}, ""),
    ],
)
def test_the_type_is_guessed_where_none_is_named(view: Any, kind: str) -> None:
    assert main_type(view) == kind
