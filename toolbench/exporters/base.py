"""The contract of an exporter: how a row takes a format, and how it is read back."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

from toolbench.model import Json, JsonObject, Message, Row, RowTool, canonical
from toolbench.model.example import LabelledPath, Pair

Field = Literal["parallel_calls", "reasoning", "train"]
"""What formats differ in. Roles, texts, calls, their results and the tools every format carries; where a row comes from
stands in a file beside it."""

FIELDS: dict[Field, str] = {
    "parallel_calls": "several calls in one message",
    "reasoning": "the assistant's reasoning",
    "train": "messages of the assistant's that are not to be trained on",
}
"""What each field holds, in words."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a format holds of a row."""

    messages: tuple[Message, ...]
    tools: tuple[RowTool, ...]


class Exporter(ABC):
    """Writes rows in one format. The file's name is the format's; the class takes no arguments."""

    carries: ClassVar[frozenset[Field]]
    """The fields that survive."""
    note: ClassVar[str] = ""
    """What a person who trains on it must know; a sentence or two for the dataset card."""

    @abstractmethod
    def rows(self, row: Row) -> Iterable[JsonObject]:
        """Return the lines of the file that a row becomes."""

    @abstractmethod
    def read(self, lines: Sequence[JsonObject]) -> Conversation:
        """Return what the lines of one row hold, read as the format's own readers read them.

        Raises:
            ValueError: they do not have the format's structure.
        """

    def check(self, row: Row, lines: Sequence[JsonObject]) -> list[str]:
        """Return what of a row did not survive in its lines, though the format carries it; nothing when all did."""
        try:
            found = self.read(lines)
        except (ValueError, KeyError, TypeError) as error:
            return [f"cannot be read back: {error}"]
        wanted = self.expected(row)
        if found == wanted:
            return []
        if found.tools != wanted.tools:
            return ["the tools differ"]
        pairs = zip(found.messages, wanted.messages, strict=False)
        place = next((at for at, (one, other) in enumerate(pairs) if one != other), len(wanted.messages))
        return [f"message {place + 1} differs"]

    def expected(self, row: Row) -> Conversation:
        """Return what the format carries of a row."""
        return Conversation(tuple(map(self._carried, row.messages)), row.tools)

    def _carried(self, message: Message) -> Message:
        train = message.train if "train" in self.carries and message.role == "assistant" else False
        reasoning = message.reasoning if "reasoning" in self.carries else ""
        return message.model_copy(update={"train": train, "reason": "", "reasoning": reasoning})

    def losses(self, row: Row) -> list[Field]:
        """Return the fields of a row that hold something, yet the format cannot carry, in alphabetical order."""
        held: dict[Field, bool] = {
            "parallel_calls": any(len(message.calls) > 1 for message in row.messages),
            "reasoning": any(message.reasoning for message in row.messages),
            "train": any(message.role == "assistant" and not message.train for message in row.messages),
        }
        return [field for field, holds in held.items() if holds and field not in self.carries]


Example = TypeVar("Example", Pair, LabelledPath)


class TreeExporter(ABC, Generic[Example]):
    """Writes examples from whole trees in one format. The file's name is the format's; the class takes no arguments."""

    takes: ClassVar[type[Pair] | type[LabelledPath]]
    """What it writes."""
    note: ClassVar[str] = ""
    """What a person who trains on it must know; a sentence or two for the dataset card."""

    @abstractmethod
    def lines(self, example: Example) -> Iterable[JsonObject]:
        """Return the lines of the file that an example becomes; none where the format has no place for it."""

    @abstractmethod
    def expected(self, example: Example) -> Json:
        """Return what the format carries of an example, in the form that `read` gives."""

    @abstractmethod
    def read(self, lines: Sequence[JsonObject]) -> Json:
        """Return what the lines of one example hold, read as the format's own readers read them.

        Raises:
            ValueError: they do not have the format's structure.
        """

    def check(self, example: Example, lines: Sequence[JsonObject]) -> list[str]:
        """Return what of an example did not survive in its lines; nothing when all did."""
        try:
            found = self.read(lines)
        except (ValueError, KeyError, TypeError) as error:
            return [f"cannot be read back: {error}"]
        return [] if canonical(found) == canonical(self.expected(example)) else ["it reads back as something else"]


@dataclass(frozen=True, slots=True)
class Handed:
    """What a trace hands out as its answer, right or wrong."""

    row: Row
    """The path, as a row."""
    method: str
    """How it was searched for."""
    finished: bool
    """Whether its last message is a final answer."""


class AnswersExporter(ABC):
    """Writes the answers of all traces in one file, for others' judges. The class takes no arguments."""

    file: ClassVar[str]
    """The file's name."""
    note: ClassVar[str] = ""
    """What a person who has them judged must know."""

    @abstractmethod
    def entry(self, handed: Handed) -> JsonObject:
        """Return what is written of an answer."""


def plain(message: Message) -> Json:
    """Return what any chat format carries of a message."""
    return message.model_copy(update={"train": False, "reason": ""}).model_dump(mode="json")


def function(tool: RowTool) -> JsonObject:
    """Return a tool as a Chat Completions function definition."""
    definition = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": definition}


def tool_of(definition: JsonObject) -> RowTool:
    """Return the tool that a Chat Completions function definition stands for."""
    if definition["type"] != "function":
        raise ValueError(f"a tool of the type {definition['type']!r}")
    return RowTool.model_validate(definition["function"])


def function_of(call: JsonObject) -> JsonObject:
    """Return the name and the arguments of a Chat Completions tool call."""
    if call["type"] != "function":
        raise ValueError(f"a call of the type {call['type']!r}")
    return call["function"]


def require(value: Json, kind: type) -> Json:
    """Return a value that must be of a type.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} belongs")
    return value
