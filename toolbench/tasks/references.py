"""Which arguments of an operation must hold the key of something, and the graph this spans over the operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx

from toolbench.model import HttpBinding, Json, Tool, is_array
from toolbench.tasks.finding import is_said
from toolbench.tasks.showing import Showing, Shown, pointer_of
from toolbench.world.nouns import same_name, without_noun, words
from toolbench.world.population import is_spoken
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
    field: tuple[str, ...]
    """Where an entity holds what the argument takes: its key, or what else the argument names it by."""

    @property
    def said(self) -> bool:
        """Whether people say what the argument takes (a name, a code) rather than look it up."""
        return is_said(self.resource) if self.field == self.resource.key_path else is_spoken(self.field[-1])


def references(landscape: Landscape, operation: Operation) -> list[Reference]:
    """Return the arguments of an operation that hold keys: in the path, the query and the body."""
    tool = operation.tool
    found = list(_in_path(landscape, operation))
    properties = tool.parameters.get("properties", {})
    required = set(tool.parameters.get("required", ()))
    for argument in tool.arguments:
        if argument.location in ("query", "body") and argument.name in properties:
            schema = properties[argument.name]
            found += _inside(landscape, tool, (argument.name,), schema, required=argument.name in required)
    return found


def _in_path(landscape: Landscape, operation: Operation) -> Iterator[Reference]:
    for place, param in enumerate(operation.scope, start=1):
        target = param.target or _listed(landscape, operation.tool.api, param.name)
        if target is None or target.singleton:
            continue
        if operation.by and place == len(operation.scope):
            yield Reference((param.name,), target, required=True, field=(operation.by,))
            continue
        name = param.name
        own = any(same_name(name, key) for key in (target.own_param, *target.key_path[-1:]))
        if own or not is_spoken(name):
            yield Reference((param.name,), target, required=True, field=target.key_path)
            continue
        # A carrier's code is none of its ids: it is the field of that name, or nothing that an answer shows.
        wanted = (name, without_noun(name, target.noun))
        fields = landscape.models[target.api].shapes.properties(target.schema)
        if held := next((field for want in wanted for field in fields if same_name(field, want)), ""):
            yield Reference((param.name,), target, required=True, field=(held,))


def _listed(landscape: Landscape, api: str, param: str) -> Resource | None:
    """Return what a parameter that nothing else explains is the key of: what is keyed by that name, and best listed."""
    speaking = _namesakes(landscape, api, param) if len(words(param)) > 1 else []
    return max(speaking, key=lambda resource: "list" in resource.tools, default=None)


def _inside(
    landscape: Landscape, tool: Tool, at: tuple[str, ...], schema: Json, *, required: bool
) -> Iterator[Reference]:
    shapes = landscape.models[tool.api].shapes
    name = next(part for part in reversed(at) if part != "*")
    target = landscape.relations.target(tool.api, name, schema)
    if target is not None:
        yield Reference(at, target, required, target.key_path)
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


def dependency_graph(landscape: Landscape) -> "nx.MultiDiGraph[str]":
    """Return the graph over the operations of a landscape.

    Nodes are tool names (attributes `api`, `role`, `resource`). An edge leads from an operation whose result shows the
    key of an entity to one that takes such a key. Its attributes: `argument` and `source`, where the key is in the
    arguments and in the result (`*` stands for any item), the id of the `resource`, whether the argument is `required`,
    and whether people `say` such keys (a name) rather than look them up. An argument that can be left out or is said
    is fed only by operations that are there to find such keys; a key that must be found is taken wherever it shows.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, operation in landscape.operations.items():
        resource = operation.resource.id if operation.resource else ""
        graph.add_node(name, api=operation.tool.api, role=operation.role, resource=resource)
    taken = {name: references(landscape, operation) for name, operation in landscape.operations.items()}
    producers = _producers(landscape, taken)
    for name, found in taken.items():
        for reference in found:
            argument, said = "/".join(reference.argument), reference.said
            for producer, shown in _feeding(landscape, producers, reference.resource):
                source = _source(shown, reference)
                if source and producer != name and (shown.own or (reference.required and not said)):
                    attributes = {"source": source, "resource": reference.resource.id}
                    flags = {"required": reference.required, "said": said}
                    graph.add_edge(producer, name, key=argument, argument=argument, **attributes, **flags)
    return graph


def _namesakes(landscape: Landscape, api: str, param: str) -> list[Resource]:
    """Return the resources of an API whose key a path's parameter of that name holds."""
    return _by_param(landscape).get((api, words(param)), []) if param else []


@lru_cache(maxsize=64)
def _by_param(landscape: Landscape) -> dict[tuple[str, tuple[str, ...]], list[Resource]]:
    found: dict[tuple[str, tuple[str, ...]], list[Resource]] = {}
    for resource in sorted(landscape.resources.values(), key=lambda resource: (len(resource.params), resource.id)):
        if resource.own_param:
            found.setdefault((resource.api, words(resource.own_param)), []).append(resource)
    return found


def _source(shown: Shown, reference: Reference) -> str:
    """Return where a result holds what an argument takes; empty where it shows only the key, and that is not it."""
    key = pointer_of(shown.resource.key_path)
    if reference.field == reference.resource.key_path:
        return shown.pointer
    return shown.pointer.removesuffix(key) + pointer_of(reference.field) if shown.own else ""


def _producers(landscape: Landscape, taken: Mapping[str, list[Reference]]) -> dict[str, dict[str, Shown]]:
    """Return the operations whose results show keys of a resource, by the resource's id, with where they show them."""
    showing, found = Showing(landscape), dict[str, dict[str, Shown]]()
    for name, operation in landscape.operations.items():
        binding = operation.tool.binding
        reads = isinstance(binding, HttpBinding) and binding.method == "GET"
        told = {one.resource.id for one in taken[name] if not reads or one.required}
        for resource, shown in showing.shown(operation, told).items():
            found.setdefault(resource, {})[name] = shown
    return found


def _feeding(
    landscape: Landscape, producers: dict[str, dict[str, Shown]], resource: Resource
) -> Iterator[tuple[str, Shown]]:
    """Yield what shows a resource's keys; where nothing lists it, also what shows those of its namesakes."""
    yield from producers.get(resource.id, {}).items()
    listed = bool(resource.tools.get("list"))
    for other in _namesakes(landscape, resource.api, resource.own_param):
        speaking = len(words(other.own_param)) > 1
        near = 1 in (len(other.params), len(resource.params)) or other.parents == resource.parents
        if other is resource or not near or not (speaking or other.noun == resource.noun):
            continue
        for name, shown in producers.get(other.id, {}).items():
            if not listed or (speaking and shown.own and other.noun == resource.noun):
                yield name, shown


def neighbourhoods(landscape: Landscape, graph: "nx.MultiDiGraph[str]") -> dict[str, tuple[str, ...]]:
    """Return for each API the APIs that its world needs: itself and those its operations' keys lead to, sorted."""
    links: nx.DiGraph[str] = nx.DiGraph()
    links.add_nodes_from(landscape.apis)
    for _, consumer, data in graph.edges(data=True):
        links.add_edge(landscape.operations[consumer].tool.api, landscape.resources[str(data["resource"])].api)
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
