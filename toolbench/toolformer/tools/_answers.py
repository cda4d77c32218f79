"""What an answer of a simulated API tells, as names and values."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import at, leaves
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.english import plural
from toolbench.tasks.naming import TOTALS, is_naming, thing, traits
from toolbench.tasks.questions import total
from toolbench.world.nouns import STATES, snake
from toolbench.world.resources import Operation

FIELDS = 8
"""Fields of an answer that are shown."""

LONGEST_VALUE = 60
"""Characters of a field's value."""

Told = tuple[str, str]
"""A field's name and its value."""


def told(operation: Operation, arguments: JsonObject, body: Json) -> list[Told]:
    """Return what an answer tells: the first plain fields; of a list how many and which; of a change what is news."""
    if operation.role == "list" and is_array(items := at(body, _place(operation))):
        found = _of_list(operation, items, body)
    elif operation.role in WRITES:
        found = iter(_news(operation, arguments, body))
    else:
        found = fields(body)
    return list(islice(found, FIELDS))


def shown(pairs: list[Told]) -> str:
    """Return what an answer tells in words."""
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in pairs)


def fields(body: Json) -> Iterator[Told]:
    """Yield the plain fields of a value that are short enough, the first of each array for all of it."""
    if is_array(body):
        body = body[0] if body else None
    if not is_object(body):
        return
    for name, value in body.items():
        if _is_short(value):
            yield name, str(value)
        elif is_object(value) or is_array(value):
            yield from fields(value)


def noun_of(operation: Operation) -> str:
    """Return what people call the thing that an operation is about."""
    noun = operation.resource.noun if operation.resource else ""
    return thing(noun) or noun or "answer"


def _is_short(value: Json) -> bool:
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return plain and 0 < len(str(value)) <= LONGEST_VALUE


def _place(operation: Operation) -> str:
    return "".join(f"/{name}" for name in operation.envelope)


def _of_list(operation: Operation, items: list[Json], body: Json) -> Iterator[Told]:
    """Yield how many there are, and what each is called; of a single one its fields."""
    noun = noun_of(operation)
    with suppress(InfeasibleError):
        yield f"number of {plural(noun)}", str(total(body, operation)[0])
    if len(items) == 1 and is_object(items[0]):
        yield from fields(items[0])
        return
    for item in items:
        if name := _called(operation, item):
            yield noun, name


def _called(operation: Operation, item: Json) -> str:
    """Return what one of many is called: by its name, else its key, else whatever it shows first."""
    if not is_object(item):
        return str(item) if _is_short(item) else ""
    named = next((str(trait.value) for trait in traits(item, 0) if is_naming(trait)), "")
    path = operation.resource.key_path if operation.resource else ()
    key = at(item, "".join(f"/{name}" for name in path)) if path else None
    options = (named, *((str(key),) if _is_short(key) else ()), *(value for _, value in fields(item)))
    return next((text for text in options if 0 < len(text) <= LONGEST_VALUE), "")


def _news(operation: Operation, arguments: JsonObject, body: Json) -> list[Told]:
    """Return what the caller did not say: first the key that was given, then the state, then totals."""
    said = {str(value) for _, value in leaves(arguments)}
    key = operation.resource.key_path[-1:] if operation.resource else ()

    def place(pair: Told) -> int:
        name = snake(pair[0])
        return 0 if pair[0] in key else 1 if name in STATES else 2 if name in TOTALS else 3

    return sorted((pair for pair in fields(body) if pair[1] not in said), key=place)
