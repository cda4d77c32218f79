import asyncio
from typing import Any

import httpx2
import pytest
from drafts import get, openapi, post
from served import CREDENTIALS, Serve

from toolbench.server.security import Guard

BOOK = {
    "title": "Dune",
    "author": "Frank Herbert",
    "isbn": "9780441013593",
    "genre": "science_fiction",
    "language": "en",
}
OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}}}


def shop(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return openapi(paths, **more)


def answering(schema: Any = OBJECT, status: str = "200", media_type: str = "application/json") -> dict[str, Any]:
    return {status: {"description": "Fine", "content": {media_type: {"schema": schema}}}}


def test_what_is_made_is_there_and_changes_as_it_is_told(serve: Serve) -> None:
    client = serve("orders")
    product = {"sku": "TBT-0001", "name": "Tool bench", "price": 12.5, "currency": "EUR", "category": "furniture"}
    made = client.post("/products", json=product)
    assert made.status_code == 201
    assert made.json().items() >= product.items()
    place = made.headers["location"]
    assert client.get(place).json() == made.json()
    changed = client.patch(place, json={"price": 99.5})
    assert changed.json()["price"] == 99.5
    assert client.get(place).json() == changed.json()
    assert client.post("/products", json=product).status_code == 409


def test_a_created_entity_has_its_place(serve: Serve) -> None:
    client = serve("library")
    made = client.post("/v1/books", json=BOOK)
    assert made.status_code == 201
    assert made.headers["content-type"] == "application/json"
    assert made.headers["location"] == str(client.base_url.join(f"/v1/books/{made.json()['id']}"))
    assert client.get(made.headers["location"]).json() == made.json()
    found = client.get("/books", params={"title": "Dune", "per_page": 1}).json()
    assert [book["id"] for book in found["books"]] == [made.json()["id"]]


def test_a_deleted_entity_is_gone(serve: Serve) -> None:
    client = serve("library")
    hold = client.get("/holds").json()["holds"][0]["id"]
    gone = client.delete(f"/holds/{hold}")
    assert (gone.status_code, gone.content, gone.headers.get("content-type")) == (204, b"", None)
    assert hold not in [each["id"] for each in client.get("/holds", params={"per_page": 100}).json()["holds"]]
    assert client.delete(f"/holds/{hold}").status_code == 404


def test_apis_on_one_port_share_a_world(serve: Serve) -> None:
    client = serve("orders", "crm")
    orders = client.get("/orders/orders").json()
    order = next(iter(orders.values()))[0]
    resources = {each["resource"] for each in client.get("/__toolbench/operations").json()["operations"]}
    customers = next(name for name in sorted(filter(None, resources)) if name.startswith("crm:") and "customer" in name)
    found = client.get("/__toolbench/entities", params={"resource": customers}).json()["entities"]
    assert order["customer_id"] in [each["entity"]["id"] for each in found]
    assert client.get("/products").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/v1", "/library", "/library/v1"])
def test_a_single_api_is_at_the_root_and_under_its_id(serve: Serve, prefix: str) -> None:
    client = serve("library")
    assert client.get(f"{prefix}/books").status_code == 200
    assert client.get(f"{prefix}/nothing").status_code == 404


def test_a_literal_path_goes_before_one_with_parameters(serve: Serve) -> None:
    client = serve("orders")
    assert client.get("/orders/products").json() == client.get("/products").json()
    assert client.get("/orders/orders").json() == client.get("/orders").json()


def test_a_request_that_is_not_valid_is_refused_in_the_apis_own_form(serve: Serve) -> None:
    client = serve("library")
    before = client.get("/__toolbench/state").json()
    refused = client.post("/books", json={**BOOK, "title": 5})
    assert refused.status_code == 400
    (detail,) = refused.json()["error"]["details"]
    assert "title" in detail["field"]
    assert client.post("/books", json=[]).status_code == 400
    assert client.get("/branches", params={"per_page": "many"}).status_code == 400
    assert client.get("/books/no-number").status_code == 404
    assert client.get("/__toolbench/state").json() == before


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b'{"a":' * 400 + b"1" + b"}" * 400, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"n": 1}', "application/vnd.shop+json; charset=utf-8", 200),
        (b'{"n": 1}', "", 200),
        (b"n=1", "application/x-www-form-urlencoded", 415),
        (b"<n>1</n>", "application/xml", 415),
    ],
)
def test_bodies_are_read_or_refused(serve: Serve, content: bytes, content_type: str, status: int) -> None:
    client = serve(shop(post(OBJECT)))
    headers = {"content-type": content_type} if content_type else {}
    assert client.post("/orders", content=content, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 200), (b"{}", 422), (b'{"n": 1}', 422), (b'{"n": 1, "s": "x"}', 200), (b'{"n": 1, "s": "x", "t": 1}', 422)],
)
def test_a_body_that_need_not_be_there_is_whole_where_it_is(serve: Serve, content: bytes, status: int) -> None:
    properties = {"n": {"type": "integer"}, "s": {"type": "string"}}
    schema = {"type": "object", "properties": properties, "required": ["n", "s"], "additionalProperties": False}
    client = serve(shop(post(schema, required=False)))
    answer = client.post("/orders", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status
    if status == 422 and b"t" in content:
        assert answer.json()["error"]["details"] == [{"pointer": "/t", "message": "is not known"}]


def test_a_required_body_must_be_there_even_where_none_of_its_fields_must(serve: Serve) -> None:
    client = serve(shop(post(OBJECT, required=True)))
    assert client.post("/orders").status_code == 422
    assert client.post("/orders", json={}).status_code == 200
    assert serve(shop(post(OBJECT, required=False))).post("/orders").status_code == 200


def test_failures_come_in_their_own_media_type(serve: Serve) -> None:
    problem = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    paths = get({"name": "n", "in": "query", "schema": {"type": "integer"}})
    paths["/orders"]["get"]["responses"] = {
        **answering(),
        **answering(problem, "400", "application/problem+json"),
        **answering({"type": "string"}, "404", "text/plain"),
    }
    client = serve(shop(paths))
    refused = client.get("/orders", params={"n": "x"})
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert refused.json()["title"] == "Bad Request"
    assert client.get("/nothing").headers["content-type"].startswith("text/plain")
    unknown = client.post("/orders")
    assert (unknown.status_code, unknown.headers["content-type"]) == (405, "application/json")
    assert unknown.json()["title"] == "Method Not Allowed"


def test_forms_are_understood_in_both_encodings(serve: Serve) -> None:
    schema = {
        "type": "object",
        "required": ["n", "tags"],
        "properties": {**OBJECT["properties"], "tags": {"type": "array"}},
    }
    client = serve(shop(post(schema, media_type="application/x-www-form-urlencoded")))
    assert client.post("/orders", data={"n": "1", "tags[]": ["a", "b"]}).status_code == 200
    assert client.post("/orders", files={"n": (None, "1"), "tags[0]": (None, "a")}).status_code == 200
    assert client.post("/orders", data={"n": "one", "tags[]": "a"}).status_code == 422
    assert client.post("/orders", json={"n": 1, "tags": []}).status_code == 415
    broken = client.post("/orders", content=b"x", headers={"content-type": "multipart/form-data"})
    assert broken.status_code == 400


def test_other_bodies_are_text(serve: Serve) -> None:
    client = serve(shop(post({"type": "string", "minLength": 3}, media_type="text/plain")))
    headers = {"content-type": "text/plain"}
    assert client.post("/orders", content=b"abc", headers=headers).status_code == 200
    assert client.post("/orders", content=b"a", headers=headers).status_code == 422
    assert client.post("/orders", content=b"\xff\xfe\x00", headers=headers).status_code == 200


def test_unknown_methods_and_paths(serve: Serve) -> None:
    client = serve("library")
    refused = client.delete("/books")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert "message" in refused.json()["error"]
    assert client.options("/books").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert client.get("/nothing").json()["error"]["code"] == "not_found"
    head, got = client.head("/books"), client.get("/books")
    assert (head.content, head.headers["content-length"]) == (b"", got.headers["content-length"])


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("text/html, application/*;q=0.5", 200),
        ("application/vnd.shop+json", 200),
        ("text/html", 406),
        ("application/json;q=0, text/html", 406),
    ],
)
def test_an_answer_that_nobody_wants_is_not_given(serve: Serve, accept: str, status: int) -> None:
    client = serve("library")
    assert client.get("/books", headers={"accept": accept}).status_code == status


@pytest.mark.parametrize(
    ("api", "headers"),
    [
        ("library", {"x-api-key": "{}"}),
        ("orders", {"authorization": "Bearer {}"}),
        ("crm", {"authorization": "Bearer {}"}),
    ],
)
def test_only_the_credential_agreed_on_will_do(serve: Serve, api: str, headers: dict[str, str]) -> None:
    client = serve(api, guard=Guard(token="right"), headers={})
    path = {"library": "/books", "orders": "/products", "crm": "/companies"}[api]
    for value, status in (("right", 200), ("wrong", 401), ("", 401), ("right2", 401)):
        given = {name: form.format(value).strip() for name, form in headers.items()}
        assert client.get(path, headers=given).status_code == status


def test_credentials_reach_as_far_as_they_are_granted(serve: Serve) -> None:
    client = serve("crm", guard=Guard(granted=frozenset(("oauth2", "crm.read"))))
    assert client.get("/companies").status_code == 200
    refused = client.post("/companies", json={"no": "such"})
    assert (refused.status_code, "crm.write" in refused.text) == (403, True)
    assert client.get("/companies", headers={"authorization": ""}).status_code == 401
    nothing = serve("crm", guard=Guard(granted=frozenset(("another",))))
    assert nothing.get("/companies").status_code == 401


def test_credentials_are_asked_for_but_not_checked(serve: Serve) -> None:
    client = serve("orders", headers={})
    refused = client.get("/products")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json()["error"]
    assert client.get("/products", headers={"authorization": "Basic any"}).status_code == 401
    assert client.get("/products", headers={"authorization": "bearer any"}).status_code == 200
    assert serve("orders", guard=Guard(asks=False), headers={}).get("/products").status_code == 200


KEYS = {
    "head": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "oauth": {"type": "oauth2", "flows": {}},
    "basic": {"type": "http", "scheme": "basic"},
}


@pytest.mark.parametrize(
    ("security", "request_", "status"),
    [
        ([{"head": []}], {"headers": {"x-key": "a"}}, 200),
        ([{"query": []}], {"params": {"key": "a"}}, 200),
        ([{"cookie": []}], {"headers": {"cookie": "a=b; key=a"}}, 200),
        ([{"oauth": []}], {"headers": {"authorization": "token a"}}, 200),
        ([{"basic": []}], {"headers": {"authorization": "Bearer a"}}, 401),
        ([{"basic": []}], {"headers": {"authorization": "Basic"}}, 401),
        ([{"head": [], "query": []}], {"params": {"key": "a"}}, 401),
        ([{"head": []}, {"query": []}], {"params": {"key": "a"}}, 200),
        ([{"head": []}, {}], {}, 200),
        ([{"query": []}], {"params": {"key": ""}}, 401),
    ],
)
def test_each_scheme_has_its_place(serve: Serve, security: Any, request_: Any, status: int) -> None:
    paths = get(responses=answering(), security=security)
    client = serve(shop(paths, components={"securitySchemes": KEYS}), headers={})
    assert client.get("/orders", **request_).status_code == status


def test_pages_of_other_origins_may_use_it(serve: Serve) -> None:
    client = serve("library", headers={"origin": "http://page.test"})
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key, content-type"}
    allowed = client.options("/books", headers=asked)
    assert allowed.status_code == 204
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert allowed.headers["access-control-allow-headers"] == asked["access-control-request-headers"]
    for answer in (allowed, client.get("/books"), client.get("/books", headers=CREDENTIALS), client.get("/nothing")):
        assert answer.headers["access-control-allow-origin"] == "http://page.test"
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert client.get("/__toolbench/state").headers["access-control-allow-origin"] == "http://page.test"
    preflight = client.options("/__toolbench/reset", headers={"access-control-request-method": "POST"})
    assert preflight.headers["access-control-allow-methods"] == "POST, OPTIONS"


async def test_requests_at_once_are_answered_one_after_another(serve: Serve) -> None:
    url = serve("library").base_url
    async with httpx2.AsyncClient(base_url=url, headers=CREDENTIALS) as client:
        books = [{**BOOK, "isbn": f"97804410{number:05}"} for number in range(30)]
        answers = await asyncio.gather(*(client.post("/books", json=book) for book in books))
        made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        state = (await client.get("/__toolbench/state")).json()
    assert len(set(made)) == len(books)
    assert {int(change["key"]) for change in state["changes"]} == set(made)
    assert state["clock"] == len(books)


def test_answers_without_a_schema(serve: Serve) -> None:
    paths = {
        **get(path="/text", responses={"200": {"description": "", "content": {"text/csv": {"example": "a,b"}}}}),
        **get(path="/open", responses={"200": {"description": "", "content": {"application/json": {}}}}),
        **get(path="/none", responses={"202": {"description": ""}}),
    }
    client = serve(shop(paths))
    text, unknown, none = client.get("/text"), client.get("/open"), client.get("/none")
    assert (text.text, text.headers["content-type"]) == ("a,b", "text/csv")
    assert (unknown.json(), unknown.headers["content-type"]) == ({}, "application/json")
    assert (none.status_code, none.content, none.headers.get("content-type")) == (202, b"", None)


def test_paths_that_differ_in_their_query_only(serve: Serve) -> None:
    city, both = {"name": "city", "in": "path", "schema": {"type": "string", "maxLength": 3}}, answering()
    paths = {
        **get(city, path="/air?city={city}", responses=both),
        **get(path="/air?mode=all", responses=answering(status="203")),
    }
    client = serve(shop(paths))
    assert client.get("/air", params={"city": "rom"}).status_code == 200
    assert client.get("/air", params={"city": "rome"}).status_code == 422
    assert client.get("/air", params={"mode": "all"}).status_code == 203


def test_too_large_a_body_is_not_read(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolbench.server.application.MAX_BODY", 100)
    client = serve("library")
    assert client.post("/books", content=b"x" * 101).status_code == 413
