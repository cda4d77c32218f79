"""Arguments that nobody says and nobody looks up: those of one legal value, and the key that names a call."""

from toolbench.model import Json, JsonObject
from toolbench.world.resources import Operation

_APART = ("header", "cookie")


def only_value(view: JsonObject) -> list[Json]:
    """Return the value an argument has unless one says otherwise, or the only legal one, in a list; else none."""
    if view.get("type") == "object" and not view.get("properties") and not view.get("minProperties"):
        return [{}]
    options: list[Json] = [view[word] for word in ("const", "default") if word in view][:1] or list(
        view.get("enum") or ()
    )
    return options if len(options) == 1 else []


def set_apart(operation: Operation) -> list[str]:
    """Return the required arguments that a user knows nothing of: in a header or a cookie, or a body of a lookup."""
    required = operation.tool.parameters.get("required", ())
    asks = operation.role in ("list", "get")
    return [
        argument.name
        for argument in operation.tool.arguments
        if argument.name in required
        and (argument.location in _APART or (asks and argument.location == "body" and not argument.key))
    ]


def is_once(operation: Operation, name: str) -> bool:
    """Tell whether an argument is a required key that names a call: whoever calls makes one up."""
    return name == operation.once and name in operation.tool.parameters.get("required", ())
