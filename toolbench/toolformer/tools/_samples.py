"""Texts that show how a tool of the catalogue is called, each with a call that the simulation answers so."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from toolbench.model import Json, JsonObject
from toolbench.model.pointers import leaves, parts
from toolbench.tasks.draft import WRITES
from toolbench.tasks.english import listed, participle, plural
from toolbench.tasks.fields import asked, described, label_of, quoted, wished
from toolbench.toolformer.base import Sample, ToolError
from toolbench.toolformer.candidates import LONGEST
from toolbench.toolformer.tools._answers import Told, noun_of
from toolbench.world.nouns import words
from toolbench.world.query import is_search
from toolbench.world.resources import Operation

SAMPLES = 4
"""Texts in the prompt."""

NEWS = 4
"""Of a change's news so many are stated in turn, the most telling ones."""

Ask = Callable[[JsonObject], list[Told]]
"""Returns what the simulation's answer to arguments tells; raises ToolError where it turns them down."""


def by_key(operation: Operation, keyed: Iterable[tuple[JsonObject, Sequence[str]]], ask: Ask) -> list[Sample]:
    """Return texts that state a field of an entity which is named by its key.

    Args:
        operation: what gets the entity.
        keyed: arguments, each with the entity's key.
        ask: asks the simulation.
    """
    return list(_first(_by_key(operation, keyed, ask)))


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


def _first(samples: Iterator[Sample]) -> Iterator[Sample]:
    for sample, _ in zip(samples, range(SAMPLES), strict=False):
        yield sample


def _by_key(operation: Operation, keyed: Iterable[tuple[JsonObject, Sequence[str]]], ask: Ask) -> Iterator[Sample]:
    for n, (arguments, key) in enumerate(keyed):
        try:
            options = ask(arguments)
        except ToolError:
            continue
        options = [pair for pair in options if pair[1] not in key and " " not in pair[0]]
        if options:
            name, value = options[n % len(options)]
            noun = operation.resource.noun if operation.resource else "entry"
            yield _sample(f"The {noun} {key[-1]} has the {name.replace('_', ' ')}", operation, arguments, value)


def _by_call(operation: Operation, arguments: JsonObject, n: int, ask: Ask) -> Iterator[Sample]:
    """Yield a text for a call, where one can be made of its answer."""
    begun = _begun(operation, arguments)
    try:
        options = [pair for pair in ask(arguments) if not _stands(pair[1], begun) and "\n" not in pair[1]]
    except ToolError:
        return
    options = options[:NEWS] if operation.role in WRITES else options
    if not options or len(_call(operation, arguments)) > LONGEST:
        return
    name, value = options[n % len(options)]
    yield _sample(_led(operation, begun, name, value), operation, arguments, value)


def _sample(start: str, operation: Operation, arguments: JsonObject, value: str) -> Sample:
    return Sample(f"{start} {value}.", f"{start} <API>{_call(operation, arguments)}</API> {value}.")


def _call(operation: Operation, arguments: JsonObject) -> str:
    written = ", ".join(f"{name}={json.dumps(given)}" for name, given in arguments.items())
    return f"{operation.tool.name}({written})"


def _stands(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


# -- what the texts say ----------------------------------------------------------------------------------------------


def _begun(operation: Operation, arguments: JsonObject) -> str:
    """Return the part of a text that says what is asked for, or done."""
    noun = noun_of(operation)
    key = operation.scope[-1].name if operation.scope and operation.role not in ("create", "list") else ""
    rest = {name: value for name, value in arguments.items() if name != key}
    called = " ".join(part for part in (noun, str(arguments.get(key, ""))) if part)
    match operation.role:
        case "list":
            return f"{plural(noun)} {_qualities(rest)}".strip()
        case "create":
            return f"A new {noun} {_qualities(rest)}".strip()
        case "update" | "replace":
            return f"The {called} is given {_wishes(rest)}"
        case "action" | "delete":
            done = f"The {called} is {_done(operation)}"
            return f"{done} with {_wishes(rest)}" if rest else done
        case _:
            return f"The {called} {_qualities(rest)}".strip()


def _led(operation: Operation, begun: str, name: str, value: str) -> str:
    """Return a text up to the value that it states."""
    label = asked(label_of([name]), value)
    if operation.role == "list":
        several = (
            f"One of the {begun} is" if name == noun_of(operation) else f"The only one of the {begun} has the {label}"
        )
        return f"The number of {begun} is" if name.startswith("number of ") else several
    if operation.role in ("update", "replace", "action", "delete"):
        return f"{begun}, and now has the {label}"
    return f"{begun} has the {label}"


def _done(operation: Operation) -> str:
    first, *rest = words(operation.verb or operation.tool.source.name or operation.tool.name)
    return " ".join((participle(first), *rest))


def _qualities(arguments: JsonObject) -> str:
    return listed([_quality(label, value) for label, value in _labelled(arguments)])


def _quality(label: str, value: Json) -> str:
    if is_search(label):
        return f"found by {quoted(value)}"
    return f"with {wished(label, value)}" if isinstance(value, bool) else described(label, value)


def _wishes(arguments: JsonObject) -> str:
    return listed([f"the {wished(label, value)}" for label, value in _labelled(arguments)])


def _labelled(arguments: JsonObject) -> Iterator[tuple[str, Json]]:
    """Yield the plain values of arguments, each with what people call it."""
    for pointer, value in leaves(arguments):
        if isinstance(value, str | int | float):
            yield label_of([name for name in parts(pointer) if not name.isdigit()][-2:]), value
