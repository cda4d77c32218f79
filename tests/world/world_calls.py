"""Worlds of the bundled and the real APIs, and arguments for calls that ought to succeed."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from toolbench.specs.base import read_api
from toolbench.world.resources import Operation, Resource
from toolbench.world.state import Key
from toolbench.world.world import Landscape, World

SPECS = sorted((Path(__file__).parents[2] / "api_specs").glob("*.yaml"))
APIS = [path.stem for path in SPECS]


@cache
def landscape(*apis: str) -> Landscape:
    """Return the landscape of bundled APIs."""
    return Landscape([read_api(path) for path in SPECS if path.stem in apis])


def world(*apis: str, seed: int = 7) -> World:
    """Return a new world of bundled APIs."""
    return World(landscape(*apis), seed)


def key_somewhere(world: World, resource: Resource, r: Random) -> Key | None:
    """Return the key of any entity of a resource, or None where there is none."""
    prefixes = list(world.population.prefixes(resource))
    r.shuffle(prefixes)
    found = (world.behaviour.keys(resource, prefix, world.initial) for prefix in prefixes)
    return next((r.choice(keys) for keys in found if keys), None)


def call_arguments(world: World, operation: Operation, r: Random) -> dict[str, Any]:
    """Return the required arguments and some of the body's, which lead to things that are there."""
    tool, sampler = operation.tool, world.population.sampler(operation.tool.api)
    places = {argument.name: argument.location for argument in tool.binding.arguments}
    made: dict[str, Any] = {}
    for name, schema in tool.parameters.get("properties", {}).items():
        optional = places[name] == "body" and r.random() < 0.3
        if places[name] != "path" and (optional or name in tool.parameters.get("required", ())):
            value = sampler.value(schema, r, name=name)
            made[name] = _referring(world, tool.api, name, schema, value, r) if places[name] == "body" else value
    return made | _path(world, operation, r)


def _path(world: World, operation: Operation, r: Random) -> dict[str, Any]:
    values: list[str] = []
    for place in range(len(operation.scope)):
        values.append(_scope_value(world, operation, place, tuple(values), r))
    return spelt(world, operation, tuple(values))


def spelt(world: World, operation: Operation, key: Key) -> dict[str, Any]:
    """Return the path's arguments that spell a key: numbers where the parameters are numbers."""
    properties = operation.tool.parameters.get("properties", {})
    shapes = world.landscape.models[operation.tool.api].shapes
    arguments: dict[str, Any] = {}
    for param, text in zip(operation.scope, key, strict=False):
        schema = properties.get(param.name, {})
        items = shapes.items(schema)
        named = shapes.view(schema if items is None else items).get("type")
        number = {"integer", "number"} & set(named if isinstance(named, list) else [named])
        value: Any = int(text) if number and text.lstrip("-").isdecimal() else text
        arguments[param.name] = value if items is None else [value]
    return arguments


def _scope_value(world: World, operation: Operation, place: int, before: Key, r: Random) -> str:
    param, resource = operation.scope[place], operation.resource
    target = param.target
    if target is not None and param.nested and len(target.params) == place + 1:
        keys = world.behaviour.keys(target, before, world.initial)
        return r.choice(keys)[-1] if keys else "x"
    if target is not None and not target.singleton:
        key = key_somewhere(world, target, r)
        return key[-1] if key else "x"
    if operation.by and resource is not None:
        key = key_somewhere(world, resource, r)
        return str((world.entity(resource, key, world.initial) or {}).get(operation.by)) if key else "x"
    if resource is not None and place < len(resource.ancestor_params):
        return r.choice([*world.population.domain(resource, place, before)] or ["x"])
    schema = operation.tool.parameters.get("properties", {}).get(param.name, {})
    return str(world.population.sampler(operation.tool.api).value(schema, r, name=param.name))


def _referring(world: World, api: str, name: str, schema: Any, value: Any, r: Random) -> Any:
    shapes = world.landscape.models[api].shapes
    if isinstance(value, dict):
        inner = shapes.properties(schema)
        return {k: _referring(world, api, k, inner[k], v, r) if k in inner else v for k, v in value.items()}
    if isinstance(value, list):
        items = shapes.items(schema)
        return value if items is None else [_referring(world, api, name, items, v, r) for v in value]
    target = world.landscape.relations.target(api, name, schema) if value is not None else None
    key = key_somewhere(world, target, r) if target is not None else None
    return value if target is None or key is None else world.population.keys(target, key[:-1])[key[-1]]


def tried(world: World, seed: int, *, most: int | None = None) -> Iterator[tuple[Operation, dict[str, Any]]]:
    """Yield operations of a world with arguments; of many, some at random."""
    names = list(world.landscape.operations)
    for name in names if most is None else Random(seed).sample(names, min(most, len(names))):
        operation = world.landscape.operations[name]
        yield operation, call_arguments(world, operation, Random(f"{seed} {name}"))
