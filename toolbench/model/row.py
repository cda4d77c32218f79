"""Rows: training examples, before they take a format."""

from typing import Literal

from toolbench.model.base import JsonObject, Part, Record
from toolbench.model.trace import Call

Role = Literal["system", "user", "assistant", "tool"]


class Message(Part):
    """One message of a conversation."""

    role: Role
    """Who speaks."""
    content: str | None = None
    """What is said; None for an assistant's message that only calls."""
    reasoning: str = ""
    """The assistant's reasoning, apart from what it says."""
    calls: tuple[Call, ...] = ()
    """The assistant's calls."""
    call: str = ""
    """For `tool`: id of the call it answers."""
    name: str = ""
    """For `tool`: name of the tool."""
    train: bool = False
    """Whether to put loss on it."""
    reason: str = ""
    """Why it is, or is not, trained on."""


class RowTool(Part):
    """A tool as a row shows it."""

    name: str
    """Its name."""
    description: str
    """What it does."""
    parameters: JsonObject
    """JSON Schema of the arguments."""


class RowMeta(Part):
    """Where a row comes from, and how far it can be trusted."""

    task: str
    """The task's id."""
    kind: str
    """The task's kind."""
    teacher: str
    """Who solved it."""
    executor: str
    """`mock`, `live` or `replay`."""
    solution: Literal["known", "unknown"] = "known"
    """As `Task.solution`; where it is unknown, rows are never verified."""
    live: bool = False
    """Whether real APIs answered, now or when the answers were recorded; such rows are never verified."""
    tainted: bool = False
    """As `Node.tainted` of the leaf."""
    verified: bool
    """Whether execution confirmed that the goal was reached."""
    confidence: float
    """How far its answers can be relied on, 0 to 1: the lowest confidence of the task and the path's observations."""
    verdicts: dict[str, str]
    """Label by evaluator."""


class Row(Record):
    """A checked projection of one path and its verdicts; formats are projections of rows."""

    trace: str
    """The trace's id."""
    leaf: int
    """The path's leaf."""
    messages: tuple[Message, ...]
    """The conversation."""
    tools: tuple[RowTool, ...]
    """The tools offered."""
    meta: RowMeta
    """Where it comes from."""
