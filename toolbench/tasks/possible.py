"""Which operations a task can be about, as far as can be told without trying."""

from typing import Literal

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


Obstacle = Literal["deprecated", "unknown", "uncertain", "unsaid_choice", "nameless", "redundant"]
"""Why no task can be about an operation. `deprecated`: its description says not to use it any more; `unknown`: nothing
tells what it does, or to what; `uncertain`: that is told with too little confidence; `unsaid_choice`: it requires a
value that users do not speak of (a header, a query argument) and that has more than one; `nameless`: what it works on
has no name that people would say; `redundant`: it gets only what a list shows with the key."""


def obstacle(landscape: Landscape, operation: Operation) -> Obstacle | None:
    """Return why no task can be about an operation; None where one can.

    It can where it is clear what the operation does, and to what, and the user can supply all it takes.
    """
    tool, resource = operation.tool, operation.resource
    if tool.deprecated:
        return "deprecated"
    if resource is None or operation.role == "unknown":
        return "unknown"
    if operation.confidence < CERTAIN_ENOUGH:
        return "uncertain"
    if thing(resource.noun) == "":
        return "nameless"
    asked_of_others = bool(referring(landscape).get(resource.id))
    if operation.role == "get" and not asked_of_others and is_listed_whole(landscape, operation):
        return "redundant"
    return "unsaid_choice" if _has_unsaid_choice(landscape, operation) else None


def is_possible(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether a task can be about an operation."""
    return obstacle(landscape, operation) is None


def _has_unsaid_choice(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether an operation requires a value that users do not speak of, and that has more than one."""
    tool = operation.tool
    shapes, properties = landscape.models[tool.api].shapes, tool.parameters.get("properties", {})
    apart = (name for name in set_apart(operation) if not is_once(operation, name))
    if any(not only_value(shapes.view(properties[name])) for name in apart):
        return True
    return operation.role != "list" and fixed_query(landscape, operation) is None


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
