"""Arguments that nobody says and nobody looks up: those of one legal value, and the key that names a call."""

from toolbench.model import Json, JsonObject
from toolbench.world.resources import Operation

_APART = ("header", "cookie")


def only_value(view: JsonObject) -> list[Json]:
    """Return the value an argument has unless one says otherwise, or the only legal one, in a list; else none."""
    options: list[Json] = [view[word] for word in ("const", "default") if word in view][:1] or list(
        view.get("enum") or ()
    )
    return options if len(options) == 1 else []


def set_apart(operation: Operation) -> list[str]:
    """Return the required arguments that go into a header or a cookie: a user knows nothing of them."""
    tool = operation.tool
    required = tool.parameters.get("required", ())
    return [argument.name for argument in tool.arguments if argument.location in _APART and argument.name in required]


def is_once(operation: Operation, name: str) -> bool:
    """Tell whether an argument is a required key that names a call: whoever calls makes one up."""
    return name == operation.once and name in operation.tool.parameters.get("required", ())
