"""Arguments that narrow a list: said by the user, who knows something of what is sought."""

import random
from dataclasses import dataclass
from typing import NamedTuple

from toolbench.model import Json, JsonObject, Tool
from toolbench.tasks.draft import Bound, InfeasibleError
from toolbench.tasks.naming import Trait, is_classifying, is_naming, traits
from toolbench.world.nouns import same_name
from toolbench.world.query import is_search
from toolbench.world.resources import Operation
from toolbench.world.shapes import main_type
from toolbench.world.world import Landscape

_SHORTEST_SEARCH = 4
_NONE_TO_FIND, _NONE_TO_COUNT = 0.3, 0.4
"""How often a list that could be narrowed is not."""


class Filter(NamedTuple):
    """A query argument, and what it says of the entity."""

    bound: Bound
    trait: Trait | None
    """None where it says nothing: a default."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Chooses query arguments for lists."""

    landscape: Landscape
    r: random.Random

    def to_find(self, operation: Operation, entity: JsonObject) -> dict[str, Filter]:
        """Return arguments that narrow a list to an entity: what it needs to be listed, else one at most.

        Raises:
            InfeasibleError: a required one cannot be given.
        """
        needed, free = self._fitting(operation, entity)
        naming = [name for name, found in free.items() if found.trait is not None and is_naming(found.trait)]
        return needed or self._one(naming or list(free), free, _NONE_TO_FIND)

    def to_count(self, operation: Operation, entity: JsonObject) -> dict[str, Filter]:
        """Return arguments that choose a kind of entities, the one given among them; often none.

        Raises:
            InfeasibleError: a required one cannot be given.
        """
        needed, free = self._fitting(operation, entity)
        kinds = [name for name, found in free.items() if found.trait is not None and is_classifying(found.trait)]
        return needed or self._one(kinds, free, _NONE_TO_COUNT)

    def _one(self, names: list[str], options: dict[str, Filter], none: float) -> dict[str, Filter]:
        if not names or self.r.random() < none:
            return {}
        name = self.r.choice(names)
        return {name: options[name]}

    def _fitting(self, operation: Operation, entity: JsonObject) -> tuple[dict[str, Filter], dict[str, Filter]]:
        """Return the arguments that an entity meets: those without which it is not listed, and others."""
        required, said = operation.tool.parameters.get("required", ()), traits(entity, 0)
        needed: dict[str, Filter] = {}
        free: dict[str, Filter] = {}
        for name, schema in query_arguments(operation.tool):
            view = self.landscape.models[operation.tool.api].shapes.view(schema)
            made = _filter(name, view, said)
            if name in required and made is None:
                raise InfeasibleError("required_filter")
            if made is not None and (name in required or _leaves_out(view, made)):
                needed[name] = made
            elif made is not None and made.trait is not None:
                free[name] = made
        return needed, free


def _filter(name: str, view: JsonObject, said: list[Trait]) -> Filter | None:
    if is_search(name):
        named = (trait for trait in said if is_naming(trait) and len(str(trait.value)) >= _SHORTEST_SEARCH)
        best = next(named, None)
        return Filter(Bound(best.value, "user"), best) if best else None
    for trait in said:
        if same_name(trait.pointer[1:], name) and trait.said == trait.value and _accepts(view, trait.value):
            return Filter(Bound(trait.value, "user"), trait)
    return Filter(Bound(view["default"], "default"), None) if "default" in view else None


def _leaves_out(view: JsonObject, made: Filter) -> bool:
    """Tell whether the argument's default would leave the entity out."""
    return "default" in view and view["default"] != made.bound.value


def _accepts(view: JsonObject, value: Json) -> bool:
    if "enum" in view and value not in view["enum"]:
        return False
    return main_type(view) in ("", "string") if isinstance(value, str) else main_type(view) in ("", "integer", "number")


def query_arguments(tool: Tool) -> list[tuple[str, Json]]:
    """Return a tool's query arguments with their schemas."""
    properties = tool.parameters.get("properties", {})
    return [(a.name, properties[a.name]) for a in tool.arguments if a.location == "query" and a.name in properties]
