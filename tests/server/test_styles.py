"""Requests written by an independent encoder, after the table in OpenAPI's chapter on styles, and read back."""

import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from toolbench.model import Argument, HttpBinding
from toolbench.server.arguments import Reader
from toolbench.server.bodies import read_form
from toolbench.server.coercion import Coercion
from toolbench.server.messages import Request, read_pairs

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
NAMES = st.text("abcdefgh_", min_size=1, max_size=5)
SCALARS: list[tuple[dict[str, Any], st.SearchStrategy[Any]]] = [
    ({"type": "string"}, TEXTS),
    ({"type": "integer"}, st.integers(-(2**63), 2**64 - 1)),
    ({"type": "boolean"}, st.booleans()),
    ({"type": "number"}, st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000)),
    ({"$ref": "#/$defs/Size"}, st.sampled_from(["small", "5"])),
]
DEFINITIONS: dict[str, Any] = {"Size": {"type": "string", "enum": ["small", "5"]}}
QUERY_STYLES = [("form", True), ("form", False), ("spaceDelimited", False), ("pipeDelimited", False)]
MARKS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "|"}


@st.composite
def typed_values(draw: st.DrawFn, *shapes: str) -> tuple[dict[str, Any], Any]:
    """Draw a schema and a value of it: of one of these shapes."""
    schema, values = draw(st.sampled_from(SCALARS))
    shape = draw(st.sampled_from(shapes))
    if shape == "array":
        return {"type": "array", "items": schema}, draw(st.lists(values, min_size=1, max_size=4))
    if shape == "object":
        named = draw(st.dictionaries(NAMES, values, min_size=1, max_size=3))
        return {"type": "object", "properties": dict.fromkeys(named, schema)}, named
    return schema, draw(values)


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def enc(value: Any) -> str:
    return quote(text(value), safe="")


def flat(value: dict[str, Any]) -> list[str]:
    return [enc(part) for pair in value.items() for part in pair]


def in_query(key: str, value: Any, style: str, *, explode: bool) -> str:
    if style == "deepObject":
        return "&".join(f"{enc(key)}[{enc(name)}]={enc(each)}" for name, each in value.items())
    mark = MARKS[style]
    if isinstance(value, dict):
        if explode:
            return "&".join(f"{enc(name)}={enc(each)}" for name, each in value.items())
        return f"{enc(key)}={mark.join(flat(value))}"
    if isinstance(value, list):
        if explode:
            return "&".join(f"{enc(key)}={enc(each)}" for each in value)
        return f"{enc(key)}={mark.join(map(enc, value))}"
    return f"{enc(key)}={enc(value)}"


def in_path(key: str, value: Any, style: str, *, explode: bool) -> str:
    start, mark = {"simple": ("", ","), "label": (".", "."), "matrix": (";", ";")}[style]
    inner = mark if explode else ","
    if isinstance(value, dict):
        parts = [f"{enc(name)}={enc(each)}" for name, each in value.items()] if explode else flat(value)
    elif isinstance(value, list):
        parts = [f"{enc(key)}={enc(each)}" if explode and style == "matrix" else enc(each) for each in value]
    else:
        parts = [enc(value)]
    named = style == "matrix" and not (explode and isinstance(value, dict | list))
    return f"{start}{enc(key)}={inner.join(parts)}" if named else start + inner.join(parts)


def reader(location: Any, schema: dict[str, Any], style: str, *, explode: bool, **more: Any) -> Reader:
    argument = Argument(name="arg", location=location, key="key", style=style, explode=explode, **more)
    binding = HttpBinding(method="GET", path="/{key}" if location == "path" else "/", arguments=(argument,))
    return Reader(binding, {"type": "object", "properties": {"arg": schema}}, Coercion(DEFINITIONS))


def ambiguous(value: Any, mark: str) -> bool:
    """Tell whether one way of writing serves several values: delimiters that no bare one tells from text."""
    parts = value if isinstance(value, list) else [p for pair in value.items() for p in pair]
    texts = [text(part) for part in parts]
    return (mark == " " and any(" " in each for each in texts)) or (len(texts) == 1 and mark in texts[0])


@given(typed_values("scalar", "array", "object"), st.sampled_from(QUERY_STYLES))
@example(({"type": "array", "items": {"type": "string"}}, ["a,b", "c"]), ("form", False))
def test_query_parameters_are_read_as_they_were_written(typed: tuple[Any, Any], style: tuple[str, bool]) -> None:
    (schema, value), (name, explode) = typed, style
    if isinstance(value, list | dict) and not explode:
        assume(not ambiguous(value, MARKS[name].replace("%20", " ")))
    query = read_pairs(in_query("key", value, name, explode=explode))
    read = reader("query", schema, "" if name == "form" else name, explode=explode)
    assert read.read(Request("GET", "/", query), {}) == {"arg": value}


@given(typed_values("object"))
def test_deep_objects_are_read_as_they_were_written(typed: tuple[Any, Any]) -> None:
    schema, value = typed
    query = read_pairs(in_query("key", value, "deepObject", explode=True) + "&other=1")
    assert reader("query", schema, "deepObject", explode=True).read(Request("GET", "/", query), {}) == {"arg": value}


@given(typed_values("scalar", "array", "object"), st.sampled_from(["simple", "label", "matrix"]), st.booleans())
def test_path_parameters_are_read_as_they_were_written(typed: tuple[Any, Any], style: str, explode: bool) -> None:
    schema, value = typed
    if isinstance(value, list | dict):
        assume(not ambiguous(value, "." if style == "label" and explode else ","))
        # A point need not be encoded, so that in this style numbers with fractions are several items.
        assume(style != "label" or not re.search(r"[.]", str(value)))
    raw = in_path("key", value, style, explode=explode)
    read = reader("path", schema, "" if style == "simple" else style, explode=explode)
    assert read.read(Request("GET", "/"), {"key": raw}) == {"arg": value}


@given(typed_values("scalar", "array", "object"), st.booleans())
def test_headers_are_read_as_they_were_written(typed: tuple[Any, Any], explode: bool) -> None:
    schema, value = typed
    parts = value if isinstance(value, list) else [*value, *value.values()] if isinstance(value, dict) else [value]
    assume(all(re.fullmatch(r"[!-~]+", text(part)) for part in parts))
    if isinstance(value, list | dict):
        assume(not any(mark in text(part) for part in parts for mark in ",="))
    if isinstance(value, dict):
        written = ",".join(f"{k}={text(v)}" if explode else f"{k},{text(v)}" for k, v in value.items())
    else:
        written = ", ".join(map(text, parts))
    read = reader("header", schema, "", explode=explode)
    assert read.read(Request("GET", "/", headers={"key": written}), {}) == {"arg": value}


@given(typed_values("scalar", "array"))
def test_cookies_are_read_as_they_were_written(typed: tuple[Any, Any]) -> None:
    schema, value = typed
    assume(not isinstance(value, list) or not ambiguous(value, ","))
    cookie = f"a=b; {in_query('key', value, 'form', explode=False)}; c=d"
    read = reader("cookie", schema, "", explode=False)
    assert read.read(Request("GET", "/", headers={"cookie": cookie}), {}) == {"arg": value}


def test_parameters_with_a_media_type_are_documents() -> None:
    read = reader("query", {"type": "object"}, "", explode=False, content_type="application/json")
    query = read_pairs(f"key={quote(json.dumps({'a': [1]}))}")
    assert read.read(Request("GET", "/", query), {}) == {"arg": {"a": [1]}}
    assert read.read(Request("GET", "/", read_pairs("key={")), {}) == {"arg": "{"}


@pytest.mark.parametrize("spelt", ["5.0", "x", "", "1e2", "+5"])
def test_what_is_no_whole_number_stays_text(spelt: str) -> None:
    read = reader("query", {"type": "integer"}, "", explode=True)
    assert read.read(Request("GET", "/", [("key", quote(spelt))]), {}) == {"arg": spelt}


def test_numbers_beyond_64_bits_become_floats() -> None:
    read = reader("query", {"type": "integer"}, "", explode=True)
    assert read.read(Request("GET", "/", read_pairs(f"key={10**30}")), {}) == {"arg": 1e30}
    assert read.read(Request("GET", "/", read_pairs(f"key={'9' * 5000}")), {}) == {"arg": "9" * 5000}


def test_a_choice_of_types_is_tried_in_turn() -> None:
    read = reader("query", {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["now"]}]}, "", explode=True)
    assert read.read(Request("GET", "/", read_pairs("key=5")), {}) == {"arg": 5}
    assert read.read(Request("GET", "/", read_pairs("key=now")), {}) == {"arg": "now"}


LEAVES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
ROWS = st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3)
TREES = st.recursive(
    LEAVES | st.lists(LEAVES, min_size=1, max_size=3) | st.lists(ROWS, min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(NAMES, TREES, min_size=1, max_size=3)


def bracketed(name: str, tree: Any) -> list[tuple[str, str]]:
    """Write a tree as fields of a form, as Stripe's clients do."""
    if isinstance(tree, dict):
        return [pair for key, each in tree.items() for pair in bracketed(f"{name}[{key}]", each)]
    if isinstance(tree, list):
        return [pair for at, each in enumerate(tree) for pair in bracketed(f"{name}[{at}]", each)]
    return [(name, tree)]


def schema_of(tree: Any) -> dict[str, Any]:
    if isinstance(tree, dict):
        return {"type": "object", "properties": {key: schema_of(each) for key, each in tree.items()}}
    if isinstance(tree, list):
        names = {name: "" for row in tree if isinstance(row, dict) for name in row}
        return {"type": "array", "items": schema_of(names) if names else schema_of("")}
    return {"type": "string"}


@given(FIELDS)
def test_forms_are_read_as_they_were_written(fields: dict[str, Any]) -> None:
    pairs = [pair for name, tree in fields.items() for pair in bracketed(name, tree)]
    body = urlencode(pairs).encode()
    assert form_of("application/x-www-form-urlencoded", body, schema_of(fields)) == fields


@given(FIELDS, st.sampled_from(["b", '"b c"']))
def test_forms_in_parts_are_read_as_they_were_written(fields: dict[str, Any], boundary: str) -> None:
    mark = boundary.strip('"').encode()
    pairs = [pair for name, tree in fields.items() for pair in bracketed(name, tree)]
    assume(all(b"--" not in content.encode() for _, content in pairs))
    parts = [
        b'\r\ncontent-disposition: form-data; filename="x"; name="%s"\r\n\r\n%s\r\n' % (name.encode(), content.encode())
        for name, content in pairs
    ]
    body = b"".join(b"--" + mark + part for part in parts) + b"--" + mark + b"--\r\n"
    assert form_of(f"multipart/form-data; boundary={boundary}", body, schema_of(fields)) == fields


def form_of(content_type: str, body: bytes, schema: dict[str, Any]) -> Any:
    tree = read_form(Request("POST", "/", headers={"content-type": content_type}, body=body))
    return Coercion({}).value(tree, schema)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a[]=1&a[]=2", {"a": [1, 2]}),
        ("a=1&a=2", {"a": [1, 2]}),
        ("a=[1,2]", {"a": [1, 2]}),
        ("a=1", {"a": [1]}),
        ("o[n]=1&o[s]=1", {"o": {"n": 1, "s": "1"}}),
        ("o=%7B%22n%22%3A1%7D", {"o": {"n": 1}}),
        ("l[0][n]=1&l[1][n]=2&l[10][n]=4&l[9][n]=3", {"l": [{"n": n} for n in (1, 2, 3, 4)]}),
        ("s=a+b%2B", {"s": "a b+"}),
        ("s[=x&s]=y", {"s[": "x", "s]": "y"}),
        ("=x&&s=", {"s": ""}),
    ],
)
def test_forms_give_lists_and_objects(body: str, expected: dict[str, Any]) -> None:
    inner = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "integer"}},
            "o": inner,
            "l": {"type": "array", "items": inner},
            "s": {"type": "string"},
        },
    }
    assert form_of("application/x-www-form-urlencoded", body.encode(), schema) == expected
