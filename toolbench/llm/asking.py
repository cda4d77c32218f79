"""Asking a model one question, and reading what comes back. What cannot be read is counted, never guessed."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from toolbench.errors import EndpointError, UnreachableError
from toolbench.model import ChatModel, ChatRequest, Json, JsonObject, is_object

Trouble = Literal["unparseable", "refused", "no_answer", "timed_out"]
"""Why nothing was heard: the answer does not hold what was asked for; the model would not answer; the endpoint gave
nothing usable; it took too long."""

LONGEST = 400
"""Characters of a reason that are kept."""

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Silence:
    """Why nothing was heard. It counts apart."""

    kind: Trouble
    reason: str
    text: str = ""
    """What was said, where something was."""


async def ask(
    model: ChatModel, request: ChatRequest, read: Callable[[str], T], *, patience: float | None = None
) -> T | Silence:
    """Ask a model, and return what is read in its answer, or why nothing can be.

    Args:
        model: who is asked.
        request: the question.
        read: reads the text of an answer, thoughts left out; raises ValueError, with a reason, where it cannot.
        patience: seconds to wait; None for as long as the endpoint's client does.

    Raises:
        UnreachableError: the endpoint cannot be reached, or refuses us: nothing would come of asking on.
    """
    try:
        async with asyncio.timeout(patience):
            answer = await model.chat(request)
    except UnreachableError:
        raise
    except TimeoutError:
        return Silence("timed_out", f"no answer within {patience:g} seconds")
    except EndpointError as error:
        return Silence("no_answer", short(str(error)))
    if answer.finish_reason == "content_filter" or not answer.content.strip():
        return Silence("refused", "the model would not answer")
    try:
        return read(without_thoughts(answer.content))
    except ValueError as error:
        return Silence("unparseable", short(str(error)), answer.content)


def without_thoughts(text: str) -> str:
    """Return an answer without what the model thought aloud."""
    return _THOUGHT.sub("", text)


def objects(text: str) -> Iterator[JsonObject]:
    """Yield the JSON objects that stand in a text, outermost only, whatever stands around them."""
    return (value for value in _values(text, "{") if is_object(value))


def values(text: str) -> Iterator[Json]:
    """Yield the JSON objects and arrays that stand in a text, outermost only, whatever stands around them."""
    return _values(text, "{[")


def short(text: str) -> str:
    """Return a text on one line, its end cut off where it is long."""
    bare = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    return bare if len(bare) <= LONGEST else f"{bare[: LONGEST - 1]}…"


def _values(text: str, openings: str) -> Iterator[Json]:
    opening = re.compile(f"[{re.escape(openings)}]")
    found = opening.search(text)
    while found:
        try:
            value, end = _DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            end = found.end()
        else:
            yield value
        found = opening.search(text, end)
