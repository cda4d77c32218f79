"""What a conversation holds to draw arguments from: values the user mentioned, values that tools returned."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from toolbench.llm.script import text_of
from toolbench.model import Json, JsonObject, is_array, is_object

MENTION = re.compile(
    r'"([^"]+)"|“([^”]+)”|`([^`]+)`|(?<!\w)\'([^\']+)\'(?!\w)'  # in quotation marks
    r"|(\S+@\S+\w)"  # an address
    r"|([\w-]*\d(?:[\w:.+-]*\w)?)"  # a number, a date, an identifier
)

LEAD = 4
"""Words before a mention that may say what it is."""

PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A value in the user's text."""

    text: str
    """The value, without quotation marks."""
    lead: frozenset[str]
    """The words just before it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A plain value somewhere in a tool's result."""

    key: tuple[str, ...]
    """The words of its key."""
    around: frozenset[str]
    """The words of the keys above it and of the tool's name."""
    value: Json
    """The value."""
    backed: bool
    """Whether a value that the user mentioned stands in the same object."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The values to draw on."""

    words: frozenset[str]
    """The words of all the user said."""
    mentions: tuple[Mention, ...]
    """Values the user mentioned, in order."""
    results: tuple[tuple[Leaf, ...], ...]
    """Leaves of each tool result, the newest result first; in a result, the objects the user spoke of come first."""
    last: Json
    """The newest result; None when there is none."""


def gather(messages: Sequence[JsonObject]) -> Evidence:
    """Return the evidence that the messages of a valid request hold."""
    said = "\n".join(text_of(message) for message in messages if message["role"] == "user")
    mentions = tuple(_mentions(said))
    known = {mention.text.casefold() for mention in mentions}
    tools = {call["id"]: call["function"]["name"] for message in messages for call in calls_of(message)}
    results = [(tools[m["tool_call_id"]], _parsed(text_of(m))) for m in messages if m["role"] == "tool"]
    leaves = tuple(_ordered(result, frozenset(words_of(tool)), known) for tool, result in reversed(results))
    return Evidence(frozenset(words_of(said)), mentions, leaves, results[-1][1] if results else None)


def calls_of(message: JsonObject) -> list[JsonObject]:
    """Return the tool calls of a message."""
    return message.get("tool_calls") or []


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text or of a name like `orderId`: lower case, without a plural's s."""
    for piece in PIECE.findall(text):
        word = piece.lower()
        yield word.removesuffix("s") if len(word) > 3 else word


def _mentions(text: str) -> Iterator[Mention]:
    end = 0
    for found in MENTION.finditer(text):
        before = list(words_of(text[end : found.start()]))[-LEAD:]
        yield Mention(next(group for group in found.groups() if group), frozenset(before))
        end = found.end()


def _parsed(text: str) -> Json:
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _ordered(result: Json, around: frozenset[str], known: set[str]) -> tuple[Leaf, ...]:
    return tuple(sorted(_leaves(result, around, known), key=lambda leaf: not leaf.backed))


def _leaves(value: Json, around: frozenset[str], known: set[str]) -> Iterator[Leaf]:
    if is_array(value):
        yield from chain.from_iterable(_leaves(item, around, known) for item in value)
    elif is_object(value):
        backed = any(str(item).casefold() in known for item in _plain(value.values()))
        for key, item in value.items():
            if is_object(item) or is_array(item):
                yield from _leaves(item, around | frozenset(words_of(key)), known)
            elif item is not None:
                yield Leaf(tuple(words_of(key)), around, item, backed)


def _plain(values: Iterable[Json]) -> Iterator[Json]:
    return (value for value in values if not is_object(value) and not is_array(value))
