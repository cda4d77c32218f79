"""The contract of a carrier: one way of calling, chosen by the kind of a tool's binding."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import orjson

from toolbench.executors._answers import is_shallow
from toolbench.executors._cassette import Answer, Sent
from toolbench.executors._redaction import Redactor
from toolbench.model import Api, Json, JsonObject, Tool
from toolbench.model.trace import ObservationStatus


@dataclass(frozen=True, slots=True)
class Errand:
    """A call that is ready to be carried out."""

    request: Sent
    """What goes on record of it."""
    run: Callable[[], Awaitable[Answer]]
    """Carries it out, once; whatever happens is an answer."""


class Carrier(Protocol):
    """Carries out calls of one kind. Belongs to one event loop."""

    def prepare(self, api: Api, tool: Tool, arguments: JsonObject) -> Errand:
        """Return a call of valid arguments, ready to go. Nothing is run or reached yet.

        Raises:
            ArgumentError: an argument cannot be put where it belongs.
            RefusedError: the call is not allowed, or not possible.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections and processes."""
        ...


def result(value: Json, status: ObservationStatus, redactor: Redactor, size: int) -> Answer:
    """Return the answer that shows a value without secrets; as text where it is nested too deeply or is cut.

    Args:
        value: a JSON value.
        status: what became of the call.
        redactor: takes out secrets.
        size: bytes, as JSON, after which it is cut.
    """
    if not is_shallow(value):
        value = orjson.dumps(value).decode()
    shown: Json = redactor.json(value)
    written = shown if isinstance(shown, str) else orjson.dumps(shown).decode()
    return Answer(status=status, body=shown) if len(written) <= size else cut(written, status, redactor, size)


def cut(text: str, status: ObservationStatus, redactor: Redactor, size: int) -> Answer:
    """Return the answer that shows the beginning of a text, without secrets."""
    return Answer(status=status, body=redactor.text(text)[:size], truncated=True)
