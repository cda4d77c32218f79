"""The goal of a task: assertions that any right solution meets, whatever ids and times its world hands out."""

import re
from collections.abc import Sequence

from toolbench.model import Assertion, Change, GoldCall, HttpBinding, Json
from toolbench.world.world import Landscape, leaves

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
    return tuple(_assertion(change, said, written) for change in changes)


def _wire_pointer(landscape: Landscape, gold: GoldCall, pointer: str) -> str:
    name, _, rest = pointer[1:].partition("/")
    binding = landscape.operations[gold.call.tool].tool.binding
    keys = {a.name: a.key for a in binding.arguments} if isinstance(binding, HttpBinding) else {}
    key = keys.get(name, name)
    return f"/{key}/{rest}".rstrip("/") if key else f"/{rest}"


def _assertion(change: Change, said: list[Json], written: set[str]) -> Assertion:
    after = dict(leaves(change.after)) if change.after is not None else {}
    if change.kind == "created":
        fields = {pointer: value for pointer, value in after.items() if pointer in written and value in said}
        return Assertion(resource=change.resource, kind="created", fields=fields)
    before = dict(leaves(change.before))
    moved = {pointer: value for pointer, value in after.items() if before.get(pointer) != value}
    fields = {p: v for p, v in moved.items() if v in said or not (isinstance(v, str) and _TIME.match(v))}
    return Assertion(resource=change.resource, kind=change.kind, key=change.key, fields=fields)
