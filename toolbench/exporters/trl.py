"""TRL conversational rows: the Chat Completions form with arguments as objects, for SFTTrainer."""

from collections.abc import Iterable, Sequence

from toolbench.exporters._chat import read_message, written
from toolbench.exporters.base import Conversation, Exporter, function, require, tool_of
from toolbench.model import JsonObject, Message, Row, RowTool

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
        yield line(row.messages, row.tools)

    def read(self, lines: Sequence[JsonObject]) -> Conversation:
        """Return what a line holds."""
        (line,) = lines
        messages = [read_message(message) for message in require(line["messages"], list)]
        return Conversation(tuple(messages), tuple(tool_of(tool) for tool in require(line["tools"], list)))


def line(messages: Sequence[Message], tools: Sequence[RowTool]) -> JsonObject:
    """Return the line of a conversation."""
    return {"messages": [written(message) for message in messages], "tools": [function(tool) for tool in tools]}
