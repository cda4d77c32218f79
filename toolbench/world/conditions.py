"""What an API turns down: names taken already, references to nothing, states that cannot be left."""

from collections.abc import Iterator

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import escape
from toolbench.world.answers import ApiError
from toolbench.world.entities import Entities
from toolbench.world.inputs import Inputs
from toolbench.world.lexicon import is_person
from toolbench.world.nouns import TERMINAL_STATES, one, snake, undone, words
from toolbench.world.resources import Operation, Resource
from toolbench.world.state import Key, WorldState

_UNIQUE = frozenset("slug sku isbn code key iban".split())
_UNIQUE_TO_PEOPLE = frozenset("email username login".split())
_REOPENING = frozenset("reopen resume restore reactivate activate unarchive".split())


def check_body(operation: Operation, inputs: Inputs) -> None:
    """Turn down an empty body where the operation takes nothing but a body."""
    if operation.tool.parameters.get("required") == ["body"] and [value for _, value, _ in inputs.written] == [{}]:
        raise ApiError(422, "The body is empty", ({"pointer": "/body", "message": "must not be empty"},))


def check_unique(entities: Entities, resource: Resource, key: Key, body: JsonObject, state: WorldState) -> None:
    """Turn down a value that another entity under the same ancestors has already, where such values are unique.

    Args:
        entities: reads entities.
        resource: the resource.
        key: the entity's key, its own part empty for a new one.
        body: the fields to be written.
        state: the state.
    """
    for name, value in body.items():
        if not isinstance(value, str) or not _is_unique(name, resource.noun):
            continue
        if any(other != key for other in entities.having(resource, name, value, state, key[:-1])):
            detail: JsonObject = {"pointer": f"/{name}", "message": "is taken already"}
            raise ApiError(409, f"{one(resource.noun)} with this {' '.join(words(name))} exists", (detail,))


def _is_unique(name: str, noun: str) -> bool:
    parts, last = words(name), words(noun)[-1:]
    bare = parts[1:] if parts[:1] == last else parts
    return len(bare) == 1 and (bare[0] in _UNIQUE or (bare[0] in _UNIQUE_TO_PEOPLE and is_person(noun)))


def check_references(entities: Entities, operation: Operation, inputs: Inputs, state: WorldState) -> None:
    """Turn down a reference to something that is not there."""
    for name, value, schema in inputs.written:
        for pointer, target, held in _references(entities, operation.tool.api, (name,), schema, value):
            # What bears its own key in its key's field refers to nothing.
            own = target is operation.resource and pointer.split("/")[1:] == list(target.key_path)
            if not own and entities.keyed(target, str(held), state) is None:
                detail: JsonObject = {"pointer": pointer, "message": f"no such {target.noun}"}
                status = 404 if "404" in operation.tool.errors else 422
                raise ApiError(status, f"No {target.noun} {held!r} was found", (detail,))


def _references(
    entities: Entities, api: str, at: tuple[str, ...], schema: Json, value: Json, name: str = ""
) -> Iterator[tuple[str, Resource, Json]]:
    """Yield the references in a value: where each stands, what it refers to, and the key it holds."""
    shapes = entities.models[api].shapes
    name = name or at[-1]
    if value is None or schema is None:
        return
    if is_array(value):
        for place, item in enumerate(value):
            yield from _references(entities, api, (*at, str(place)), shapes.items(schema), item, name)
    elif is_object(value):
        inner = shapes.properties(schema)
        for key, item in value.items():
            yield from _references(entities, api, (*at, key), inner.get(key), item)
    elif not isinstance(value, bool) and (target := entities.relations.target(api, name, schema)) is not None:
        yield "".join(f"/{escape(part)}" for part in at), target, value


def check_transition(resource: Resource, verb: str, now: Json, then: str, options: list[str]) -> None:
    """Turn down what a state machine would: the same state again, leaving a last state, going back in the order."""
    if now == then:
        raise ApiError(409, f"The {resource.noun} is {then} already")
    if now not in options or words(verb)[0] in _REOPENING:
        return
    ended = snake(str(now)) in TERMINAL_STATES
    # States in alphabetical order say nothing of the order in which they are passed through.
    ordered = options != sorted(options)
    backwards = ordered and options.index(then) < options.index(str(now)) and not undone(verb)
    if (ended or backwards) and not then.startswith(("refund", "return", "archiv")):
        raise ApiError(409, f"{one(resource.noun)} that is {now} cannot become {then}")
