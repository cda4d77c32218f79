"""Real descriptions: every operation a tool, every schema valid, every argument with its one place."""

import re
from pathlib import Path
from typing import Any

import corpus
import jsonschema
import jsonschema_rs
import pytest
from drafts import http

from toolbench.errors import SpecError
from toolbench.model import Api
from toolbench.specs._yaml import read_yaml
from toolbench.specs.base import Reading, read_spec

pytestmark = corpus.MARKS

NASTY = (
    "amazonaws.com/ec2.json",
    "amazonaws.com/omics.json",
    "apicurio.local/registry.json",
    "medium.com.json",
    "openai.com.json",
    "stream-io-api.com.json",
    "threatjammer.com.json",
    "xero.com/xero_accounting.json",
)
BIG = [corpus.GITHUB, corpus.STRIPE, corpus.KUBERNETES]
SAMPLE = corpus.sample(40, seed=20, largest=1_500_000)
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
RESERVED = {"accept", "authorization", "content-type"}
CLOSED_TOOLS = 25
"""Tools of each description that are closed and compiled one by one; all are compiled together."""


def check(path: Path) -> Reading:
    result = read_spec(path)
    api, document = result.api, corpus.raw(path)
    written = [(item_path, method) for item_path, method, _, _ in corpus.operations(document)]
    assert [(http(tool).path, http(tool).method.lower()) for tool in api.tools] == written
    check_names(api)
    check_schemas(api)
    check_arguments(api, document)
    return result


def check_names(api: Api) -> None:
    names = [tool.name for tool in api.tools]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) and name.startswith(f"{api.id}_") for name in names)


def check_schemas(api: Api) -> None:
    schemas = [schema for tool in api.tools for schema in (tool.parameters, tool.returns or {}, *tool.errors.values())]
    jsonschema_rs.Draft202012Validator({"$defs": api.definitions, "anyOf": [{}, *schemas]})
    for tool in api.tools[:: max(1, len(api.tools) // CLOSED_TOOLS)]:
        closed = api.tool(tool.name)
        assert closed.parameters["type"] == "object"
        assert closed.parameters["additionalProperties"] is False
        jsonschema.Draft202012Validator.check_schema(tool.parameters)
        for schema in (closed.parameters, closed.returns or {}, *closed.errors.values()):
            jsonschema_rs.Draft202012Validator(schema)


def check_arguments(api: Api, document: Any) -> None:
    """Compare the arguments with the parameters that a plain reading of the document finds."""
    for tool, (path, _, item, operation) in zip(api.tools, corpus.operations(document), strict=True):
        arguments = http(tool).arguments
        assert sorted(each.name for each in arguments) == sorted(tool.parameters["properties"])
        assert len({(each.location, each.key) for each in arguments}) == len(arguments)
        assert all(NAME.fullmatch(each.name) for each in arguments)
        found = {(each.location, each.key) for each in arguments if each.location != "body"}
        assert found == declared(document, path, item, operation)


def declared(document: Any, path: str, item: Any, operation: Any) -> set[tuple[str, str]]:
    templated = set(re.findall(r"\{([^{}]+)\}", path))
    both = [corpus.resolve(document, each) for part in (item, operation) for each in part.get("parameters") or []]
    named = {
        (each["in"], str(each["name"])) for each in both if isinstance(each, dict) and each.get("name") and "in" in each
    }
    elsewhere = {(place, name) for place, name in named if place in {"query", "header", "cookie"}}
    kept = {(place, name) for place, name in elsewhere if place != "header" or name.lower() not in RESERVED}
    return kept | {("path", name) for name in templated}


@pytest.mark.parametrize("path", BIG, ids=lambda path: path.stem)
def test_big_descriptions(path: Path) -> None:
    api = check(path).api
    assert len(api.tools) > 400
    assert sum(tool.returns is not None for tool in api.tools) > 0.7 * len(api.tools)


@pytest.mark.parametrize("name", NASTY)
def test_nasty_descriptions(name: str) -> None:
    check(corpus.DIRECTORY / name)


def test_small_descriptions_of_all_versions() -> None:
    dialects = {check(path).dialect.rpartition(".")[0] for path in corpus.examples()}
    assert dialects == {"OpenAPI 3.0", "OpenAPI 3.1", "Swagger 2"}


def test_a_sample_of_all_others() -> None:
    refused: dict[str, str] = {}
    for path in SAMPLE:
        try:
            check(path)
        except SpecError as error:
            refused[path.name] = str(error)
    assert refused == {}


def test_json_read_as_yaml_is_the_same() -> None:
    for path in corpus.examples():
        if path.suffix == ".json":
            assert read_yaml(path.read_text("utf-8")) == corpus.raw(path), path


def test_stripe_is_spoken_to_in_forms() -> None:
    api = read_spec(corpus.STRIPE).api
    tool = api.tool("stripe_PostCustomers")
    assert http(tool).media_type == "application/x-www-form-urlencoded"
    assert {each.name: each.style for each in http(tool).arguments}["address"] == "deepObject"


def test_kubernetes_keeps_deep_request_schemas_whole() -> None:
    api = read_spec(corpus.KUBERNETES).api
    tool = api.tool("kubernetes_createAppsV1NamespacedDeployment")
    checker = jsonschema_rs.Draft202012Validator(tool.parameters)
    container = {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    call: dict[str, Any] = {
        "namespace": "default",
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template},
    }
    assert checker.is_valid(call)
    container["ports"] = [{"containerPort": "eighty"}]
    assert not checker.is_valid(call)
