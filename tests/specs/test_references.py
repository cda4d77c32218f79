"""References: within a file, to files beside it, in chains and circles, and to nowhere."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from drafts import get, load, only_tool, openapi, post
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import SpecError
from toolbench.specs._references import References
from toolbench.specs.base import Document

ORDER = {"type": "object", "properties": {"id": {"type": "integer"}}}
TOKENS = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(
    ["~", "/", "~1", "~0", "%", "%2F", "", "a b", "#"]
)


def reply(reference: str) -> dict[str, Any]:
    return get(responses={"200": {"content": {"application/json": {"schema": {"$ref": reference}}}}})


@given(st.lists(TOKENS, min_size=1, max_size=5), st.booleans())
def test_any_pointer_reaches_what_stands_there(tokens: list[str], in_list: bool) -> None:
    target = {"target": True}
    content: Any = target
    for token in reversed(tokens):
        content = {token: content, f"{token}?": {}}
    if in_list:
        content, tokens = {"list": [{}, content]}, ["list", "1", *tokens]
    references = References(Document(Path("a.json"), content, ""))
    pointer = "".join("/" + quote(token.replace("~", "~0").replace("/", "~1"), safe="~") for token in tokens)
    found, place = references.target(f"#{pointer}", references.root)
    assert found is target
    assert place.tokens == tuple(tokens)


def test_place_escapes_its_pointer() -> None:
    place = References(Document(Path("a.json"), {}, "")).root.at("a/b", "c~d")
    assert place.pointer == "/a~1b/c~0d"


def test_everything_can_be_a_reference(tmp_path: Path) -> None:
    document = openapi(
        {"/orders/{id}": {"$ref": "#/components/pathItems/Order"}},
        components={
            "pathItems": {
                "Order": {
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "put": {
                        "requestBody": {"$ref": "#/components/requestBodies/Order"},
                        "responses": {
                            "200": {"$ref": "#/components/responses/Order"},
                            "404": {"$ref": "#/components/responses/Missing"},
                        },
                    },
                }
            },
            "parameters": {
                "Id": {"$ref": "#/components/parameters/RealId"},
                "RealId": {"name": "id", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/Id"}},
            },
            "requestBodies": {
                "Order": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Order"},
                            "examples": {"small": {"$ref": "#/components/examples/Small"}},
                        }
                    },
                }
            },
            "responses": {
                "Order": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "Missing": {"description": "No such order."},
            },
            "examples": {"Small": {"value": {"note": "hi"}}},
            "schemas": {"Id": {"type": "integer"}, "Order": {"properties": {"note": {"type": "string"}}}},
        },
    )
    tool = only_tool(tmp_path, document)
    assert tool.name == "shop_put_orders_by_id"
    assert tool.source.pointer == "/paths/~1orders~1{id}/put"
    assert tool.parameters["properties"] == {"id": {"$ref": "#/$defs/Id"}, "note": {"type": "string"}}
    assert tool.parameters["$defs"] == {"Id": {"type": "integer"}}
    assert tool.returns == {"$ref": "#/$defs/Order", "$defs": {"Order": {"properties": {"note": {"type": "string"}}}}}
    assert tool.errors == {"404": {"description": "No such order."}}
    assert tool.examples == ({"name": "small", "arguments": {"note": "hi"}},)


def test_what_stands_beside_a_path_items_reference_goes_first(tmp_path: Path) -> None:
    shared = {"get": {"operationId": "shared"}, "post": {"operationId": "make"}}
    document = openapi(
        {"/a": {"$ref": "#/components/pathItems/A", "get": {"operationId": "own"}}},
        components={"pathItems": {"A": shared}},
    )
    assert [tool.source.name for tool in load(tmp_path, document).tools] == ["own", "make"]


def test_files_in_the_folder_tree_are_followed(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "order.yaml").write_text("properties:\n  line: {$ref: 'common.json#/definitions/Line'}\n")
    (tmp_path / "schemas" / "common.json").write_bytes(
        orjson.dumps({"definitions": {"Line": {"properties": {"order": {"$ref": "order.yaml"}}}}})
    )
    api = load(tmp_path, openapi(reply("./schemas/order.yaml")))
    assert api.definitions == {
        "order": {"properties": {"line": {"$ref": "#/$defs/Line"}}},
        "Line": {"properties": {"order": {"$ref": "#/$defs/order"}}},
    }


def test_a_file_may_refer_back_to_the_main_one(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_bytes(
        orjson.dumps({"properties": {"o": {"$ref": "shop.json#/components/schemas/Order"}}})
    )
    api = load(tmp_path, openapi(reply("part.json"), components={"schemas": {"Order": ORDER}}))
    assert api.definitions == {"Order": ORDER, "part": {"properties": {"o": {"$ref": "#/$defs/Order"}}}}


def test_equal_names_in_several_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_bytes(orjson.dumps({"$defs": {"Order": {"type": "string"}}}))
    paths = reply("part.json#/$defs/Order") | post({"$ref": "#/components/schemas/Order"})
    paths["/orders"] |= reply("part.json#/$defs/Order")["/orders"]
    api = load(tmp_path, openapi(paths, components={"schemas": {"Order": ORDER | {"oneOf": [{}]}}}))
    assert api.definitions["Order"]["type"] == "object"
    (other,) = set(api.definitions) - {"Order"}
    assert api.definitions[other] == {"type": "string"}


def test_any_pointer_into_the_document_can_be_a_schema(tmp_path: Path) -> None:
    paths = post({"type": "object", "properties": {"size": {"enum": [1, 2]}}})
    schema = "/paths/~1orders/post/requestBody/content/application~1json/schema/properties/size"
    paths["/orders"] |= reply(f"#{schema}")["/orders"]
    api = load(tmp_path, openapi(paths))
    tool = next(tool for tool in api.tools if tool.source.name == "look")
    assert tool.returns
    name = tool.returns["$ref"].removeprefix("#/$defs/")
    assert api.definitions == {name: {"enum": [1, 2]}}


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("#/components/schemas/Ordr", "leads nowhere", "Did you mean '#/components/schemas/Order'?"),
        ("#/components/things/Order", "leads nowhere", "There is no 'things' at '#/components'"),
        ("#Order", "leads nowhere", "Only JSON pointers"),
        ("absent.json", "leads nowhere", "There is no file"),
        ("https://shop.example/order.json#/Order", "remote", "Download it"),
        ("//shop.example/order.json", "remote", "Download it"),
        ("file:///etc/order.json", "remote", "Download it"),
        ("../order.json", "out of the folder", "Put the file into that folder"),
        ("/etc/passwd", "out of the folder", "Put the file into that folder"),
    ],
)
def test_references_to_nowhere(tmp_path: Path, reference: str, message: str, hint: str) -> None:
    (tmp_path / "order.json").write_bytes(orjson.dumps(ORDER))
    document = openapi(reply(reference), components={"schemas": {"Order": ORDER}})
    with pytest.raises(SpecError) as caught:
        load(tmp_path / "inner", document)
    error = caught.value
    assert message in error.message
    assert repr(reference) in error.message
    pointer = "/paths/~1orders/get/responses/200/content/application~1json/schema"
    assert error.where == f"{tmp_path / 'inner' / 'shop.json'}#{pointer}"
    assert hint in error.hint
    assert "\n" not in str(error)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_bytes(orjson.dumps(ORDER))
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "link.json").symlink_to(tmp_path / "order.json")
    with pytest.raises(SpecError, match="out of the folder"):
        load(tmp_path / "inner", openapi(reply("link.json")))


def test_only_what_is_reachable_must_lead_somewhere(tmp_path: Path) -> None:
    schemas = {"Used": {"type": "string"}, "Unused": {"$ref": "#/components/schemas/Nothing"}}
    api = load(tmp_path, openapi(reply("#/components/schemas/Used"), components={"schemas": schemas}))
    assert set(api.definitions) == {"Used"}


def test_dangling_deep_inside_names_its_own_place(tmp_path: Path) -> None:
    schemas = {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}}, "B": {"items": {"$ref": "#/nowhere"}}}
    with pytest.raises(SpecError) as caught:
        load(tmp_path, openapi(reply("#/components/schemas/A"), components={"schemas": schemas}))
    assert caught.value.where.endswith("shop.json#/components/schemas/B/items")


def test_parameters_that_refer_to_each_other_are_refused(tmp_path: Path) -> None:
    circle = {"A": {"$ref": "#/components/parameters/B"}, "B": {"$ref": "#/components/parameters/A"}}
    with pytest.raises(SpecError, match="goes round in a circle"):
        load(tmp_path, openapi(get({"$ref": "#/components/parameters/A"}), components={"parameters": circle}))


def test_properties_named_ref_are_no_references(tmp_path: Path) -> None:
    tool = only_tool(tmp_path, openapi(post({"properties": {"$ref": {"type": "string"}}})))
    assert tool.parameters["properties"] == {"ref": {"type": "string"}}
