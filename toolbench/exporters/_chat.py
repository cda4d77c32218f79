"""Messages in TRL's conversational form, written and read back."""

from collections.abc import Mapping

from toolbench.exporters.base import function_of, require
from toolbench.model import Call, Json, JsonObject, Message


def written(message: Message) -> JsonObject:
    """Return a message as chat templates take it: arguments stay objects, and content is never null."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call, "name": message.name, "content": message.content}
    written: JsonObject = {"role": message.role, "content": message.content or ""}
    if message.reasoning:
        written["reasoning_content"] = message.reasoning
    if message.calls:
        written["tool_calls"] = [_call(call) for call in message.calls]
    return written


def _call(call: Call) -> JsonObject:
    return {"id": call.id, "type": "function", "function": {"name": call.tool, "arguments": call.arguments}}


def read_message(message: Mapping[str, Json]) -> Message:
    """Return the message that was written, without what is no part of the form.

    Raises:
        ValueError: it does not have the form.
    """
    if message["role"] == "tool":
        content = require(message["content"], str)
        return Message(role="tool", content=content, call=message["tool_call_id"], name=message["name"])
    calls = tuple(_read_call(call) for call in message.get("tool_calls", ()))
    content = require(message["content"], str)
    return Message(
        role=message["role"],
        content=None if calls and not content else content,
        reasoning=message.get("reasoning_content", ""),
        calls=calls,
    )


def _read_call(call: JsonObject) -> Call:
    made = function_of(call)
    return Call(id=call["id"], tool=made["name"], arguments=require(made["arguments"], dict))
