"""Chat messages, as the user's turns and what the model is told before them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from toolbench.errors import TaskFileError
from toolbench.model import Json, JsonObject, is_array, is_object

TOLD = ("system", "developer")
"""Roles of those who tell the model what it is for."""

ANSWERS = ("assistant", "tool", "function")
"""Roles of what came of another model's work: no gold."""

_TEXTS = ("text", "input_text")
_READ = frozenset(("role", "content"))


@dataclass(slots=True)
class Conversation:
    """The user's side of a chat."""

    system: list[str] = field(default_factory=list[str])
    """What the model is told before the user first speaks."""
    turns: list[str] = field(default_factory=list[str])
    """What the user says, turn by turn."""
    left_out: set[str] = field(default_factory=set[str])
    """What of the messages is not taken over, by name."""
    _goes_on: bool = False

    def hear(self, messages: Json) -> None:
        """Take in messages. What users say without an answer in between is one turn.

        Raises:
            TaskFileError: these are no messages, or one holds more than text.
        """
        if not is_array(messages):
            raise TaskFileError("the messages are no list")
        for message in messages:
            if not is_object(message):
                raise TaskFileError("a message is no object")
            self._hear(message)

    def close_turn(self) -> None:
        """Let what the user says next be a new turn."""
        self._goes_on = False

    def _hear(self, message: JsonObject) -> None:
        role = message.get("role")
        if role in ANSWERS:
            self.left_out.add(f"{role} messages")
            self._goes_on = False
        elif role in TOLD and self.turns:
            self.left_out.add(f"{role} messages after the first turn")
        elif role in TOLD:
            self.system.append(_said(message))
        elif role == "user" and self._goes_on:
            self.turns[-1] += f"\n\n{_said(message)}"
        elif role == "user":
            self.turns.append(_said(message))
            self._goes_on = True
        else:
            raise TaskFileError(f"a message has the role {role!r}")
        self.left_out.update(f"messages: {key}" for key in message if role not in ANSWERS and key not in _READ)


def _said(message: JsonObject) -> str:
    content = message.get("content")
    text = "\n".join(_texts(content)) if is_array(content) else content
    if not isinstance(text, str) or not text.strip():
        raise TaskFileError(f"a {message['role']} message has no text")
    return text


def _texts(parts: Iterable[Json]) -> Iterable[str]:
    for part in parts:
        kind = part.get("type") if is_object(part) else None
        if kind not in _TEXTS or not isinstance(part.get("text"), str):
            raise TaskFileError(f"a message holds a part of the type {kind!r}; only text can be taken over")
        yield part["text"]
