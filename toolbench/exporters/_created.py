"""Formats of created data: each takes a conversation, or says what of it has no place there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from toolbench.exporters import openai, trl
from toolbench.exporters.base import tool_of
from toolbench.model import JsonObject, Message, RowTool, is_array
from toolbench.model.created import Created

HELPFUL = "You are a helpful assistant."
HELPFUL_AI = "You are a helpful AI assistant."
"""What synthetic-data-kit says first in conversations that have no system message."""


class NoPlaceError(ValueError):
    """A format has no place for a record; the message says for what of it, in a word or two joined by `_`."""


@dataclass(frozen=True, slots=True)
class CreatedFormat:
    """A format."""

    summary: str
    """What it is, in a line."""
    layout: Literal["lines", "array"]
    """Whether a file holds a line for each record, or one array."""
    suffix: str
    """How the file's name goes on after the source's."""
    write: Callable[[Created], JsonObject]
    """Returns what a record becomes; raises NoPlaceError."""
    whole: bool = False
    """Whether all that is known of a record is written."""


def _whole(one: Created) -> JsonObject:
    return one.record


def _alpaca(one: Created) -> JsonObject:
    system, question, answer = _single(one)
    if system:
        raise NoPlaceError("a_system_message")
    instruction = one.record.get("instruction")
    if isinstance(instruction, str):
        return {"instruction": instruction, "input": str(one.record.get("input") or ""), "output": answer}
    return {"instruction": question, "input": "", "output": answer}


def _ft(one: Created) -> JsonObject:
    return {"messages": _plain(one, HELPFUL)}


def _chatml(one: Created) -> JsonObject:
    return {"messages": _plain(one, HELPFUL_AI)}


def _openai(one: Created) -> JsonObject:
    folded = [message.model_copy(update={"content": _said(message), "reasoning": ""}) for message in _talk(one)]
    written = openai.line(folded, _tools(one))
    return written if written["tools"] else {"messages": written["messages"]}


def _trl(one: Created) -> JsonObject:
    if not one.messages:
        return {"text": one.text}
    written = trl.line(one.messages, _tools(one))
    return written if written["tools"] else {"messages": written["messages"]}


FORMATS: Mapping[str, CreatedFormat] = {
    "jsonl": CreatedFormat("the records as they are", "lines", ".jsonl", _whole, whole=True),
    "alpaca": CreatedFormat("instruction, input, output", "array", "_alpaca.json", _alpaca),
    "ft": CreatedFormat("messages, in one array", "array", "_ft.json", _ft),
    "chatml": CreatedFormat("messages, a line each", "lines", "_chatml.json", _chatml),
    "openai": CreatedFormat("OpenAI's fine-tuning rows", "lines", "_openai.jsonl", _openai),
    "trl": CreatedFormat("TRL's conversations, or texts", "lines", "_trl.jsonl", _trl),
}
"""The formats, by name. The first four are synthetic-data-kit's, file names included."""


def _talk(one: Created) -> tuple[Message, ...]:
    if not one.messages:
        raise NoPlaceError("a_text_without_a_question")
    return one.messages


def _plain(one: Created, system: str) -> list[JsonObject]:
    """Return messages of roles and texts alone, a system message first."""
    messages = _talk(one)
    if any(message.calls or message.role == "tool" for message in messages):
        raise NoPlaceError("calls_of_tools")
    first = [] if messages[0].role == "system" else [{"role": "system", "content": system}]
    return [*first, *({"role": message.role, "content": _said(message)} for message in messages)]


def _single(one: Created) -> tuple[str, str, str]:
    """Return the system message, question and answer of a conversation that has one of each at most."""
    messages = _talk(one)
    if any(message.calls or message.role == "tool" for message in messages):
        raise NoPlaceError("calls_of_tools")
    system = messages[0].content or "" if messages[0].role == "system" else ""
    said = messages[1:] if system else messages
    if [message.role for message in said] != ["user", "assistant"]:
        raise NoPlaceError("several_turns")
    return system, said[0].content or "", _said(said[1])


def _said(message: Message) -> str:
    """Return what a message says, its reasoning first: formats without a place for reasoning show it so."""
    return "\n\n".join(filter(None, (message.reasoning, message.content)))


def _tools(one: Created) -> list[RowTool]:
    tools = one.meta.get("tools")
    try:
        return [tool_of(tool) for tool in tools] if is_array(tools) else []
    except (KeyError, TypeError, ValueError) as error:
        raise NoPlaceError("tools_of_another_form") from error
