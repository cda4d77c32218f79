"""Every operation of the bundled APIs: it answers, and answers as documented; failures too, in the API's own form."""

from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from world_calls import APIS, call_arguments, landscape, world
from world_shop import ERROR, answer, body, collection, ref, shop

from toolbench.model import Tool
from toolbench.world.query import texts
from toolbench.world.resources import Operation
from toolbench.world.world import World

OPERATIONS = [(api, name) for api in APIS for name in landscape(api).operations]


def documented(tool: Tool, status: int) -> Any:
    """Return the schema that a status has by the description, None where it has none."""
    return next(
        (tool.errors[key] for key in (str(status), f"{status // 100}XX", "default") if key in tool.errors), None
    )


def assert_valid(body: Any, schema: Any) -> None:
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(body)


@pytest.mark.parametrize(("api", "name"), OPERATIONS)
def test_an_operation_answers_as_documented(api: str, name: str) -> None:
    succeeded = 0
    for seed in range(6):
        one = world(api, seed=seed)
        operation, tool = one.landscape.operations[name], one.landscape.tool(name)
        response = one.call(name, call_arguments(one, operation, Random(seed)), one.initial)
        if response.status < 400:
            succeeded += 1
            assert response.status == operation.tool.binding.success
            if tool.returns is not None and response.body is not None:
                assert_valid(response.body, tool.returns)
        elif schema := documented(tool, response.status):
            assert_valid(response.body, schema)
    # What only goes in a certain state (to ship what is paid) may be turned down often.
    assert succeeded or operation.role in ("action", "get")


def nothing_there(one: World, operation: Operation) -> dict[str, Any]:
    """Return arguments whose path leads nowhere, though every one of them is valid."""
    arguments = call_arguments(one, operation, Random(1))
    sampler = one.population.sampler(operation.tool.api)
    for param in operation.scope:
        schema = operation.tool.parameters["properties"][param.name]
        arguments[param.name] = sampler.identifier(schema, Random(99), "nothing")
    return arguments


@pytest.mark.parametrize(("api", "name"), OPERATIONS)
def test_failures_have_the_documented_form(api: str, name: str) -> None:
    one = world(api)
    operation, tool = one.landscape.operations[name], one.landscape.tool(name)
    wrong = one.call(name, {"no such argument": 1}, one.initial)
    assert wrong.status in (400, 422)
    problems = one.landscape.checks.problems(tool, {"no such argument": 1})
    assert any(problem["message"] in text for problem in problems for text in texts(wrong.body))
    seen = [wrong]
    if operation.scope and operation.role in ("get", "update", "delete"):
        missing = one.call(name, nothing_there(one, operation), one.initial)
        assert missing.status == 404
        seen.append(missing)
    for response in seen:
        assert one.changes(response.state) == ()
        if schema := documented(tool, response.status):
            assert_valid(response.body, schema)


THING = {
    "type": "object",
    "required": ["id", "size"],
    "properties": {"id": {"type": "string"}, "size": {"type": "integer"}},
}


@pytest.mark.parametrize(
    ("errors", "status", "expected"),
    [
        ({"e422": ref("Error")}, 422, {"field": "size", "issue": '"x" is not of type "integer"'}),
        ({"e400": ref("Error")}, 400, {"field": "size", "issue": '"x" is not of type "integer"'}),
        ({"e4XX": ref("Error")}, 422, {"field": "size", "issue": '"x" is not of type "integer"'}),
    ],
)
def test_a_problem_is_told_in_the_form_for_it(tmp_path: Path, errors: Any, status: int, expected: Any) -> None:
    one = shop(tmp_path, collection("/things", ref("Thing"), **errors), Thing=THING, Error=ERROR)
    response = one.call("shop_create_things", {"id": "a", "size": "x"}, one.initial)
    assert response.status == status
    assert response.body["errors"] == [expected]


def test_what_is_missing_is_pointed_at(tmp_path: Path) -> None:
    one = shop(tmp_path, collection("/things", ref("Thing")), Thing=THING)
    problems = one.landscape.checks.problems(one.landscape.tool("shop_create_things"), {"si/ze": 1})
    assert {problem["pointer"] for problem in problems} == {"/id", "/size", "/si~1ze"}
    response = one.call("shop_create_things", {}, one.initial)
    assert {detail["pointer"] for detail in response.body["error"]["details"]} == {"/id", "/size"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "No thing 'nothing' was found"),
        ({"type": "array", "items": {"type": "object", "properties": {"message": {"type": "string"}}}}, None),
        ({"type": "object", "properties": {"error": ref("Error")}}, None),
        (
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": ["gone"]}, "status": {"type": "string"}},
            },
            None,
        ),
        (
            {
                "type": "object",
                "properties": {"thing": ref("Thing"), "flags": {"type": "array", "items": {"enum": ["a"]}}},
            },
            None,
        ),
        ({}, None),
    ],
)
def test_odd_forms_of_failure(tmp_path: Path, schema: Any, expected: Any) -> None:
    one = shop(tmp_path, collection("/things", ref("Thing"), e404=schema), Thing=THING, Error=ERROR)
    response = one.call("shop_get_things", {"id": "nothing"}, one.initial)
    assert response.status == 404
    assert_valid(response.body, documented(one.landscape.tool("shop_get_things"), 404))
    assert response.body == expected or (expected is None and response.body)


def test_a_failure_may_hold_failures_of_its_own_form(tmp_path: Path) -> None:
    problem = {
        "type": "object",
        "properties": {"message": {"type": "string"}, "details": {"type": "array", "items": ref("Problem")}},
    }
    one = shop(tmp_path, collection("/things", ref("Thing"), e422=ref("Problem")), Thing=THING, Problem=problem)
    response = one.call("shop_create_things", {"id": "a", "size": "x"}, one.initial)
    assert "not of type" in response.body["details"][0]["message"]
    assert_valid(response.body, documented(one.landscape.tool("shop_create_things"), 422))


@pytest.mark.parametrize(("documents", "status"), [(("409",), 409), (("422", "400"), 422), (("400",), 400), ((), 409)])
def test_a_conflict_has_the_status_that_is_documented(tmp_path: Path, documents: tuple[str, ...], status: int) -> None:
    failures = {f"e{code}": ref("Error") for code in documents}
    one = shop(tmp_path, collection("/things", ref("Thing"), **failures), Thing=THING, Error=ERROR)
    made = one.call("shop_create_things", {"id": "a", "size": 1}, one.initial)
    assert one.call("shop_create_things", {"id": "a", "size": 1}, made.state).status == status


def test_an_operation_without_meaning_answers_in_its_form_and_refers_to_what_is_there(tmp_path: Path) -> None:
    said = {"type": "object", "required": ["thing_id"], "properties": {"thing_id": {"type": "string"}}}
    paths = {
        **collection("/things", ref("Thing")),
        "/guess": {
            "post": {"operationId": "guess", **body({"type": "object", "properties": {"n": {}}}), **answer(said)}
        },
    }
    one = shop(tmp_path, paths, Thing=THING)
    response = one.call("shop_guess", {"n": 1}, one.initial)
    assert response.confidence < 0.5
    assert response.body == one.call("shop_guess", {"n": 1}, response.state).body
    assert one.call("shop_get_things", {"id": response.body["thing_id"]}, one.initial).status == 200
    assert one.changes(response.state) == ()


def test_a_new_thing_may_bring_its_own_key(tmp_path: Path) -> None:
    asset = {"type": "object", "required": ["assetId"], "properties": {"assetId": {"type": "string"}}}
    world = shop(tmp_path, collection("/assets", asset, key="assetId"))
    assert world.call("shop_create_assets", {"assetId": "a1"}, world.initial).status == 201
