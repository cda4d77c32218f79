"""Making a known call once more with something else in it."""

from collections.abc import Mapping, Sequence

from toolbench.model import GoldCall, Json, is_array, is_object
from toolbench.model.pointers import at, escape, parts
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template
from toolbench.tasks.kinds.base import Base
from toolbench.tasks.phrases import Detail
from toolbench.world.rng import rng

_TRIES = 8


def template(gold: GoldCall, other: Mapping[str, Json] | None = None) -> dict[str, Template]:
    """Return the arguments of a call with their origins, to be made again.

    Args:
        gold: the call.
        other: new values by pointer; they keep the origins of the old ones.
    """
    origins = {origin.pointer: origin for origin in gold.origins}
    new = other or {}

    def rebuilt(value: Json, pointer: str) -> Template:
        if pointer in origins:
            origin = origins[pointer]
            return Bound(new.get(pointer, value), origin.kind, origin.call, origin.source)
        if is_object(value):
            return {name: rebuilt(inner, f"{pointer}/{escape(name)}") for name, inner in value.items()}
        return [rebuilt(inner, f"{pointer}/{place}") for place, inner in enumerate(value if is_array(value) else ())]

    return {name: rebuilt(value, f"/{escape(name)}") for name, value in gold.call.arguments.items()}


def rerun(base: Base, calls: Sequence[GoldCall], other: Mapping[str, Mapping[str, Json]]) -> Draft:
    """Return a fresh draft in which calls of the base are made anew, without others between them.

    Args:
        base: the base.
        calls: the calls, in order; what they take from each other must be among them.
        other: by id of a call, new values by pointer.

    Raises:
        InfeasibleError: the world turned one down.
    """
    draft = Draft(base.draft.world)
    ids: dict[str, str] = {}
    for gold in calls:
        origins = tuple(one.model_copy(update={"call": ids.get(one.call, "")}) for one in gold.origins)
        renamed = gold.model_copy(update={"origins": origins})
        ids[gold.call.id], _ = draft.call(gold.call.tool, template(renamed, other.get(gold.call.id)))
    return draft


def place_of(base: Base, detail: Detail) -> str:
    """Return the pointer into the aim's arguments to where the user's value of a detail stands.

    Raises:
        InfeasibleError: it is none that a user says as it is, or it stands in more than one place.
    """
    if isinstance(detail.value, bool) or not isinstance(detail.value, str | int | float):
        raise InfeasibleError("no_simple_value")
    held = [
        (gold.call.id, origin.pointer)
        for gold in base.draft.gold
        for origin in gold.origins
        if origin.kind == "user" and at(gold.call.arguments, origin.pointer) == detail.value
    ]
    if len(held) != 1 or held[0][0] != base.aim.call.id:
        raise InfeasibleError("value_shared")
    return held[0][1]


def is_required(base: Base, pointer: str) -> bool:
    """Tell whether the aim cannot be called without what stands at a pointer into its arguments."""
    tool = base.aims[-1].tool
    shapes = base.landscape.models[tool.api].shapes
    schema: Json = tool.parameters
    for name in parts(pointer):
        required = shapes.view(schema).get("required")
        if not is_array(required) or name not in required:
            return False
        schema = shapes.properties(schema)[name]
    return True


def other_value(base: Base, pointer: str, old: Json) -> Json:
    """Return another value that the aim takes at a pointer.

    Raises:
        InfeasibleError: none was found.
    """
    operation = base.aims[-1]
    api = operation.tool.api
    shapes, sampler = base.landscape.models[api].shapes, base.draft.world.population.sampler(api)
    schema: Json = operation.tool.parameters
    for name in parts(pointer):
        properties = shapes.properties(schema)
        if name not in properties:
            raise InfeasibleError("no_other_value")
        schema = properties[name]
    owner = operation.resource.noun if operation.resource else ""
    for _ in range(_TRIES):
        luck = rng(base.r.getrandbits(32), "again")
        value = sampler.value(schema, luck, name=parts(pointer)[-1], owner=owner, depth=2)
        if type(value) is type(old) and value != old and _is_sayable(value):
            return value
    raise InfeasibleError("no_other_value")


def _is_sayable(value: Json) -> bool:
    return not isinstance(value, str) or (0 < len(value) <= 90 and value == value.strip() and value.isprintable())
