"""Schemas cut for a prompt: short enough, without references, and never stricter than the whole."""

import jsonschema_rs

from toolbench.model import canonical
from toolbench.simulator.outline import LIMIT, outline
from toolbench.specs import open_catalogue
from toolbench.world.rng import rng
from toolbench.world.world import Landscape, World

TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "description": "x" * 1_000},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
        }
    },
}


def test_a_schema_that_refers_to_itself_ends():
    cut = outline(TREE)
    assert "$ref" not in canonical(cut).decode()
    assert len(canonical(cut)) <= LIMIT
    assert cut["required"] == ["name"]
    assert len(cut["properties"]["name"]["description"]) < 200


def test_what_is_over_the_limit_loses_its_depths_first():
    inner = {"type": "object", "properties": {f"p{i}": {"type": "string", "minLength": i} for i in range(40)}}
    schema = {"type": "object", "properties": {f"q{i}": inner for i in range(40)}, "required": ["q1"]}
    cut = outline(schema, 3_000)
    assert set(cut["properties"]) == set(schema["properties"])
    assert all("properties" not in part for part in cut["properties"].values())
    assert outline(schema, 1_000_000) == schema


def test_what_a_whole_schema_accepts_its_outline_accepts():
    catalogue = open_catalogue()
    landscape = Landscape([catalogue.api(name) for name in ("calendar", "music", "orders")])
    world, tried = World(landscape, 1), 0
    for name, operation in landscape.operations.items():
        tool = landscape.tool(name)
        if tool.returns is None:
            continue
        whole, cut = (jsonschema_rs.validator_for(one) for one in (tool.returns, outline(tool.returns)))
        for number in range(5):
            value = world.population.sampler(operation.tool.api).value(operation.tool.returns, rng(name, number))
            assert not whole.is_valid(value) or cut.is_valid(value)
            tried += 1
    assert tried > 100
