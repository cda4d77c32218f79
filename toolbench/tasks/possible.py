"""Which operations a task can be about, as far as can be told without trying."""

from toolbench.tasks.draft import Bound, Template
from toolbench.tasks.filters import query_arguments
from toolbench.tasks.finding import is_said, item_schema
from toolbench.tasks.fixed import is_once, only_value, set_apart
from toolbench.tasks.naming import thing
from toolbench.tasks.references import referring
from toolbench.world.resources import Operation, Resource
from toolbench.world.world import Landscape

CERTAIN_ENOUGH = 0.5
"""Confidence from which an operation is used."""


def is_possible(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether it is clear what an operation does, and to what, and the user can supply all it takes."""
    tool, resource = operation.tool, operation.resource
    shapes, properties = landscape.models[tool.api].shapes, operation.tool.parameters.get("properties", {})
    if resource is None or operation.role == "unknown" or operation.confidence < CERTAIN_ENOUGH or tool.deprecated:
        return False
    apart = [name for name in set_apart(operation) if not is_once(operation, name)]
    if any(not only_value(shapes.view(properties[name])) for name in apart):
        return False
    if thing(resource.noun) == "" or (operation.role == "get" and _is_redundant(landscape, operation, resource)):
        return False
    return operation.role == "list" or fixed_query(landscape, operation) is not None


def _is_redundant(landscape: Landscape, operation: Operation, resource: Resource) -> bool:
    """Tell whether an operation gets only what any list that shows the key shows beside it."""
    lists = [landscape.operations[name] for name in resource.tools.get("list", ())]
    if resource.singleton or is_said(resource) or not lists or referring(landscape).get(resource.id):
        return False
    shapes = landscape.models[resource.api].shapes
    wanted = shapes.reference(operation.tool.returns)
    return wanted != "" and all(shapes.reference(item_schema(landscape, one)) == wanted for one in lists)


def fixed_query(landscape: Landscape, operation: Operation) -> dict[str, Template] | None:
    """Return the required query arguments of an operation that is no list; None where one is open."""
    shapes = landscape.models[operation.tool.api].shapes
    required = operation.tool.parameters.get("required", ())
    found: dict[str, Template] = {}
    for name, schema in query_arguments(operation.tool):
        options = only_value(shapes.view(schema))
        if name not in required or is_once(operation, name):
            continue
        if not options:
            return None
        found[name] = Bound(options[0], "default")
    return found
