"""TRL conversational rows: the Chat Completions form with arguments as objects, for SFTTrainer."""

from collections.abc import Iterable, Mapping, Sequence

from toolbench.exporters.base import Conversation, Exporter, function, function_of, require, tool_of
from toolbench.model import Call, Json, JsonObject, Message, Row

__all__ = ["TrlExporter"]


class TrlExporter(Exporter):
    """Writes `messages` and `tools`, one line a row.

    Chat templates render arguments, so they stay objects. A message that only calls has empty content: several
    templates fail on null, or write `None`, and none minds the empty string.
    """

    carries = frozenset(("reasoning", "parallel_calls"))
    note = (
        'Load it with `datasets.load_dataset("json", data_files="train.jsonl", on_mixed_types="use_json")`: arguments '
        "and schemas differ from row to row. TRL puts the loss on every message of the assistant's "
        "(`assistant_only_loss=True`) and has no mask for single messages."
    )

    def rows(self, row: Row) -> Iterable[JsonObject]:
        """Return the one line of a row."""
        yield {
            "messages": [_message(message) for message in row.messages],
            "tools": [function(tool) for tool in row.tools],
        }

    def read(self, lines: Sequence[JsonObject]) -> Conversation:
        """Return what a line holds."""
        (line,) = lines
        messages = [_read(message) for message in require(line["messages"], list)]
        return Conversation(tuple(messages), tuple(tool_of(tool) for tool in require(line["tools"], list)))


def _message(message: Message) -> JsonObject:
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


def _read(message: Mapping[str, Json]) -> Message:
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
