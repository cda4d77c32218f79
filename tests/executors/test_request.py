"""Requests: every style of OpenAPI against its own tables, and against decoders that know nothing of our code."""

import email
import json
import re
from email.policy import HTTP
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.executors._credentials import Placed
from toolbench.executors._errors import ArgumentError
from toolbench.executors._hops import first
from toolbench.executors._request import Draft, build
from toolbench.model import Argument, HttpBinding, Json, JsonObject, Source, Tool

BASE = httpx2.URL("http://api.test/v1/")


def draft(
    *arguments: Argument,
    values: JsonObject,
    path: str = "/x",
    method: str = "GET",
    media: str = "",
    properties: JsonObject | None = None,
) -> Draft:
    """Build a request whose arguments' names are their keys on the wire."""
    binding = HttpBinding(method=method, path=path, arguments=arguments, media_type=media)
    tool = Tool(
        name="t",
        api="a",
        parameters={"type": "object", "properties": properties or {}},
        binding=binding,
        safety="read",
        source=Source(spec="a", kind="openapi", sha256="0" * 64),
    )
    return build(tool, binding, values)


def target(made: Draft) -> str:
    """Return path and query as httpx2 will put them on the wire."""
    return first(made, BASE, Placed()).request().url.raw_path.decode().removeprefix("/v1")


def argument(location, style="", explode=False, key="color", content_type=""):
    return Argument(name=key, location=location, key=key, style=style, explode=explode, content_type=content_type)


LIST = ["blue", "black", "brown"]
OBJECT = {"R": 100, "G": 200, "B": 150}


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [  # OpenAPI 3.1.1, section 4.8.12.4, where it agrees with RFC 6570
        ("matrix", False, "", ";color"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, LIST, ";color=blue,black,brown"),
        ("matrix", False, OBJECT, ";color=R,100,G,200,B,150"),
        ("matrix", True, LIST, ";color=blue;color=black;color=brown"),
        ("matrix", True, OBJECT, ";R=100;G=200;B=150"),
        ("label", False, "blue", ".blue"),
        ("label", False, LIST, ".blue,black,brown"),
        ("label", False, OBJECT, ".R,100,G,200,B,150"),
        ("label", True, LIST, ".blue.black.brown"),
        ("label", True, OBJECT, ".R=100.G=200.B=150"),
        ("", False, "blue", "blue"),
        ("simple", False, LIST, "blue,black,brown"),
        ("simple", False, OBJECT, "R,100,G,200,B,150"),
        ("simple", True, OBJECT, "R=100,G=200,B=150"),
    ],
)
def test_styles_of_paths(style, explode, value, written):
    made = draft(argument("path", style, explode), values={"color": value}, path="/{color}/end")
    assert target(made) == f"/{written}/end"


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("", True, "", "color="),
        ("", True, "blue", "color=blue"),
        ("", False, LIST, "color=blue,black,brown"),
        ("", False, OBJECT, "color=R,100,G,200,B,150"),
        ("", True, LIST, "color=blue&color=black&color=brown"),
        ("", True, OBJECT, "R=100&G=200&B=150"),
        ("spaceDelimited", False, LIST, "color=blue%20black%20brown"),
        ("spaceDelimited", False, OBJECT, "color=R%20100%20G%20200%20B%20150"),
        ("pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
        ("pipeDelimited", False, OBJECT, "color=R%7C100%7CG%7C200%7CB%7C150"),
        ("tabDelimited", False, LIST, "color=blue%09black%09brown"),
        ("deepObject", True, OBJECT, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        ("deepObject", True, {"a": {"b": [True, None]}}, "color%5Ba%5D%5Bb%5D%5B0%5D=true"),
    ],
)
def test_styles_of_queries(style, explode, value, written):
    assert target(draft(argument("query", style, explode), values={"color": value})) == f"/x?{written}"


@pytest.mark.parametrize("absent", [None, [], {}, [None], {"a": None}])
def test_what_is_not_there_leaves_no_trace(absent):
    for explode in (True, False):
        assert target(draft(argument("query", explode=explode), values={"color": absent})) == "/x"
    made = draft(argument("header"), argument("cookie", key="c"), values={"color": absent, "c": absent})
    assert [name for name, _ in made.headers] == ["Accept"]
    assert made.cookies == []


def test_headers_are_not_percent_encoded():
    made = draft(
        argument("header", key="X-One"),
        argument("header", key="X-Two", explode=True),
        values={"X-One": ["a b", "ü", 1], "X-Two": {"a": 1, "b": 2.5}},
    )
    request = first(made, BASE, Placed()).request()
    assert request.headers.raw[-2:] == [(b"X-One", "a b,ü,1".encode()), (b"X-Two", b"a=1,b=2.5")]


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Proxy-Authorization", "a b", ""])
def test_headers_of_the_connection_are_not_a_calls_to_set(name):
    with pytest.raises(ArgumentError, match="not a call's to set"):
        draft(argument("header", key=name), values={name: "x"})


def test_a_header_does_not_end_early():
    with pytest.raises(ArgumentError, match="control characters"):
        draft(argument("header", key="X"), values={"X": "a\r\nX-Evil: 1"})


def test_cookies_cannot_break_out():
    made = draft(
        argument("cookie", key="a"), argument("cookie", key="b", explode=True), values={"a": "x; y=1", "b": [1, 2]}
    )
    assert first(made, BASE, Placed()).request().headers["cookie"] == "a=x%3B%20y%3D1; b=1; b=2"


@pytest.mark.parametrize("value", ["", ".", "..", None, [], {}])
def test_a_value_cannot_change_the_path(value):
    with pytest.raises(ArgumentError, match=r"^color: must not be"):
        draft(argument("path"), values={"color": value}, path="/orders/{color}", method="DELETE")


def test_two_values_cannot_make_a_way_up_together():
    with pytest.raises(ArgumentError, match="must not be"):
        draft(argument("path", key="a"), argument("path", key="b"), values={"a": ".", "b": "."}, path="/{a}{b}")


def test_a_missing_part_of_the_path_is_named():
    with pytest.raises(ArgumentError, match=r"^color: is missing"):
        draft(argument("path"), values={}, path="/{color}")


def test_templates_with_literals_queries_and_fragments():
    made = draft(
        argument("path", key="id"),
        argument("query", key="q"),
        values={"id": "a/b", "q": 1},
        path="files/{id}.json?action=get#v2",
    )
    assert target(made) == "/files/a%2Fb.json?action=get&q=1"


def test_numbers_booleans_and_nested_values_as_text():
    values = {"color": [1.0, 1.5, True, {"a": [1]}, "1e400"]}
    made = draft(argument("query", explode=True), values=values)
    assert parse_qs(urlsplit(target(made)).query)["color"] == ["1", "1.5", "true", '{"a":[1]}', "1e400"]


@pytest.mark.parametrize("location", ["query", "header", "cookie", "path"])
def test_content_parameters_are_documents(location):
    made = draft(
        argument(location, content_type="application/json", key="doc"),
        values={"doc": {"a": "b c"}},
        path="/{doc}" if location == "path" else "/x",
    )
    everything = unquote(f"{made.target} {made.headers} {made.cookies}")
    assert '{"a":"b c"}' in everything


# ------------------------------------------------------------------------------------------------ bodies


def test_json_bodies():
    parts = (argument("body", key="a"), argument("body", key="b"))
    made = draft(*parts, values={"a": None, "b": [1]}, method="POST", media="application/json")
    assert json.loads(made.body.content) == {"a": None, "b": [1]}
    assert ("Content-Type", "application/json") in made.headers
    whole = Argument(name="body", location="body", key="")
    patch = draft(whole, values={"body": [1]}, method="PATCH", media="application/json-patch+json")
    assert (patch.body.content, patch.body.content_type) == (b"[1]", "application/json-patch+json")


def test_an_object_that_is_awaited_is_sent_though_empty():
    part = argument("body", key="a")
    assert draft(part, values={}, method="POST", media="application/json").body.content == b"{}"
    assert draft(part, values={}, method="DELETE", media="application/json").body.content_type == ""


def test_forms_nest_as_stripe_writes_them():
    parts = [argument("body", explode=True, key=key) for key in ("amount", "items", "meta", "expand", "note")]
    values = {
        "amount": 1000,
        "items": [{"price": "p_1", "n": 2}],
        "meta": {"a b": {"c": "d&e"}},
        "expand": ["x", "y"],
        "note": None,
    }
    made = draft(*parts, values=values, method="POST", media="application/x-www-form-urlencoded")
    assert parse_qsl(made.body.content.decode()) == [
        ("amount", "1000"),
        ("items[0][price]", "p_1"),
        ("items[0][n]", "2"),
        ("meta[a b][c]", "d&e"),
        ("expand", "x"),
        ("expand", "y"),
    ]
    deep = draft(
        argument("body", "deepObject", explode=True, key="expand"),
        values={"expand": ["x"]},
        media="application/x-www-form-urlencoded",
    )
    assert parse_qsl(deep.body.content.decode()) == [("expand[0]", "x")]


def test_a_whole_form_and_a_field_that_is_a_document():
    whole = Argument(name="body", location="body", key="")
    made = draft(whole, values={"body": {"a": [1, 2]}}, method="POST", media="application/x-www-form-urlencoded")
    assert made.body.content == b"a=1&a=2"
    field = argument("body", content_type="application/json", key="f")
    made = draft(field, values={"f": {"a": 1}}, method="POST", media="application/x-www-form-urlencoded")
    assert parse_qs(made.body.content.decode()) == {"f": ['{"a":1}']}


def test_bodies_of_text():
    whole = Argument(name="body", location="body", key="")
    made = draft(whole, values={"body": "<a>ü</a>"}, method="POST", media="application/xml")
    assert made.body.content == "<a>ü</a>".encode()
    for media in ("application/xml", "multipart/form-data", "application/x-www-form-urlencoded"):
        with pytest.raises(ArgumentError, match=r"^body: must be"):
            draft(whole, values={"body": [1]}, method="POST", media=media)


def parts_of(made: Draft) -> list:
    """Return the parts of a multipart body, as Python's mail parser finds them."""
    head = f"Content-Type: {made.body.content_type}\r\n\r\n".encode()
    return list(email.message_from_bytes(head + made.body.content, policy=HTTP).iter_parts())


def test_multipart_bodies():
    keys = ("file", "meta", "tags", 'odd"name', "gone")
    made = draft(
        *(argument("body", key=key) for key in keys),
        values={"file": "bytes\r\n--x", "meta": {"a": 1}, "tags": ["x", "y"], 'odd"name': "z", "gone": None},
        method="POST",
        media="multipart/form-data",
        properties={"file": {"type": "string", "format": "binary"}},
    )
    found = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part.get("Content-Type"),
            part.get_payload(decode=True),
        )
        for part in parts_of(made)
    ]
    assert found == [
        ("file", "file", "application/octet-stream", b"bytes\r\n--x"),
        ("meta", None, "application/json", b'{"a":1}'),
        ("tags", None, None, b"x"),
        ("tags", None, None, b"y"),
        ("odd%22name", None, None, b"z"),
    ]


def test_equal_requests_are_equal_bytes():
    def make():
        return draft(argument("body"), values={"color": "x"}, method="POST", media="multipart/form-data").body

    assert make() == make()


# -------------------------------------------------------------------- properties, against other decoders

TEXT = st.text(min_size=1, max_size=12)
NAME = st.text(min_size=1, max_size=8)
LISTS = st.lists(TEXT, min_size=1, max_size=4)
OBJECTS = st.dictionaries(NAME, TEXT, min_size=1, max_size=4)
STYLES = ("form", "spaceDelimited", "pipeDelimited")


def flat(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for text in pair]
    return value if isinstance(value, list) else [value]


@given(value=TEXT | LISTS | OBJECTS, key=NAME)
def test_a_form_query_comes_back(value, key):
    """The receiver splits at delimiters first and decodes then, as RFC 3986 (section 2.2) wants it."""
    made = target(draft(argument("query", key=key), values={key: value}))
    name, _, written = urlsplit(made).query.partition("=")
    assert unquote(name) == key
    assert [unquote(each) for each in written.split(",")] == flat(value)


@given(value=TEXT | LISTS | OBJECTS, key=NAME)
def test_an_exploded_query_comes_back(value, key):
    made = target(draft(argument("query", explode=True, key=key), values={key: value}))
    pairs = parse_qsl(urlsplit(made).query, keep_blank_values=True)
    assert pairs == (list(value.items()) if isinstance(value, dict) else [(key, each) for each in flat(value)])


@given(value=st.lists(TEXT.filter(lambda text: not set(text) & set(" |")), min_size=1))
@pytest.mark.parametrize(("style", "mark"), [("spaceDelimited", " "), ("pipeDelimited", "|")])
def test_a_delimited_query_comes_back(style, mark, value):
    made = target(draft(argument("query", style), values={"color": value}))
    assert parse_qs(urlsplit(made).query)["color"] == [mark.join(value)]


@given(value=TEXT | LISTS | OBJECTS)
def test_a_path_comes_back(value):
    try:
        made = target(draft(argument("path"), values={"color": value}, path="/a/{color}/b"))
    except ArgumentError:
        assert value in (".", "..", ["."], [".."])
        return
    _, a, middle, b = made.split("/")
    assert (a, b) == ("a", "b")
    assert [unquote(each) for each in middle.split(",")] == flat(value)


LEAVES = st.recursive(
    TEXT | st.integers(-(2**53), 2**53) | st.booleans(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.from_regex(r"[^\[\]]{1,4}", fullmatch=True), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def leaf_by_path(value: Json, names: list[str]) -> Json:
    for name in names:
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


@given(value=st.dictionaries(st.from_regex(r"[^\[\]]{1,4}", fullmatch=True), LEAVES, min_size=1, max_size=3))
def test_brackets_lead_to_every_leaf(value):
    made = target(draft(argument("query", "deepObject", explode=True, key="f"), values={"f": value}))
    pairs = parse_qsl(urlsplit(made).query, keep_blank_values=True)
    for name, text in pairs:
        leaf = leaf_by_path(value, re.findall(r"\[([^\[\]]*)\]", name))
        assert text == (leaf if isinstance(leaf, str) else json.dumps(leaf))
    count = json.dumps(value, default=str)
    assert len(pairs) == sum(1 for _ in leaves_of(value)), count


def leaves_of(value: Json):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for each in inner:
            yield from leaves_of(each)


@given(fields=OBJECTS)
def test_forms_come_back(fields):
    arguments = [argument("body", key=key) for key in fields]
    made = draft(*arguments, values=fields, method="POST", media="application/x-www-form-urlencoded")
    assert dict(parse_qsl(made.body.content.decode(), keep_blank_values=True)) == fields


@given(fields=st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=30), min_size=1))
def test_multipart_comes_back(fields):
    arguments = [argument("body", key=key) for key in fields]
    made = draft(*arguments, values=fields, method="POST", media="multipart/form-data")
    boundary = made.body.content_type.partition("boundary=")[2].encode()
    pieces = (b"\r\n" + made.body.content).split(b"\r\n--" + boundary)
    assert (pieces[0], pieces[-1]) == (b"", b"--\r\n")
    found = {}
    for piece in pieces[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        found[re.search(rb'name="(.*?)"', head)[1].decode()] = content.decode()
    assert found == fields
