"""What a wish is about, where it has to be looked up in a list."""

from typing import NamedTuple

from toolbench.model import GoldCall, JsonObject, is_object
from toolbench.model.pointers import at
from toolbench.tasks.draft import InfeasibleError
from toolbench.tasks.kinds.base import Base
from toolbench.world.resources import Resource


class Sought(NamedTuple):
    """The object of a wish as a list shows it."""

    resource: Resource
    listing: GoldCall
    """The call that lists it."""
    calls: tuple[GoldCall, ...]
    """The calls that lead there, the listing last."""
    list_at: str
    """JSON pointer to the list in the listing's observation."""
    item: JsonObject


def sought(base: Base) -> Sought:
    """Return the object of a base with one part.

    Raises:
        InfeasibleError: it is not looked up in a list.
    """
    operation = base.aims[0]
    param = operation.scope[-1] if operation.scope else None
    target = param.target if param else None
    origin = next((one for one in base.aim.origins if param and one.pointer == f"/{param.name}"), None)
    if target is None or target is not operation.resource or origin is None or origin.kind != "observed":
        raise InfeasibleError("not_looked_up")
    listing = next(one for one in base.draft.gold if one.call.id == origin.call)
    shown = base.landscape.operations[listing.call.tool]
    if shown.role != "list" or shown.resource is not target:
        raise InfeasibleError("not_looked_up")
    item_at = origin.source
    for _ in target.key_path:
        item_at = item_at.rpartition("/")[0]
    body = next(seen.body for seen in base.draft.observations if seen.call == origin.call)
    item = at(body, item_at)
    if not is_object(item):
        raise InfeasibleError("not_looked_up")
    return Sought(target, listing, _leading(base, listing), item_at.rpartition("/")[0], item)


def _leading(base: Base, last: GoldCall) -> tuple[GoldCall, ...]:
    """Return a call and those whose results it takes, directly or not, in their order."""
    wanted = {last.call.id}
    for gold in reversed(base.draft.gold):
        if gold.call.id in wanted:
            wanted |= {origin.call for origin in gold.origins if origin.call}
    return tuple(gold for gold in base.draft.gold if gold.call.id in wanted)
