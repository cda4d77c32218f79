"""Texts that show how a tool of the catalogue is called, each with a call that the simulation answers so."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from toolbench.model import JsonObject
from toolbench.model.pointers import leaves, parts
from toolbench.tasks.draft import WRITES
from toolbench.tasks.english import listed, plural
from toolbench.tasks.fields import asked, described, label_of, quoted, reference_label, wished
from toolbench.tasks.instructions import verb_phrases
from toolbench.tasks.naming import thing
from toolbench.toolformer.base import Sample, ToolError
from toolbench.toolformer.candidates import LONGEST
from toolbench.toolformer.tools._answers import PLAIN, Told, noun_of
from toolbench.toolformer.tools._arguments import write_arguments
from toolbench.world.nouns import words
from toolbench.world.query import is_search
from toolbench.world.resources import Operation, Resource, Role

SAMPLES = 4
"""Texts in the prompt."""

NEWS = 4
"""Of an answer in which nothing is news, so many fields are stated in turn."""

CHANGES: tuple[Role, ...] = ("update", "replace", "action", "delete")
"""Roles of operations that change what is there already."""

_KEYS = frozenset("id key uuid".split())

_UNSAID = ("header", "cookie")
"""Places of arguments that no text speaks of."""

Ask = Callable[[JsonObject], list[Told]]
"""Returns what the simulation's answer to arguments tells; raises ToolError where it turns them down."""


def by_key(operation: Operation, keyed: Iterable[tuple[JsonObject, Sequence[str]]], ask: Ask) -> list[Sample]:
    """Return texts that state a field of an entity which is named by its key.

    Args:
        operation: what gets the entity.
        keyed: arguments, each with the entity's key.
        ask: asks the simulation.
    """
    return list(islice(_by_key(operation, keyed, ask), SAMPLES))


def by_call(operation: Operation, calls: Iterable[JsonObject], ask: Ask) -> list[Sample]:
    """Return texts that say what is asked or done, and state what the answer tells of it.

    Calls with one or two arguments come first.
    """
    some: list[Sample] = []
    others: list[Sample] = []
    for arguments in calls:
        into = some if 1 <= len(arguments) <= 2 or operation.role in WRITES else others
        into += _by_call(operation, arguments, len(into), ask)
        if len(some) == SAMPLES:
            break
    return [*some, *others][:SAMPLES]


def _by_key(operation: Operation, keyed: Iterable[tuple[JsonObject, Sequence[str]]], ask: Ask) -> Iterator[Sample]:
    for n, (arguments, key) in enumerate(keyed):
        try:
            options = ask(arguments)
        except ToolError:
            continue
        options = [pair for pair in options if pair.value not in key and " " not in pair.name]
        if options:
            name, value, _ = options[n % len(options)]
            noun = operation.resource.noun if operation.resource else "entry"
            yield _sample(f"The {noun} {key[-1]} has the {name.replace('_', ' ')}", operation, arguments, value)


def _by_call(operation: Operation, arguments: JsonObject, n: int, ask: Ask) -> Iterator[Sample]:
    """Yield a text for a call, where one can be made of its answer."""
    begun = _Wording(operation, arguments).begun()
    try:
        options = [pair for pair in ask(arguments) if _is_statable(pair.value, begun)]
    except ToolError:
        return
    options = [pair for pair in options if pair.rank < PLAIN] or options[:NEWS]
    if not options or len(_call(operation, arguments)) > LONGEST:
        return
    pair = options[n % len(options)]
    yield _sample(_led(operation, begun, pair), operation, arguments, pair.value)


def _sample(start: str, operation: Operation, arguments: JsonObject, value: str) -> Sample:
    return Sample(f"{start} {value}.", f"{start} <API>{_call(operation, arguments)}</API> {value}.")


def _call(operation: Operation, arguments: JsonObject) -> str:
    return f"{operation.tool.name}({write_arguments(arguments)})"


def _is_statable(value: str, text: str) -> bool:
    """Tell whether a value can end a sentence, and does not stand in it before."""
    if "\n" in value or value.endswith((".", "?", "!")):
        return False
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is None


def _led(operation: Operation, begun: str, pair: Told) -> str:
    """Return a text up to the value that it states."""
    label = asked(label_of([pair.name]), pair.value)
    if operation.role == "list":
        if pair.name.startswith("number of "):
            return f"The number of {begun} is"
        return (
            f"One of the {begun} is"
            if pair.name == noun_of(operation)
            else f"The only one of the {begun} has the {label}"
        )
    return f"{begun}, and it has the {label}" if operation.role in CHANGES else f"{begun} has the {label}"


class _Wording:
    """Says what a call asks for, or does.

    Args:
        operation: the operation called.
        arguments: what it is called with.
    """

    def __init__(self, operation: Operation, arguments: JsonObject) -> None:
        self._operation = operation
        own = operation.scope[-1].name if operation.scope and operation.role not in ("create", "list") else ""
        holders = {param.name: param.target for param in operation.scope if param.name != own}
        called = [noun_of(operation), str(arguments.get(own, ""))]
        self._called = " ".join(part for part in called if part)
        self._place = "".join(
            f" of the {_holder(name, target)} {arguments[name]}"
            for name, target in holders.items()
            if name in arguments
        )
        apart = {a.name for a in operation.tool.arguments if a.location in _UNSAID} | {own, *holders, operation.once}
        self._rest = [said for said in _labelled(arguments) if said.argument not in apart]

    def begun(self) -> str:
        """Return the part of a text that comes before what the answer tells."""
        match self._operation.role:
            case "list":
                head = f"{plural(self._called)}{self._place}"
            case "create":
                head = f"A new {self._called}{self._place}"
            case "update" | "replace":
                wishes = listed([wished(said.label, said.value) for said in self._rest])
                return f"The {self._called}{self._place} is set to {wishes}"
            case "action" | "delete":
                head = f"We have {verb_phrases(self._verb(), f'the {self._called}{self._place}')[1]}"
            case _:
                head = f"The {self._called}{self._place}"
        return f"{head} {listed(list(map(self._quality, self._rest)))}".strip()

    def _verb(self) -> str:
        source = self._operation.tool.source
        return self._operation.verb or words(source.name or self._operation.tool.name)[0]

    def _quality(self, said: "_Said") -> str:
        if self._operation.role not in WRITES and is_search(said.argument):
            return f"found by {quoted(said.value)}"
        *before, last = words(said.name)
        if before and last in _KEYS:
            return f"for the {reference_label(said.name)} {said.value}"
        return (
            f"with {wished(said.label, said.value)}"
            if isinstance(said.value, bool)
            else described(said.label, said.value)
        )


class _Said(NamedTuple):
    """A plain value within arguments."""

    argument: str
    """The argument that it is or stands in."""
    name: str
    """The last name on the way to it."""
    label: str
    """What people call it."""
    value: str | float


def _labelled(arguments: JsonObject) -> Iterator[_Said]:
    for pointer, value in leaves(arguments):
        names = [name for name in parts(pointer) if not name.isdigit()]
        if names and isinstance(value, str | int | float):
            yield _Said(names[0], names[-1], label_of(names[-2:]), value)


def _holder(name: str, target: Resource | None) -> str:
    """Return what people call the thing whose key an argument holds."""
    return (thing(target.noun) if target else "") or reference_label(name)
