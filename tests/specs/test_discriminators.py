"""A `discriminator` says which value selects an alternative: made bodies carry it, others are turned down."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from drafts import get, load, openapi, reading

from toolbench.model import Api
from toolbench.world.rng import rng
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import Shapes


def pet(**kind: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"kind": {"type": "string"} | kind, "name": {"type": "string"}}}


def document(discriminator: Any, keyword: str = "oneOf", **schemas: Any) -> dict[str, Any]:
    """Return a document whose operation answers with one of the schemas."""
    branches = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    body = {"schema": {keyword: branches, "discriminator": discriminator}}
    responses = {"200": {"description": "One", "content": {"application/json": body}}}
    return openapi(get(responses=responses), components={"schemas": schemas})


def kinds(folder: Path, written: dict[str, Any]) -> set[str | None]:
    """Return which kinds are in bodies made for the answer; each body is valid."""
    api = load(folder, written)
    checker = jsonschema_rs.Draft202012Validator(answer(api))
    (tool,) = api.tools
    sampler = Sampler(Shapes(api.definitions), datetime(2026, 1, 5, tzinfo=UTC))
    made = [sampler.value(branch, rng(seed)) for branch in alternatives(api, tool.returns) for seed in range(30)]
    assert all(checker.is_valid(body) for body in made)
    return {body.get("kind") for body in made}


def answer(api: Api) -> dict[str, Any]:
    """Return the closed schema of the answer of the one operation."""
    (tool,) = api.tools
    return api.tool(tool.name).returns or {}


def alternatives(api: Api, schema: Any) -> list[Any]:
    return list(Shapes(api.definitions).alternatives(schema))


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"mapping": {"c": "#/components/schemas/Cat", "d": "Dog"}}, {"c", "d"}),
        ({}, {"Cat", "Dog"}),
        ({"mapping": {"c": "#/components/schemas/Cat"}}, {"c", "Dog"}),
        ({"mapping": {"c": "Cat", "cc": "Cat", "d": "Dog"}}, {"c", "cc", "d"}),
    ],
)
def test_a_body_carries_a_name_that_selects_its_alternative(
    tmp_path: Path, keyword: str, mapping: Any, expected: set[str]
) -> None:
    written = document({"propertyName": "kind"} | mapping, keyword, Cat=pet(), Dog=pet())
    assert kinds(tmp_path, written) == expected


def test_an_alternative_is_not_taken_for_another(tmp_path: Path) -> None:
    mapping = {"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}
    cat, dog = pet(), pet()
    cat["required"], dog["required"] = ["name"], ["age"]
    dog["properties"]["age"] = {"type": "integer"}
    api = load(tmp_path, document({"propertyName": "kind", "mapping": mapping}, Cat=cat, Dog=dog))
    checker = jsonschema_rs.Draft202012Validator(answer(api))
    bodies = [{"kind": "c", "name": "x"}, {"kind": "d", "name": "x"}, {"kind": "d", "age": 1}, {"kind": "e", "age": 1}]
    assert [checker.is_valid(body) for body in bodies] == [True, False, True, False]


def test_of_several_names_those_count_that_the_alternative_allows(tmp_path: Path) -> None:
    tom = {"allOf": [{"$ref": "#/components/schemas/Dog"}, {"properties": {"kind": {"const": "t"}}}]}
    mapping = {"c": "Cat", "cc": "Cat", "t": "Tom", "d": "Dog"}
    written = document({"propertyName": "kind", "mapping": mapping}, Cat=pet(enum=["cc", "x"]), Tom=tom)
    written["components"]["schemas"]["Dog"] = pet()
    assert kinds(tmp_path, written) == {"cc", "t"}


def test_where_the_document_contradicts_itself_a_note_says_so(tmp_path: Path) -> None:
    written = document({"propertyName": "kind"}, Cat=pet(enum=["cat"]), Dog=pet())
    told = reading(tmp_path, written).notes
    assert [note.message for note in told] == ["`discriminator`: an alternative forbids the `kind` that selects it"]
    assert told[0].pointer.endswith("/oneOf/0")
    assert kinds(tmp_path, written) >= {"cat", "Dog"}


@pytest.mark.parametrize(
    "cat",
    [
        {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False},
        pet(writeOnly=True),
        {"oneOf": [pet(enum=["a"]), pet(enum=["b"])]},
        {"type": "object", "properties": {"kind": {"$ref": "#/components/schemas/Hidden"}}},
    ],
)
def test_an_alternative_that_cannot_say_its_name_stays_as_it_is(tmp_path: Path, cat: dict[str, Any]) -> None:
    written = document({"propertyName": "kind"}, Cat=cat)
    plain = document({}, Cat=cat)
    for each in (written, plain):
        each["components"]["schemas"]["Hidden"] = {"type": "string", "writeOnly": True}
    assert answer(load(tmp_path, written)) == answer(load(tmp_path, plain))
