"""Which entities the answer to a read depends on."""

from collections.abc import Iterator

from toolbench.world.memory import Basis
from toolbench.world.resources import Operation, Resource
from toolbench.world.state import Address, Key


def of_all(*resources: Resource) -> Basis:
    """Return what the lists of some resources depend on: their entities, and those these stand under."""
    named = {parent.id for resource in resources for parent in resource.parents if parent is not None}
    return Basis(resources=frozenset({resource.id for resource in resources} | named))


def of_answer(operation: Operation, path: dict[str, str]) -> Basis:
    """Return what the answer to a call of an operation that reads depends on.

    Args:
        operation: its role is `get` or `list`.
        path: the values of its scope's parameters, as text.
    """
    passed = frozenset(_passed(operation, tuple(path.get(param.name, "") for param in operation.scope)))
    resource = operation.resource
    searched = [each for _, each in operation.searches]
    if resource is None or searched or operation.by or operation.role != "get":
        # A search or a list looks at each entity; what another field names may be any.
        listed = of_all(*searched, *([resource] if resource else []))
        return Basis(passed, listed.resources)
    key = tuple(path.get(param.name, "") for param in operation.scope)[: len(resource.params)]
    return Basis(passed | {(resource.id, key), *_owners(resource, key)})


def _passed(operation: Operation, values: Key) -> Iterator[Address]:
    """Yield the entities that a path leads through."""
    for place, param in enumerate(operation.scope):
        if param.target is not None:
            yield param.target.id, (values[: place + 1] if param.nested else (values[place],))


def _owners(resource: Resource, key: Key) -> Iterator[Address]:
    """Yield the entities that one stands under."""
    for place, parent in enumerate(resource.parents[: len(key)]):
        if parent is not None:
            yield parent.id, key[: place + 1]
