"""A chat request and its answer, as any OpenAI-compatible endpoint understands them."""

from toolbench.model.base import Json, JsonObject, Part
from toolbench.model.trace import Usage


class ChatRequest(Part):
    """What is asked of a model. Holds no clock and no random id: equal requests are equal bytes."""

    messages: tuple[JsonObject, ...]
    """Messages in the Chat Completions form."""
    tools: tuple[JsonObject, ...] = ()
    """Function definitions in the Chat Completions form."""
    temperature: float | None = None
    """Sampling temperature; None leaves it to the endpoint."""
    max_tokens: int | None = None
    """Upper bound on the tokens written."""
    seed: int | None = None
    """Seed passed on to the endpoint."""
    response_format: JsonObject | None = None
    """Constraint on the answer (`json_schema`)."""
    sample: int = 0
    """Which sample of the same request: keeps equal requests apart in the journal."""


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
