"""Chats with tools as OpenAI's fine-tuning has them: `{"messages": […], "tools": […]}`, one a line."""

from pathlib import Path

import orjson

from toolbench.errors import TaskFileError
from toolbench.importers._messages import Conversation
from toolbench.importers.base import Asked, Described, Question, document_of
from toolbench.model import Json, JsonObject, is_array, is_object

__all__ = ["OpenAiImporter"]

_TOOLS = ("tools", "functions")
_READ = frozenset(("id", "messages", *_TOOLS))


class OpenAiImporter:
    """Takes the user's side of a chat. What the assistant answered, and its tools with it, is no gold."""

    def recognises(self, row: JsonObject) -> bool:
        """Tell whether a row has a list of messages."""
        return is_array(row.get("messages"))

    def read(self, row: JsonObject, file: Path) -> Question:
        """Return the user's turns, with the row's tools offered in all of them.

        Raises:
            TaskFileError: the messages or the tools are none.
        """
        del file
        heard = Conversation()
        heard.hear(row.get("messages"))
        tools: list[Described] = []
        left_out = {*heard.left_out, *(key for key in row if key not in _READ)}
        for raw in _functions(row):
            document, others = document_of(raw)
            tools.append(Described(document))
            left_out.update(f"tools: {key}" for key in others)
        return Question(
            id=str(row.get("id") or ""),
            turns=tuple(Asked(text, tuple(tools)) for text in heard.turns),
            system="\n\n".join(heard.system),
            left_out=tuple(left_out),
        )


def _functions(row: JsonObject) -> list[JsonObject]:
    tools: Json = next((row[key] for key in _TOOLS if row.get(key)), None) or []
    if isinstance(tools, str):
        # Data sets whose columns have one type keep them as text.
        tools = _parsed(tools)
    if not is_array(tools):
        raise TaskFileError("the tools are no list")
    return [_unwrapped(tool) for tool in tools]


def _parsed(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise TaskFileError("the tools are a text that is not JSON") from error


def _unwrapped(tool: Json) -> JsonObject:
    function = tool.get("function", tool) if is_object(tool) else None
    if not is_object(function):
        raise TaskFileError("a tool is no function")
    return function
