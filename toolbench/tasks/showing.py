"""Which keys the result of an operation shows, and where: of what it works on, of what that refers to or holds."""

from collections.abc import Container, Iterator
from typing import NamedTuple

from toolbench.model import HttpBinding, Json, JsonObject
from toolbench.model.pointers import escape
from toolbench.world.nouns import noun
from toolbench.world.resources import Operation, Resource, Role
from toolbench.world.world import Landscape

_FINDING: tuple[Role, ...] = ("list", "get", "create")
"""Roles whose results are read to learn the key of what they work on."""
_DEEPEST = 2
"""How many names below an entity a key is looked for; what stands deeper belongs to something else."""
_FARTHEST = 7
_KINDS = ("type", "kind", "object_type", "resource_type")


class Shown(NamedTuple):
    """A key in a result."""

    pointer: str
    """JSON pointer to it; `*` stands for any item."""
    resource: Resource
    """Whose key it is."""
    own: bool
    """Whether finding such keys is what the operation is there for."""


class Showing:
    """Reads results of one landscape's operations.

    Args:
        landscape: the APIs.
    """

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self._named: dict[tuple[str, str], list[Resource]] = {}
        for resource in landscape.resources.values():
            if not resource.singleton and resource.key_path:
                self._named.setdefault((resource.api, resource.noun), []).append(resource)

    def shown(self, operation: Operation, told: Container[str]) -> dict[str, Shown]:
        """Return the keys that a result shows, by the resource's id: of several places the plainest.

        Args:
            operation: the operation.
            told: ids of the resources whose keys the call gave itself; to see them again tells nothing.
        """
        if operation.tool.returns is None or not _is_asked(operation):
            return {}
        found: dict[str, Shown] = {}
        for one in sorted(self._all(operation), key=lambda one: (not one.own, one.pointer.count("/"), one.pointer)):
            if one.own or one.resource.id not in told:
                found.setdefault(one.resource.id, one)
        return found

    def _all(self, operation: Operation) -> Iterator[Shown]:
        resource = operation.resource
        if resource is not None and operation.role in _FINDING and resource.key_path:
            items = "/*" if operation.role == "list" else ""
            yield Shown(pointer_of(operation.envelope) + items + pointer_of(resource.key_path), resource, own=True)
        if operation.role != "action":
            yield from self._others(operation, resource)
        elif (made := operation.makes) is not None and made.key_path:
            yield Shown(pointer_of(operation.envelope) + pointer_of(made.key_path), made, own=True)

    def _others(self, operation: Operation, resource: Resource | None) -> Iterator[Shown]:
        """Yield the keys of other things: of those an entity refers to or holds."""
        if resource is not None and operation.role == "list" and self._is_second(operation, resource):
            return
        parts = self._inside(operation.tool.api, "", operation.tool.returns, "", resource, frozenset())
        for part in parts:
            names = [name for name in part.pointer.split("/")[1:] if name != "*"]
            deep = len(names) - (len(operation.envelope) if operation.role != "unknown" else 1)
            # Nobody makes a thing to learn what it refers to, but what comes into being with it is new.
            new = resource in part.resource.parents[-1:] or not part.resource.tools.get("list")
            if deep <= _DEEPEST and (operation.role != "create" or new):
                yield part

    def _is_second(self, operation: Operation, resource: Resource) -> bool:
        """Tell whether a list shows the same entities from another side: the orders of a customer."""
        lists = (self._landscape.operations[name] for name in resource.tools.get("list", ()))
        plain = [one for one in lists if [param.target for param in one.scope] == list(resource.parents)]
        return bool(plain) and operation not in plain

    def _inside(
        self, api: str, name: str, schema: Json, at: str, within: Resource | None, above: frozenset[str]
    ) -> Iterator[Shown]:
        shapes = self._landscape.models[api].shapes
        reference = shapes.reference(schema)
        if reference in above or at.count("/") > _FARTHEST:
            return
        above = above | {reference} if reference else above
        items = shapes.items(schema)
        if items is not None:
            yield from self._inside(api, name, items, f"{at}/*", within, above)
            return
        properties = shapes.properties(schema)
        if not properties:
            target = self._landscape.relations.target(api, name, schema) if name else None
            if target is not None and not target.singleton:
                yield Shown(at, target, own=False)
            return
        for whole in self._wholes(api, name, schema, properties, within):
            yield Shown(at + pointer_of(whole.key_path), whole, own=False)
            within = whole
        for key, inner in properties.items():
            yield from self._inside(api, key, inner, f"{at}/{escape(key)}", within, above)

    def _wholes(
        self, api: str, name: str, schema: Json, properties: JsonObject, within: Resource | None
    ) -> list[Resource]:
        """Return the resources of which an object inside a result may be an entity."""
        embedded = self._landscape.relations.embedded(api, name, schema) if name else None
        parts = (r for r in self._named.get((api, noun(name)), ()) if r.parents[-1:] == (within,))
        part = next((r for r in parts if within is not None and r.key_path[0] in properties), None)
        if one := part or embedded:
            return [one] if one.key_path else []
        return list(self._told_by_kind(api, properties))

    def _told_by_kind(self, api: str, properties: JsonObject) -> Iterator[Resource]:
        """Yield what an object is that says so itself: `{"type": "asset", "id": …}`."""
        shapes = self._landscape.models[api].shapes
        for kind in _KINDS:
            for option in shapes.view(properties.get(kind)).get("enum") or ():
                flat = (r for r in self._named.get((api, noun(str(option))), ()) if len(r.params) == 1)
                yield from (r for r in flat if r.key_path[0] in properties)


def _is_asked(operation: Operation) -> bool:
    """Tell whether a result may be news: who changes or deletes a thing knew before what it is."""
    binding = operation.tool.binding
    if operation.role == "unknown":
        return not isinstance(binding, HttpBinding) or binding.method != "DELETE"
    return operation.role in (*_FINDING, "action") or (operation.role, operation.each) == ("bulk", "create")


def pointer_of(path: tuple[str, ...]) -> str:
    """Return a way into an answer as a JSON pointer."""
    return "".join(f"/{escape(part)}" for part in path)
