"""OpenAI fine-tuning rows: arguments as JSON text, and a weight that masks messages of the assistant's."""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from toolbench.exporters.base import Conversation, Exporter, function, function_of, require, tool_of
from toolbench.model import Call, Json, JsonObject, Message, Row, RowTool

__all__ = ["OpenAIExporter"]


class OpenAIExporter(Exporter):
    """Writes `messages`, `tools` and `parallel_tool_calls`, one line a row."""

    carries = frozenset(("train", "parallel_calls"))
    note = "Messages of the assistant's with `weight` 0 are context only: no loss belongs on them."

    def rows(self, row: Row) -> Iterable[JsonObject]:
        """Return the one line of a row."""
        yield line(row.messages, row.tools)

    def read(self, lines: Sequence[JsonObject]) -> Conversation:
        """Return what a line holds."""
        (line,) = lines
        require(line["parallel_tool_calls"], bool)
        names: dict[str, str] = {}
        messages = [_read(message, names) for message in line["messages"]]
        return Conversation(tuple(messages), tuple(tool_of(tool) for tool in line["tools"]))


def line(messages: Sequence[Message], tools: Sequence[RowTool]) -> JsonObject:
    """Return the line of a conversation."""
    return {
        "messages": [_message(message) for message in messages],
        "tools": [function(tool) for tool in tools],
        "parallel_tool_calls": any(len(message.calls) > 1 for message in messages),
    }


def _message(message: Message) -> JsonObject:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call, "content": message.content}
    written: JsonObject = {"role": message.role, "content": message.content}
    if message.calls:
        written["tool_calls"] = [_call(call) for call in message.calls]
    if message.role == "assistant":
        written["weight"] = int(message.train)
    return written


def _call(call: Call) -> JsonObject:
    arguments = orjson.dumps(call.arguments).decode()
    return {"id": call.id, "type": "function", "function": {"name": call.tool, "arguments": arguments}}


def _read(message: Mapping[str, Json], names: dict[str, str]) -> Message:
    """Read a message; `names` gathers the names of the calls, which the results leave out."""
    if message["role"] == "tool":
        content, call = require(message["content"], str), message["tool_call_id"]
        return Message(role="tool", content=content, call=call, name=names[call])
    calls = tuple(_read_call(call) for call in message.get("tool_calls", ()))
    names.update((call.id, call.tool) for call in calls)
    if not calls:
        require(message["content"], str)
    train = message["role"] == "assistant" and require(message["weight"], int) == 1
    return Message(role=message["role"], content=message["content"], calls=calls, train=train)


def _read_call(call: JsonObject) -> Call:
    made = function_of(call)
    arguments = orjson.loads(require(made["arguments"], str))
    return Call(id=call["id"], tool=made["name"], arguments=require(arguments, dict))
