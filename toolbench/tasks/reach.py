"""How far an operation reaches, as its description tells: the look-ups that a call of it needs before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from toolbench.tasks.finding import is_said
from toolbench.tasks.references import references
from toolbench.world.resources import Operation, Resource
from toolbench.world.world import Landscape

_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Reach:
    """What has to be found before an operation can be called."""

    found: frozenset[str]
    """Ids of the resources that must be looked up, one look-up each."""
    ends: frozenset[str]
    """Of these, the ones on the way to no other: how many strands of look-ups come together in the call."""

    @property
    def fans_in(self) -> bool:
        """Whether values of two or more look-ups that do not need each other come together in the call."""
        return len(self.ends) > 1


def reach(landscape: Landscape, operation: Operation) -> Reach:
    """Return how far an operation reaches at least: what it can do without is left out."""
    needed = {one.resource.id: one.resource for one in references(landscape, operation) if one.required}
    ways = {name: _way(landscape, resource) for name, resource in needed.items() if not is_said(resource)}
    before = {other for name, way in ways.items() for other in way if other != name}
    return Reach(frozenset(other for way in ways.values() for other in way), frozenset(ways) - before)


def _way(landscape: Landscape, resource: Resource) -> frozenset[str]:
    return _by_resource(landscape, resource.id, _DEEPEST)


@lru_cache(maxsize=4096)
def _by_resource(landscape: Landscape, name: str, deep: int) -> frozenset[str]:
    """Return the resources that must be looked up to find such an entity by the shortest list, itself among them."""
    lists = _lists(landscape, landscape.resources[name])
    first = min(lists, key=lambda operation: (len(operation.scope), operation.tool.name), default=None)
    found = {name}
    for param in first.scope if first and deep else ():
        if param.target is not None and not param.target.singleton and not is_said(param.target):
            found |= _by_resource(landscape, param.target.id, deep - 1)
    return frozenset(found)


def _lists(landscape: Landscape, resource: Resource) -> Iterator[Operation]:
    operations = (landscape.operations[name] for name in resource.tools.get("list", ()))
    return (operation for operation in operations if not operation.tool.deprecated)
