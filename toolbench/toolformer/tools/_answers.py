"""What an answer of a simulated API tells, as names and values."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import at, leaves
from toolbench.tasks.draft import WRITES, InfeasibleError
from toolbench.tasks.english import plural
from toolbench.tasks.fields import label_of
from toolbench.tasks.naming import TOTALS, is_naming, thing, traits
from toolbench.tasks.phrases import MINE
from toolbench.tasks.questions import total
from toolbench.world.nouns import STATES, snake, words
from toolbench.world.resources import Operation

FIELDS = 8
"""Fields of an answer that are shown."""

LONGEST_VALUE = 60
"""Characters of a field's value."""


class Told(NamedTuple):
    """Something that an answer tells."""

    name: str
    """A field's name, or what a value is."""
    value: str
    rank: int = 0
    """The lower, the more it is news: 0 to `PLAIN`."""


PLAIN = 4
"""Rank of what an answer tells by the way."""


def told(operation: Operation, arguments: JsonObject, body: Json, changed: Collection[str]) -> list[Told]:
    """Return what an answer tells: its first fields; of a list how many and which; of a change what is news.

    Args:
        operation: the operation called.
        arguments: what it was called with.
        body: the answer.
        changed: values that were not there before the call.
    """
    if _is_short(body) and operation.role not in WRITES:
        found = iter((Told("result", str(body)),))
    elif operation.role == "get":
        found = fields(body)
    elif operation.role == "list" and is_array(items := at(body, _place(operation))):
        found = _of_list(operation, items, body)
    elif operation.role in WRITES:
        found = iter(_news(operation, arguments, at(body, _place(operation), body), changed))
    else:
        found = _labelled(body)
    return list(islice(found, FIELDS))


def shown(pairs: Collection[Told]) -> str:
    """Return what an answer tells in words."""
    return ", ".join(f"{pair.name.replace('_', ' ')}: {pair.value}" for pair in pairs)


def fields(body: Json) -> Iterator[Told]:
    """Yield the plain fields of a value that are short enough, the first of each array for all of it."""
    if is_array(body):
        body = body[0] if body else None
    if not is_object(body):
        return
    for name, value in body.items():
        if _is_short(value):
            yield Told(name, str(value))
        elif is_object(value) or is_array(value):
            yield from fields(value)


def noun_of(operation: Operation) -> str:
    """Return what people call the thing that an operation is about; where that is unknown, its name but the verb."""
    if operation.resource is None:
        return " ".join(words(operation.tool.source.name or operation.tool.name)[1:]) or "answer"
    noun = operation.resource.noun
    return "profile" if noun in MINE else thing(noun) or noun


def _labelled(value: Json, outer: tuple[str, ...] = ()) -> Iterator[Told]:
    """Yield the plain values of an answer, each with a name that says what it belongs to."""
    if is_array(value):
        yield from _labelled(value[0], outer) if value else ()
    elif is_object(value):
        for name, inner in value.items():
            yield from _labelled(inner, (*outer, name))
    elif _is_short(value):
        yield Told(label_of(outer[-2:]) if outer else "", str(value))


def _is_short(value: Json) -> bool:
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return plain and 0 < len(str(value)) <= LONGEST_VALUE


def _place(operation: Operation) -> str:
    return "".join(f"/{name}" for name in operation.envelope)


def _of_list(operation: Operation, items: list[Json], body: Json) -> Iterator[Told]:
    """Yield how many there are, and what each is called; of a single one its fields."""
    noun = noun_of(operation)
    with suppress(InfeasibleError):
        yield Told(f"number of {plural(noun)}", str(total(body, operation)[0]))
    if len(items) == 1 and is_object(items[0]):
        yield from _labelled(items[0])
        return
    for item in items:
        if name := _called(operation, item):
            yield Told(noun, name)


def _called(operation: Operation, item: Json) -> str:
    """Return what one of many is called: by its name, else its key, else whatever it shows first."""
    path = operation.resource.key_path if operation.resource else ()
    key = at(item, "".join(f"/{name}" for name in path)) if path else item
    named = (trait.value for trait in traits(item, 0) if is_naming(trait))
    options = (*named, key, *(pair.value for pair in _labelled(item)))
    return next((str(value) for value in options if _is_short(value)), "")


def _news(operation: Operation, arguments: JsonObject, body: Json, changed: Collection[str]) -> list[Told]:
    """Return what the caller did not say: the key that was given, what changed, the state, totals, and the rest."""
    said = {str(value) for _, value in leaves(arguments)}
    key = label_of(operation.resource.key_path) if operation.resource else ""

    def rank(pair: Told) -> int:
        if operation.role == "create" and pair.name == key:
            return 0
        if operation.role != "create" and pair.value in changed:
            return 1
        name = snake(pair.name)
        return 2 if name in STATES else 3 if name in TOTALS else PLAIN

    news = [pair._replace(rank=rank(pair)) for pair in _labelled(body) if pair.value not in said]
    return sorted(news, key=lambda pair: pair.rank)
