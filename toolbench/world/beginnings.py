"""What a new entity's fields hold when the caller says nothing of them."""

from typing import NamedTuple

from toolbench.model import Json, JsonObject
from toolbench.world.nouns import STATES, is_made_on, snake, words
from toolbench.world.resources import Resource
from toolbench.world.shapes import Shapes, main_type

_COUNTS = ("count", "total", "renewals")
_MADE = ("created", "updated", "placed", "opened", "submitted")


class Beginning(NamedTuple):
    """How a field begins. Where none of these is so, it is left out."""

    moment: JsonObject | None = None
    """View of a field that holds the time at which its entity is made."""
    value: Json = None
    """What it holds each time; None for nothing."""
    made_up: bool = False
    """Whether a value is made up, as there must be one."""
    null: bool = False
    """Whether it holds null."""


class Beginnings:
    """Knows how the fields of new entities begin: a matter of their schemas alone, decided once for each resource."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Beginning]] = {}

    def of(self, resource: Resource, shapes: Shapes) -> dict[str, Beginning]:
        """Return how the fields of a resource's entities begin, by name.

        Args:
            resource: the resource.
            shapes: views of the schemas of its API.
        """
        if resource.id not in self._known:
            required = shapes.view(resource.schema).get("required") or ()
            fields = shapes.properties(resource.schema).items()
            self._known[resource.id] = {
                n: _beginning(n, schema, shapes, required=n in required) for n, schema in fields
            }
        return self._known[resource.id]


def _beginning(name: str, schema: Json, shapes: Shapes, *, required: bool) -> Beginning:
    view, nullable = shapes.view(schema), shapes.allows_null(schema)
    if is_made_on(name, _MADE) and view.get("format") in ("date-time", "date"):
        return Beginning(moment=view)
    if "default" in view:
        return Beginning(value=view["default"], null=nullable)
    if snake(name) in STATES and view.get("enum"):
        return Beginning(value=view["enum"][0], null=nullable)
    if not required or nullable:
        return Beginning(null=nullable)
    if main_type(view) == "array" and not view.get("minItems"):
        return Beginning(value=[])
    if main_type(view) == "integer" and words(name)[-1] in _COUNTS:
        return Beginning(value=max(0, view.get("minimum", 0)))
    return Beginning(made_up=True)
