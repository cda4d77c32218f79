"""OpenAPI links: what a description itself says of where a value goes."""

from pathlib import Path
from typing import Any

from drafts import load, openapi

from toolbench.model.tool import Link
from toolbench.world.world import Landscape, World

THING = {
    "type": "object",
    "required": ["id", "lead"],
    "properties": {"id": {"type": "string"}, "lead": {"type": "string"}, "name": {"type": "string"}},
}


def paths(**links: Any) -> Any:
    shown = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    spot = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    who = {"application/json": {"schema": {"$ref": "#/components/schemas/Who"}}}
    listed = {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Who"}}}}
    fine = {"description": "Fine"}
    return {
        "/things/{id}": {
            "parameters": [spot],
            "get": {"operationId": "getThing", "responses": {"200": {**fine, "content": shown, "links": links}}},
        },
        "/zebras": {"get": {"operationId": "listZebras", "responses": {"200": {**fine, "content": listed}}}},
        "/zebras/{id}": {
            "parameters": [spot],
            "get": {"operationId": "getZebra", "responses": {"200": {**fine, "content": who}}},
        },
    }


WHO = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}


def document(**links: Any) -> Any:
    return openapi(paths(**links), components={"schemas": {"Thing": THING, "Who": WHO}})


def test_links_are_read_by_name_and_by_place(tmp_path: Path) -> None:
    api = load(
        tmp_path,
        document(
            lead={"operationId": "getZebra", "parameters": {"path.id": "$response.body#/lead"}},
            same={"operationRef": "#/paths/~1zebras~1%7Bid%7D/get", "parameters": {"id": "$response.body#/name"}},
            nowhere={"operationId": "getNobody", "parameters": {"id": "$response.body#/lead"}},
            odd={"operationId": "getZebra", "parameters": {"no": "$response.body#/lead", "id": "$request.path.id"}},
        ),
    )
    found = {tool.source.name: tool.links for tool in api.tools}
    assert found["getThing"] == (
        Link(source="/lead", tool="shop_getZebra", argument="id"),
        Link(source="/name", tool="shop_getZebra", argument="id"),
    )
    assert found["getZebra"] == ()


def test_a_link_says_what_a_field_refers_to(tmp_path: Path) -> None:
    linked = document(lead={"operationId": "getZebra", "parameters": {"id": "$response.body#/lead"}})
    for place, (written, expected) in enumerate(((document(), False), (linked, True))):
        world = World(Landscape([load(tmp_path / str(place), written)]), 5)
        zebras = world.behaviour.keys(world.landscape.resources["shop:/zebras"], (), world.initial)
        things = world.behaviour.keys(world.landscape.resources["shop:/things"], (), world.initial)
        leads = [world.call("shop_getThing", {"id": key[-1]}, world.initial).body["lead"] for key in things]
        assert all((lead,) in zebras for lead in leads) is expected
