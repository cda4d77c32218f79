"""Scripts of the scripted server: what to answer, and when."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from toolbench.errors import ConfigError
from toolbench.model import Json, JsonObject, Part, is_array, is_object


class ScriptedCall(Part):
    """A tool call to answer with."""

    name: str
    """The function's name."""
    arguments: Json = Field(default_factory=dict[str, Json])
    """An object, sent as JSON text as real endpoints do; a text is sent as it stands, however wrong."""
    id: str = ""
    """The call's id; made from the request where empty."""


class Answer(Part):
    """What to answer. Without any field: a message that says nothing."""

    content: str | None = None
    """What the model says."""
    reasoning: str | None = None
    """What it thinks, in `reasoning_content`."""
    tool_calls: tuple[ScriptedCall, ...] = ()
    """The calls it wants."""
    finish_reason: str = ""
    """Where empty: `tool_calls` with calls, else `stop`."""
    empty_choices: bool = False
    """Whether to answer without any choice."""
    status: int = Field(default=200, ge=200, le=599)
    """HTTP status; from 400 on the body is an error in OpenAI's form."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers to add, such as `Retry-After`."""
    body: str | JsonObject | None = None
    """The whole body instead: a text as it stands, an object as JSON."""
    delay: float = Field(default=0.0, ge=0)
    """Seconds to wait before answering."""


class When(Part):
    """Conditions on a request. All that are given must hold."""

    contains: str = ""
    """A text that stands in one of the messages."""
    last_role: Literal["", "system", "developer", "user", "assistant", "tool"] = ""
    """Role of the last message."""
    tool_offered: str = ""
    """Name of a tool that is offered."""

    def holds(self, request: JsonObject) -> bool:
        """Tell whether the conditions hold for a valid request."""
        messages = request["messages"]
        texts = (text_of(message) for message in messages)
        return (
            (not self.contains or any(self.contains in text for text in texts))
            and self.last_role in {"", messages[-1]["role"]}
            and (not self.tool_offered or self.tool_offered in {tool["name"] for tool in offered(request)})
        )


class Rule(Part):
    """An answer for every request of a kind."""

    when: When = When()
    """Which requests; all where left out."""
    answer: Answer
    """The answer."""


Script: TypeAlias = tuple[Rule | Answer, ...]
"""Tried in order. A rule answers every request that it matches; an answer standing alone is used once."""


def _sort(item: Json) -> str:
    return "rule" if isinstance(item, Rule) or (is_object(item) and item.keys() & {"when", "answer"}) else "answer"


_SCRIPT: TypeAdapter[Script] = TypeAdapter(
    tuple[Annotated[Annotated[Rule, Tag("rule")] | Annotated[Answer, Tag("answer")], Discriminator(_sort)], ...]
)


def read_script(path: Path) -> Script:
    """Read a script from a YAML file: a list of rules (`when`, `answer`) and answers.

    Raises:
        ConfigError: the file cannot be read, or is no script; the message names the place.
    """
    hint = "A script is a list of answers (`content: …`) and rules (`when: …`, `answer: …`)."
    try:
        loaded: Json = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        return parse_script(loaded)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path), hint="Check the path.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", where=str(path), hint=hint) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"not a script: {first['msg']}", where=f"{path}{_place(first['loc'])}", hint=hint) from error


def _place(at: tuple[int | str, ...]) -> str:
    """Return where in the list an error is; the second part of its path only says what the item was taken for."""
    if not at:
        return ""
    inside = ".".join(str(part) for part in at[2:])
    return f", item {int(at[0]) + 1}" + (f", {inside}" if inside else "")


def parse_script(value: Json) -> Script:
    """Return the script that a JSON value describes; raises pydantic's ValidationError where it describes none."""
    return _SCRIPT.validate_python(value)


def offered(request: JsonObject) -> list[JsonObject]:
    """Return the functions that a valid request offers."""
    tools: list[JsonObject] = request.get("tools") or []
    return [tool["function"] for tool in tools]


def text_of(message: JsonObject) -> str:
    """Return the text of a message, whether it stands there whole or in parts."""
    content: Json = message.get("content")
    if is_array(content):
        return "".join(str(part.get("text", "")) for part in content if is_object(part))
    return content if isinstance(content, str) else ""
