"""Which arguments of an operation must hold the key of something, and the graph this spans over the operations."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx

from toolbench.model import HttpBinding, Json, Tool, is_array
from toolbench.world.resources import Operation, Resource
from toolbench.world.world import Landscape


@dataclass(frozen=True, slots=True)
class Reference:
    """An argument that holds the key of an entity."""

    argument: tuple[str, ...]
    """Where in the arguments: the argument's name, then the way into its schema; `*` stands for any item."""
    resource: Resource
    """What it refers to."""
    required: bool
    """Whether the call cannot do without."""


def references(landscape: Landscape, operation: Operation) -> list[Reference]:
    """Return the arguments of an operation that hold keys: in the path, the query and the body."""
    tool = operation.tool
    found = [
        Reference((param.name,), param.target, required=True)
        for param in operation.scope
        if param.target is not None and not param.target.singleton
    ]
    if not isinstance(tool.binding, HttpBinding):
        return found
    properties = tool.parameters.get("properties", {})
    required = set(tool.parameters.get("required", ()))
    for argument in tool.binding.arguments:
        if argument.location in ("query", "body") and argument.name in properties:
            schema = properties[argument.name]
            found += _inside(landscape, tool, (argument.name,), schema, required=argument.name in required)
    return found


def _inside(
    landscape: Landscape, tool: Tool, at: tuple[str, ...], schema: Json, *, required: bool
) -> Iterator[Reference]:
    shapes = landscape.models[tool.api].shapes
    name = next(part for part in reversed(at) if part != "*")
    target = landscape.relations.target(tool.api, name, schema)
    if target is not None:
        yield Reference(at, target, required)
        return
    if len(at) > 4:
        return
    items = shapes.items(schema)
    if items is not None:
        yield from _inside(landscape, tool, (*at, "*"), items, required=required)
        return
    needed = shapes.view(schema).get("required")
    wanted: set[str] = set(needed) if is_array(needed) else set()
    for key, inner in shapes.properties(schema).items():
        yield from _inside(landscape, tool, (*at, key), inner, required=required and key in wanted)


PRODUCING = ("list", "get", "create")
"""Roles whose results show keys of the resource they work on."""


def dependency_graph(landscape: Landscape) -> "nx.MultiDiGraph[str]":
    """Return the graph over the operations of a landscape.

    Nodes are tool names (attributes `api`, `role`, `resource`); an edge leads from an operation whose result shows
    the key of an entity to one that takes such a key (attributes `argument`, `resource`, `required`).
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, operation in landscape.operations.items():
        resource = operation.resource.id if operation.resource else ""
        graph.add_node(name, api=operation.tool.api, role=operation.role, resource=resource)
    producers = producing(landscape)
    for name, operation in landscape.operations.items():
        for reference in references(landscape, operation):
            for producer in producers.get(reference.resource.id, ()):
                if producer != name:
                    argument = "/".join(reference.argument)
                    attributes = {"resource": reference.resource.id, "required": reference.required}
                    graph.add_edge(producer, name, key=argument, argument=argument, **attributes)
    return graph


def producing(landscape: Landscape) -> dict[str, list[str]]:
    """Return the operations whose results show keys of a resource, by the resource's id."""
    found: dict[str, list[str]] = {}
    for name, operation in landscape.operations.items():
        if operation.resource is not None and operation.role in PRODUCING and operation.tool.returns is not None:
            found.setdefault(operation.resource.id, []).append(name)
    return found


def neighbourhoods(landscape: Landscape, graph: "nx.MultiDiGraph[str]") -> dict[str, tuple[str, ...]]:
    """Return for each API the APIs that its world needs: itself and those its operations' keys lead to, sorted."""
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(landscape.apis)
    for producer, consumer in graph.edges():
        links.add_edge(landscape.operations[consumer].tool.api, landscape.operations[producer].tool.api)
    return {api: tuple(sorted({api, *nx.descendants(links, api)})) for api in landscape.apis}


@lru_cache(maxsize=64)
def referring(landscape: Landscape) -> dict[str, list[tuple[Resource, str]]]:
    """Return the resources that refer to others by a field at their top, by the id of what they refer to."""
    found: dict[str, list[tuple[Resource, str]]] = {}
    for resource in landscape.resources.values():
        properties = landscape.models[resource.api].shapes.properties(resource.schema)
        for name, schema in properties.items():
            target = landscape.relations.target(resource.api, name, schema)
            if target is not None and target not in (resource, *resource.parents) and (name,) != resource.key_path:
                found.setdefault(target.id, []).append((resource, name))
    return found
