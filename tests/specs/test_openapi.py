"""Operations become tools: arguments, results, failures, examples, names."""

from pathlib import Path
from typing import Any

import pytest
from drafts import get, http, load, only_tool, openapi, places, post, reading, swagger

from toolbench import plugins
from toolbench.specs.base import Loader, read_api
from toolbench.specs.openapi import OpenApi

ORDER = {
    "type": "object",
    "required": ["note", "id"],
    "properties": {"id": {"type": "integer", "readOnly": True}, "note": {"type": "string"}},
}


def query(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "string"}} | more


def test_the_loader_is_a_plugin() -> None:
    assert plugins.load("specs", "openapi") is OpenApi
    assert "openapi" in plugins.names("specs")
    loader: Loader = OpenApi()
    assert loader


def test_every_path_and_method_is_a_tool_in_order(tmp_path: Path) -> None:
    item = {method: {} for method in ("get", "put", "post", "delete", "options", "head", "patch", "trace")}
    api = load(
        tmp_path, openapi({"/b": item, "/a": {"get": {}, "x-get": {}, "summary": "s", "query": {}}, "x-c": item})
    )
    assert [http(tool).method for tool in api.tools] == [*map(str.upper, item), "GET"]
    assert [tool.safety for tool in api.tools] == [
        "read",
        "write",
        "write",
        "destructive",
        "read",
        "read",
        "write",
        "read",
        "read",
    ]


def test_facts_of_the_api(tmp_path: Path) -> None:
    document = openapi(
        {},
        info={"title": " Shop &amp; Co ", "version": 2, "description": "<p>All of it.</p>"},
        servers=[
            {
                "url": "https://{region}.shop.example/v{v}",
                "variables": {"region": {"default": "eu"}, "v": {"default": 1}},
            }
        ],
        components={
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "token": {"type": "http", "scheme": "Bearer"},
            }
        },
    )
    api = load(tmp_path, document)
    assert (api.id, api.title, api.api_version, api.description) == ("shop", "Shop & Co", "2", "All of it.")
    assert api.servers == ("https://eu.shop.example/v1",)
    assert api.security_schemes["key"].model_dump() == {
        "type": "apiKey",
        "scheme": "",
        "location": "header",
        "name": "X-Key",
    }
    assert api.security_schemes["token"].scheme == "bearer"
    assert (api.source.kind, len(api.source.sha256)) == ("openapi", 64)


def test_facts_of_a_tool(tmp_path: Path) -> None:
    operation = {
        "operationId": "orders/list",
        "tags": ["Sales", "Orders"],
        "summary": "List orders",
        "description": "<p>List <b>all</b> orders.</p><ul><li>one</li><li>two</li></ul>",
        "deprecated": True,
    }
    tool = only_tool(tmp_path, openapi({"/v1/orders": {"get": operation}}))
    assert (tool.name, tool.category, tool.deprecated) == ("shop_orders_list", "Sales", True)
    assert tool.description == "List orders\n\nList all orders.\n\n- one\n- two"
    assert (tool.source.name, tool.source.pointer) == ("orders/list", "/paths/~1v1~1orders/get")


@pytest.mark.parametrize(
    ("path", "category"), [("/v1/orders/{id}", "orders"), ("/{id}", ""), ("/v2/{id}/lines", "lines")]
)
def test_without_tags_the_path_names_the_category(tmp_path: Path, path: str, category: str) -> None:
    assert only_tool(tmp_path, openapi({path: {"get": {}}})).category == category


def test_the_operations_parameter_overrides_the_path_items(tmp_path: Path) -> None:
    item = {
        "parameters": [
            query("q", required=True),
            query("page"),
            {"name": "q", "in": "header", "schema": {"type": "integer"}},
        ],
        "get": {"parameters": [query("q", description="own")]},
    }
    tool = only_tool(tmp_path, openapi({"/orders": item}))
    assert places(tool) == {"q": ("query", "q"), "page": ("query", "page"), "q_header": ("header", "q")}
    assert tool.parameters["properties"]["q"] == {"type": "string", "description": "own"}
    assert "required" not in tool.parameters
    assert tool.parameters["additionalProperties"] is False


def test_path_parameters_follow_the_template(tmp_path: Path) -> None:
    parameters = [
        {"name": "id", "in": "path", "schema": {"type": "integer"}},
        {"name": "gone", "in": "path", "schema": {"type": "integer"}},
    ]
    result = reading(tmp_path, openapi(get(*parameters, path="/orders/{id}/{line}")))
    tool = result.api.tools[0]
    assert places(tool) == {"line": ("path", "line"), "id": ("path", "id")}
    assert tool.parameters["required"] == ["line", "id"]
    assert tool.parameters["properties"]["line"] == {"type": "string"}
    assert {note.message for note in result.notes} == {
        "path parameter that is not in the path dropped",
        "path parameter that is not declared taken as text",
    }
    assert {note.pointer for note in result.notes} == {"/paths/~1orders~1{id}~1{line}/get"}


def test_headers_that_openapi_reserves_are_no_arguments(tmp_path: Path) -> None:
    names = ("Accept", "content-type", "AUTHORIZATION", "X-Request-Id")
    tool = only_tool(tmp_path, openapi(get(*({"name": name, "in": "header", "schema": {}} for name in names))))
    assert places(tool) == {"X-Request-Id": ("header", "X-Request-Id")}


@pytest.mark.parametrize(
    ("parameter", "style", "explode"),
    [
        ({"in": "query"}, "", True),
        ({"in": "query", "style": "form", "explode": False}, "", False),
        ({"in": "query", "style": "pipeDelimited"}, "pipeDelimited", False),
        ({"in": "query", "style": "deepObject"}, "deepObject", True),
        ({"in": "header"}, "", False),
        ({"in": "cookie"}, "", True),
        ({"in": "path", "style": "matrix", "explode": True}, "matrix", True),
    ],
)
def test_styles(tmp_path: Path, parameter: dict[str, Any], style: str, explode: bool) -> None:
    tool = only_tool(
        tmp_path,
        openapi(
            get({"name": "a", "schema": {}} | parameter, path="/orders/{a}" if parameter["in"] == "path" else "/orders")
        ),
    )
    (argument,) = http(tool).arguments
    assert (argument.style, argument.explode) == (style, explode)


def test_content_style_parameters_name_their_media_type(tmp_path: Path) -> None:
    parameter = {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    tool = only_tool(tmp_path, openapi(get(parameter)))
    (argument,) = http(tool).arguments
    assert (argument.content_type, argument.style, argument.explode) == ("application/json", "", False)
    assert tool.parameters["properties"]["filter"] == {"type": "object"}


def test_a_parameters_own_words_and_examples_reach_its_schema(tmp_path: Path) -> None:
    parameter = query("status", description="Which <i>ones</i>.", deprecated=True, example="open")
    tool = only_tool(tmp_path, openapi(get(parameter)))
    expected = {"type": "string", "description": "Which ones.", "deprecated": True, "examples": ["open"]}
    assert tool.parameters["properties"]["status"] == expected
    assert tool.examples == ({"arguments": {"status": "open"}},)


def test_parameters_that_make_no_sense_are_dropped(tmp_path: Path) -> None:
    result = reading(tmp_path, openapi(get({"in": "query"}, {"name": "a", "in": "attic"}, "text", query("ok"))))
    assert places(result.api.tools[0]) == {"ok": ("query", "ok")}
    assert [note.message for note in result.notes] == [
        "parameter without name or location dropped",
        "parameter without name or location dropped",
        "parameter in an unknown location dropped",
    ]


def test_an_object_body_is_spread_over_arguments(tmp_path: Path) -> None:
    tool = only_tool(tmp_path, openapi(post(ORDER)))
    assert places(tool) == {"note": ("body", "note")}
    assert tool.parameters["required"] == ["note"]
    assert http(tool).media_type == "application/json"


def test_an_optional_body_requires_none_of_its_properties(tmp_path: Path) -> None:
    tool = only_tool(tmp_path, openapi(post(ORDER | {"minProperties": 1}, required=False)))
    assert "required" not in tool.parameters
    assert "minProperties" not in tool.parameters


def test_arguments_in_several_places_keep_apart(tmp_path: Path) -> None:
    paths = post({"properties": {"id": {}, "id_query": {}, "body": {}}})
    operation = paths.pop("/orders")["post"]
    operation["parameters"] = [query("id"), {"name": "id", "in": "path", "required": True, "schema": {}}]
    result = reading(tmp_path, openapi({"/orders/{id}": {"post": operation}}))
    assert [note.message for note in result.notes] == ["arguments of one name told apart by their location"]
    assert places(result.api.tools[0]) == {
        "id_query_2": ("query", "id"),
        "id": ("path", "id"),
        "id_body": ("body", "id"),
        "id_query": ("body", "id_query"),
        "body": ("body", "body"),
    }


def test_all_of_is_merged_when_all_parts_are_plain(tmp_path: Path) -> None:
    schemas = {
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        "More": {
            "allOf": [
                {"$ref": "#/components/schemas/Base"},
                {"properties": {"id": {"minimum": 1}, "note": {"type": "string"}}},
            ]
        },
    }
    body = {"allOf": [{"$ref": "#/components/schemas/More"}, {"required": ["note"]}], "minProperties": 2}
    tool = only_tool(tmp_path, openapi(post(body), components={"schemas": schemas}))
    assert tool.parameters["properties"] == {
        "id": {"allOf": [{"type": "integer"}, {"minimum": 1}]},
        "note": {"type": "string"},
    }
    assert sorted(tool.parameters["required"]) == ["id", "note"]
    assert tool.parameters["minProperties"] == 2


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "string"},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"properties": {"a": {}}, "additionalProperties": {"type": "string"}},
        {"properties": {"a": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"properties": {"a": {}}, "maxProperties": 1},
        {"allOf": [{"properties": {"a": {}}}, {"anyOf": [{}]}]},
        {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]},
    ],
)
def test_any_other_body_is_one_argument(tmp_path: Path, schema: Any) -> None:
    tool = only_tool(tmp_path, openapi(post(schema)))
    assert places(tool) == {"body": ("body", "")}
    assert tool.parameters["properties"]["body"] == schema
    assert tool.parameters["required"] == ["body"]


def test_a_recursive_all_of_is_one_argument(tmp_path: Path) -> None:
    schemas = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"a": {}}}]}}
    tool = only_tool(tmp_path, openapi(post({"$ref": "#/components/schemas/A"}), components={"schemas": schemas}))
    assert places(tool) == {"body": ("body", "")}


def test_the_least_number_of_properties_counts_those_of_the_body(tmp_path: Path) -> None:
    paths = post({"properties": {"a": {}, "b": {}}, "minProperties": 1})
    paths["/orders/{id}"] = paths.pop("/orders")
    assert only_tool(tmp_path, openapi(paths)).parameters["minProperties"] == 2


@pytest.mark.parametrize(
    ("media_types", "chosen"),
    [
        (
            [
                "text/xml",
                "multipart/form-data",
                "application/x-www-form-urlencoded",
                "application/vnd.a+json",
                "application/json",
            ],
            "application/json",
        ),
        (["multipart/form-data", "application/vnd.a+json"], "application/vnd.a+json"),
        (["application/json-patch+json", "application/merge-patch+json"], "application/merge-patch+json"),
        (["text/plain", "multipart/form-data"], "multipart/form-data"),
        (["*/*"], "application/json"),
        (["image/png"], "image/png"),
    ],
)
def test_the_body_speaks_the_most_useful_media_type(tmp_path: Path, media_types: list[str], chosen: str) -> None:
    content = {name: {"schema": {"type": "string"}} for name in media_types}
    tool = only_tool(tmp_path, openapi({"/orders": {"post": {"requestBody": {"content": content}}}}))
    assert http(tool).media_type == chosen


def test_forms_say_how_each_field_is_written(tmp_path: Path) -> None:
    encoding = {"meta": {"style": "deepObject"}, "file": {"contentType": "image/png"}, "flat": {"explode": False}}
    schema = {"properties": {name: {} for name in ("meta", "file", "flat", "rest")}}
    tool = only_tool(tmp_path, openapi(post(schema, media_type="application/x-www-form-urlencoded", encoding=encoding)))
    written = {each.name: (each.style, each.explode, each.content_type) for each in http(tool).arguments}
    assert written == {
        "meta": ("deepObject", True, ""),
        "file": ("", True, "image/png"),
        "flat": ("", False, ""),
        "rest": ("", True, ""),
    }


def answer(schema: Any, media_type: str = "application/json", **media: Any) -> dict[str, Any]:
    return {"description": "d", "content": {media_type: {"schema": schema, **media}}}


@pytest.mark.parametrize(
    ("responses", "success", "returns", "media_type", "errors"),
    [
        (
            {"201": answer({"type": "null"}), "200": answer({"type": "string"})},
            200,
            {"type": "string"},
            "application/json",
            [],
        ),
        ({"200": {"description": "d"}, "201": answer({"type": "null"})}, 201, {"type": "null"}, "application/json", []),
        ({"204": {"description": "d"}, "default": answer({})}, 204, None, "", ["default"]),
        (
            {"default": answer({"type": "string"}), "404": answer({})},
            200,
            {"type": "string"},
            "application/json",
            ["404"],
        ),
        (
            {"2XX": answer({"type": "string"}), "4xx": {"description": "d"}},
            200,
            {"type": "string"},
            "application/json",
            ["4XX"],
        ),
        ({"302": {"description": "d"}, "500": {"description": "d"}}, 302, None, "", ["500"]),
        ({"200": answer({"type": "string"}, "text/plain")}, 200, None, "text/plain", []),
        ({"200": answer({"type": "string"}, "*/*")}, 200, {"type": "string"}, "application/json", []),
        (
            {"200": answer({"type": "string"}, "application/hal+json; v=1")},
            200,
            {"type": "string"},
            "application/hal+json; v=1",
            [],
        ),
        ({}, 200, None, "", []),
        ("text", 200, None, "", []),
    ],
)
def test_success_and_failures(
    tmp_path: Path, responses: Any, success: int, returns: Any, media_type: str, errors: list[str]
) -> None:
    tool = only_tool(tmp_path, openapi({"/orders": {"get": {"responses": responses}}}))
    assert (http(tool).success, tool.returns, http(tool).response_type) == (success, returns, media_type)
    assert list(tool.errors) == errors


def test_a_failure_says_what_it_means(tmp_path: Path) -> None:
    responses = {"404": {"description": "No such order."}, "500": answer({"description": "own"})}
    tool = only_tool(tmp_path, openapi({"/orders": {"get": {"responses": responses}}}))
    assert tool.errors == {"404": {"description": "No such order."}, "500": {"description": "own"}}


def test_examples_of_the_same_name_belong_together(tmp_path: Path) -> None:
    paths = post(
        {"properties": {"note": {}, "id": {"readOnly": True}}},
        examples={"small": {"value": {"note": "hi", "id": 1, "more": 2}}, "big": {"value": {"note": "x" * 20_000}}},
    )
    paths["/orders"]["post"]["responses"] = {
        "200": answer({}, examples={"small": {"value": 5}, "other": {"value": '{"a": 1}'}})
    }
    tool = only_tool(tmp_path, openapi(paths))
    assert tool.examples == (
        {"name": "small", "arguments": {"note": "hi"}, "result": 5},
        {"name": "other", "result": {"a": 1}},
    )


def test_examples_of_failures_are_kept_by_status_and_name(tmp_path: Path) -> None:
    responses = {
        "404": answer({}, examples={"gone": {"value": {"a": 1}}, "never": {"value": {"a": 2}}}),
        "200": answer({}),
        "500": answer({}),
    }
    tool = only_tool(tmp_path, openapi({"/orders": {"get": {"responses": responses}}}))
    assert tool.examples == (
        {"name": "gone", "status": "404", "error": {"a": 1}},
        {"name": "never", "status": "404", "error": {"a": 2}},
    )


def test_media_types_of_failures_are_kept_where_they_are_not_the_usual_one(tmp_path: Path) -> None:
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    both = {"content": {"application/problem+json": {}, "application/json": {}}}
    responses = {"200": answer({}), "400": problem, "404": answer({}), "5XX": both, "default": {"description": "x"}}
    tool = only_tool(tmp_path, openapi({"/orders": {"get": {"responses": responses}}}))
    assert http(tool).error_types == {"400": "application/problem+json"}


@pytest.mark.parametrize("required", [True, False])
def test_what_a_body_must_and_may_hold_is_kept(tmp_path: Path, required: bool) -> None:
    parts = [
        {"properties": {"note": {}, "id": {"readOnly": True}}, "required": ["note", "id"]},
        {"properties": {"tag": {}}, "required": ["more"], "additionalProperties": False},
    ]
    tool = only_tool(tmp_path, openapi(post({"allOf": parts}, required=required)))
    assert (http(tool).needed, http(tool).closed) == (("note", "more"), True)
    assert tool.parameters["properties"].keys() == {"note", "tag", "more"}
    assert tool.parameters.get("required", []) == (["note", "more"] if required else [])
    open_one = only_tool(tmp_path, openapi(post({"properties": {"note": {}}})))
    assert (http(open_one).needed, http(open_one).closed) == ((), False)


def test_the_example_of_a_whole_body_is_one_argument(tmp_path: Path) -> None:
    tool = only_tool(tmp_path, openapi(post({"type": "array"}, example=[1])))
    assert tool.examples == ({"name": "default", "arguments": {"body": [1]}},)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, (("key",),)),
        ([], ()),
        ([{"key": [], "token": ["read"]}, {"token": []}], (("key", "token"), ("token",))),
        ([{"token": []}, {}], (("token",), ())),
        ([{"unknown": []}], ()),
    ],
)
def test_security_alternatives(tmp_path: Path, written: Any, expected: Any) -> None:
    schemes = {"key": {"type": "apiKey", "in": "query", "name": "k"}, "token": {"type": "oauth2"}}
    operation = {} if written is None else {"security": written}
    document = openapi({"/orders": {"get": operation}}, security=[{"key": []}], components={"securitySchemes": schemes})
    assert http(only_tool(tmp_path, document)).security == expected


def test_swagger_parameters_and_results(tmp_path: Path) -> None:
    parameters = [
        {
            "name": "tags",
            "in": "query",
            "type": "array",
            "items": {"type": "string"},
            "collectionFormat": "multi",
            "required": True,
        },
        {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"},
        {"name": "names", "in": "query", "type": "array", "items": {"type": "string"}, "description": "Which."},
        {"name": "id", "in": "path", "type": "integer", "format": "int64", "minimum": 1, "exclusiveMinimum": True},
        {"name": "order", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Order"}},
    ]
    responses = {"200": {"schema": {"$ref": "#/definitions/Order"}, "examples": {"application/json": {"note": "hi"}}}}
    document = swagger(
        {"/orders/{id}": {"put": {"parameters": parameters, "responses": responses}}},
        definitions={"Order": ORDER},
        produces=["application/xml", "application/json"],
        consumes=["application/json"],
        host="shop.example",
        basePath="/v1/",
        schemes=["https", "http"],
        securityDefinitions={"login": {"type": "basic"}},
    )
    api = load(tmp_path, document)
    tool = api.tools[0]
    assert [(each.name, each.style, each.explode) for each in http(tool).arguments] == [
        ("tags", "", True),
        ("ids", "pipeDelimited", False),
        ("names", "", False),
        ("id", "", False),
        ("note", "", False),
    ]
    assert tool.parameters["required"] == ["tags", "id", "note"]
    assert tool.parameters["properties"]["id"] == {"type": "integer", "format": "int64", "exclusiveMinimum": 1}
    assert tool.parameters["properties"]["names"] == {
        "type": "array",
        "items": {"type": "string"},
        "description": "Which.",
    }
    assert (tool.returns, http(tool).response_type) == ({"$ref": "#/$defs/Order"}, "application/json")
    assert api.definitions == {"Order": ORDER}
    assert tool.examples == ({"name": "default", "result": {"note": "hi"}},)
    assert api.servers == ("https://shop.example/v1", "http://shop.example/v1")
    assert api.security_schemes["login"].model_dump() == {"type": "http", "scheme": "basic", "location": "", "name": ""}


@pytest.mark.parametrize(
    ("fields", "consumes", "media_type"),
    [
        ([{"type": "string"}], None, "application/x-www-form-urlencoded"),
        ([{"type": "string"}], ["multipart/form-data"], "multipart/form-data"),
        ([{"type": "file"}], ["application/x-www-form-urlencoded"], "multipart/form-data"),
    ],
)
def test_swagger_forms(tmp_path: Path, fields: Any, consumes: Any, media_type: str) -> None:
    parameters = [{"name": f"f{i}", "in": "formData", "required": True} | each for i, each in enumerate(fields)]
    operation = {"parameters": parameters} | ({"consumes": consumes} if consumes else {})
    tool = only_tool(tmp_path, swagger({"/orders": {"post": operation}}))
    assert http(tool).media_type == media_type
    assert places(tool) == {"f0": ("body", "f0")}
    assert tool.parameters["required"] == ["f0"]
    assert tool.parameters["properties"]["f0"]["type"] == "string"


def test_swagger_files_have_no_json(tmp_path: Path) -> None:
    responses = {"200": {"schema": {"type": "file"}}}
    tool = only_tool(
        tmp_path, swagger({"/orders": {"get": {"responses": responses, "produces": ["application/json", "image/png"]}}})
    )
    assert (tool.returns, http(tool).response_type) == (None, "image/png")


def test_repeated_operation_ids_are_noted_and_told_apart(tmp_path: Path) -> None:
    result = reading(tmp_path, openapi({"/a": {"get": {"operationId": "x"}}, "/b": {"get": {"operationId": "x"}}}))
    assert result.api.tools[0].name == "shop_x"
    assert result.api.tools[1].name.startswith("shop_x_")
    assert [(note.message, note.pointer) for note in result.notes] == [
        ("operationId that another operation has too", "/paths/~1b/get")
    ]


def test_servers_of_single_operations_are_noted(tmp_path: Path) -> None:
    servers = [{"url": "https://upload.shop.example"}]
    result = reading(tmp_path, openapi({"/a": {"servers": servers, "get": {}}, "/b": {"get": {"servers": servers}}}))
    assert [note.pointer for note in result.notes] == ["/paths/~1a", "/paths/~1b/get"]
    assert result.api.servers == ()


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    document = openapi(
        post(ORDER | {"properties": {"a": {"$ref": "#/components/schemas/A"}}}), components={"schemas": {"A": {}}}
    )
    assert load(tmp_path, document) == load(tmp_path, document) == read_api(tmp_path / "shop.json", kind="openapi")
