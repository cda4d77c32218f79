"""A chat request and its answer, as any OpenAI-compatible endpoint understands them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from toolbench.model.base import Json, JsonObject, Part, canonical
from toolbench.model.trace import Usage


class Chat:
    """Messages in the Chat Completions form. Immutable.

    A chat that goes on from another shares it: what `plus` costs, and the digest with it, depends on what is added and
    not on what there was before.
    """

    __slots__ = ("added", "before", "digest", "text")

    def __init__(self, messages: Iterable[JsonObject] = (), *, before: "Chat | None" = None) -> None:
        self.before = before
        """What it goes on from."""
        self.added: tuple[JsonObject, ...] = tuple(messages)
        """What it adds."""
        texts = [canonical(message) for message in self.added]
        self.text: bytes = b",".join(texts)
        """What it adds, as JSON."""
        self.digest: str = before.digest if before else ""
        """32 hex digits, the same for equal messages; empty without any."""
        for text in texts:
            self.digest = hashlib.sha256(self.digest.encode() + text).hexdigest()[:32]

    def plus(self, messages: Iterable[JsonObject]) -> "Chat":
        """Return the chat that goes on with some messages."""
        return Chat(messages, before=self)

    @property
    def messages(self) -> tuple[JsonObject, ...]:
        """The messages, in order."""
        return tuple(message for part in self._parts() for message in part.added)

    def to_json(self) -> bytes:
        """Return the messages as a JSON array."""
        return b"[%b]" % b",".join(part.text for part in self._parts() if part.text)

    def _parts(self) -> "list[Chat]":
        parts: list[Chat] = []
        at: Chat | None = self
        while at is not None:
            parts.append(at)
            at = at.before
        parts.reverse()
        return parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chat) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Chat({list(self.messages)!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What is asked of a model. Holds no clock and no random id: equal requests are equal bytes."""

    chat: Chat
    """The messages."""
    tools: tuple[JsonObject, ...] = ()
    """Function definitions in the Chat Completions form."""
    temperature: float | None = None
    """Sampling temperature; None leaves it to the endpoint."""
    top_p: float | None = None
    """Nucleus sampling: the share of the probability that tokens are drawn from; None leaves it to the endpoint."""
    max_tokens: int | None = None
    """Upper bound on the tokens written."""
    seed: int | None = None
    """Seed passed on to the endpoint."""
    response_format: JsonObject | None = None
    """Constraint on the answer (`json_schema`)."""
    sample: int = 0
    """Which sample of the same request: keeps equal requests apart in the journal."""

    @property
    def messages(self) -> tuple[JsonObject, ...]:
        """The messages, in order."""
        return self.chat.messages


class RawCall(Part):
    """A tool call exactly as the model gave it, not validated."""

    id: str
    """The id the model gave; may be empty."""
    name: str
    """The function's name."""
    arguments: Json
    """The arguments: usually JSON text, from some servers already an object."""


class ChatAnswer(Part):
    """What a model answered, its envelope validated, its content not."""

    content: str = ""
    """What it said."""
    reasoning: str = ""
    """What it thought, where the endpoint tells it apart."""
    calls: tuple[RawCall, ...] = ()
    """The calls it wants."""
    finish_reason: str = ""
    """`stop`, `length`, `tool_calls`, …"""
    usage: Usage = Usage()
    """Tokens and cost."""
