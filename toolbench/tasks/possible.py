"""Which operations a task can be about, as far as can be told without trying."""

from toolbench.tasks.draft import Bound, Template
from toolbench.tasks.filters import query_arguments
from toolbench.tasks.finding import is_said, item_schema
from toolbench.tasks.fixed import is_once, only_value, set_apart
from toolbench.tasks.naming import thing
from toolbench.tasks.references import referring
from toolbench.world.resources import Operation
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
    if thing(resource.noun) == "" or (
        operation.role == "get" and not referring(landscape).get(resource.id) and is_listed_whole(landscape, operation)
    ):
        return False
    return operation.role == "list" or fixed_query(landscape, operation) is not None


def is_listed_whole(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether an operation gets only what any list that shows the key shows beside it."""
    resource = operation.resource
    if resource is None or resource.singleton or is_said(resource):
        return False
    lists = [landscape.operations[name] for name in resource.tools.get("list", ())]
    shapes = landscape.models[resource.api].shapes
    wanted = shapes.reference(operation.tool.returns)
    return (
        wanted != "" and lists != [] and all(shapes.reference(item_schema(landscape, one)) == wanted for one in lists)
    )


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
