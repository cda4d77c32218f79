"""The goal of a task: assertions that any right solution meets, whatever ids and times its world hands out."""

import re
from collections.abc import Iterable, Sequence

from toolbench.model import Assertion, Change, GoldCall, Json, canonical
from toolbench.model.pointers import leaves, parts
from toolbench.tasks.draft import WRITES
from toolbench.world.nouns import same_name
from toolbench.world.world import Landscape

_TIME = re.compile(r"^\d{4}-\d\d-\d\d")


def assertions(landscape: Landscape, gold: Sequence[GoldCall], changes: Sequence[Change]) -> tuple[Assertion, ...]:
    """Return what the state must show in the end: what was asked for, and what else changed.

    Args:
        landscape: the APIs.
        gold: the calls of the solution.
        changes: the net changes they make.
    """
    said = [value for one in gold for _, value in leaves(one.call.arguments)]
    written = {_wire_pointer(landscape, one, pointer) for one in gold for pointer, _ in leaves(one.call.arguments)}
    return tuple(_assertion(landscape, change, said, written) for change in changes)


def is_testable(
    landscape: Landscape, gold: Sequence[GoldCall], changes: Sequence[Change], goal: Sequence[Assertion]
) -> bool:
    """Tell whether the goal would see a wrong value: every value that a change sends must show in what it changes."""
    if any(one.kind == "updated" and not one.fields for one in goal):
        return False
    shown = [value for one in goal for value in one.fields.values()]
    shown += [value for change in changes if change.kind == "updated" for _, value in leaves(change.after)]
    return set(map(canonical, _sent(landscape, gold))) <= set(map(canonical, shown))


def _sent(landscape: Landscape, gold: Sequence[GoldCall]) -> Iterable[Json]:
    """Yield the values that changing calls send in their bodies, those that could not be otherwise apart."""
    for one in gold:
        operation = landscape.operations[one.call.tool]
        if operation.role not in WRITES:
            continue
        # What says which entity is meant is no value of it, wherever a call carries it.
        named = {param.name for param in operation.scope}
        inside = {a.name for a in operation.tool.arguments if a.location == "body"} - named
        held = dict(leaves(one.call.arguments))
        free = (origin.pointer for origin in one.origins if origin.kind != "default")
        yield from (held[pointer] for pointer in free if parts(pointer)[0] in inside)


def _wire_pointer(landscape: Landscape, gold: GoldCall, pointer: str) -> str:
    name, _, rest = pointer[1:].partition("/")
    keys = {a.name: a.key for a in landscape.operations[gold.call.tool].tool.arguments}
    key = keys.get(name, name)
    return f"/{key}/{rest}".rstrip("/") if key else f"/{rest}"


def _assertion(landscape: Landscape, change: Change, said: list[Json], written: set[str]) -> Assertion:
    after = dict(leaves(change.after)) if change.after is not None else {}
    if change.kind == "created":
        linked = _linking(landscape, change)
        fields = {pointer: value for pointer, value in after.items() if pointer in written | linked and value in said}
        return Assertion(resource=change.resource, kind="created", key=_place(landscape, change), fields=fields)
    before = dict(leaves(change.before))
    moved = {pointer: value for pointer, value in after.items() if before.get(pointer) != value}
    fields = {p: v for p, v in moved.items() if v in said or not (isinstance(v, str) and _TIME.match(v))}
    return Assertion(resource=change.resource, kind=change.kind, key=change.key, fields=fields)


def _linking(landscape: Landscape, change: Change) -> set[str]:
    """Return the pointers to fields that may repeat a key from the path: `book_id` of a copy."""
    resource = landscape.resources[change.resource]
    properties = landscape.models[resource.api].shapes.properties(resource.schema)
    return {
        f"/{name}"
        for name, schema in properties.items()
        if landscape.relations.target(resource.api, name, schema) or any(same_name(name, p) for p in resource.params)
    }


def _place(landscape: Landscape, change: Change) -> str:
    """Return where something was created, with a slash behind it: its own key is the server's to make."""
    if landscape.resources[change.resource].singleton:
        return change.key
    place, slash, _ = change.key.rpartition("/")
    return place + slash
