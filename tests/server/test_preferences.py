from typing import Any

import pytest
from drafts import openapi
from served import Serve

BOOK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
}
PROBLEM = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
SPECIAL = {"id": 7, "title": "A documented one"}


def document(**media: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": BOOK, **media}}
    item = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "responses": {
            "200": {"description": "It", "content": content},
            "404": {"description": "None", "content": {"application/json": {"schema": PROBLEM}}},
            "5XX": {"description": "Ours"},
        },
    }
    return openapi({"/books/{id}": {"get": item}})


@pytest.mark.parametrize("way", [{"headers": {"prefer": "code=404"}}, {"params": {"__code": "404"}}])
def test_a_status_can_be_chosen(serve: Serve, way: Any) -> None:
    client = serve(document())
    answer = client.get("/books/5", **way)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert client.get("/__toolbench/state").json()["clock"] == 0


def test_a_chosen_success_does_not_depend_on_the_state(serve: Serve) -> None:
    client = serve(document())
    first, second = (client.get("/books/99999999", headers={"prefer": "code=200"}) for _ in range(2))
    assert first.status_code == 200
    assert isinstance(first.json()["title"], str)
    assert first.json() == second.json()


def test_ranges_of_statuses_are_documented_too(serve: Serve) -> None:
    client = serve(document())
    assert client.get("/books/5", headers={"prefer": "code=503"}).status_code == 503
    undocumented = client.get("/books/5", headers={"prefer": "code=418"})
    assert undocumented.status_code == 404
    assert "418" in undocumented.json()["message"]


def test_a_documented_example_can_be_chosen(serve: Serve) -> None:
    client = serve(document(examples={"special": {"value": SPECIAL}}))
    for way in ({"headers": {"prefer": 'example="special"'}}, {"params": {"__example": "special"}}):
        assert client.get("/books/5", **way).json() == SPECIAL
    assert client.get("/books/5", headers={"prefer": "code=200"}).json() == SPECIAL
    assert serve(document()).get("/books/5", headers={"prefer": "example=special"}).status_code == 404


def test_each_named_example_can_be_chosen(serve: Serve) -> None:
    named = {name: {"value": {"id": number, "title": name}} for number, name in enumerate(("one", "two", "three"))}
    client = serve(document(examples=named))
    for number, name in enumerate(named):
        answer = client.get("/books/5", headers={"prefer": f"code=200, example={name}, dynamic=true"})
        assert answer.json() == {"id": number, "title": name}
    unknown = client.get("/books/5", headers={"prefer": "example=four"})
    assert unknown.status_code == 404
    assert "'two'" in unknown.json()["message"]


def test_examples_of_failures_can_be_chosen(serve: Serve) -> None:
    described = document()
    responses = described["paths"]["/books/{id}"]["get"]["responses"]
    lost, sold = {"message": "It was lost"}, {"message": "It was sold"}
    responses["404"]["content"]["application/json"]["examples"] = {"lost": {"value": lost}, "sold": {"value": sold}}
    client = serve(described)
    assert client.get("/books/5", headers={"prefer": "code=404, example=sold"}).json() == sold
    assert client.get("/books/5", headers={"prefer": "code=404"}).json() == lost
    assert client.get("/books/5", headers={"prefer": "code=404, example=given"}).status_code == 404
    made = client.get("/books/5", headers={"prefer": "code=404, dynamic=true"}).json()
    assert made not in (lost, sold)
    # The state is asked where nothing is preferred, and says what is the case.
    assert client.get("/books/99999999").json() not in (lost, sold)


@pytest.mark.parametrize(
    "way",
    [{"headers": {"prefer": "dynamic=true"}}, {"headers": {"prefer": "Dynamic"}}, {"params": {"__dynamic": "true"}}],
)
def test_a_made_up_body_can_be_chosen(serve: Serve, way: Any) -> None:
    client = serve(document(example=SPECIAL))
    bodies = [client.get("/books/5", **way).json() for _ in range(3)]
    assert all(isinstance(body["id"], int) for body in bodies)
    assert SPECIAL not in bodies
    assert len({str(body) for body in bodies}) > 1
    failed = client.get("/books/5", headers={"prefer": "code=404, dynamic=true"})
    assert failed.json().keys() == {"message"}


def test_made_up_bodies_are_the_same_after_a_reset(serve: Serve) -> None:
    client = serve(document())
    first = client.get("/books/5", headers={"prefer": "dynamic=true"}).json()
    client.post("/__toolbench/reset")
    assert client.get("/books/5", headers={"prefer": "dynamic=true"}).json() == first


def test_the_header_goes_before_the_query(serve: Serve) -> None:
    client = serve(document())
    answer = client.get("/books/5", params={"__code": "404"}, headers={"prefer": "code=500;other=1"})
    assert answer.status_code == 500


@pytest.mark.parametrize("prefer", ["code=abc", "code=20", "dynamic=maybe"])
def test_preferences_without_sense_are_refused(serve: Serve, prefer: str) -> None:
    assert serve(document()).get("/books/5", headers={"prefer": prefer}).status_code == 422


@pytest.mark.parametrize("prefer", ["return=minimal", "", "dynamic=false"])
def test_other_preferences_change_nothing(serve: Serve, prefer: str) -> None:
    client = serve(document())
    assert client.get("/books/99999999", headers={"prefer": prefer}).status_code == 404
    assert client.get("/__toolbench/state").json()["clock"] == 1


def test_requests_must_be_valid_all_the_same(serve: Serve) -> None:
    assert serve(document()).get("/books/x", headers={"prefer": "code=500"}).status_code == 404
