"""The types everything else speaks: frozen pydantic models, no input or output."""

from toolbench.model.base import Json, JsonObject, Part, Record, canonical, digest, is_array, is_object
from toolbench.model.calibration import Calibration, DefectFigures, JudgeFigures
from toolbench.model.chat import Chat, ChatAnswer, ChatRequest, RawCall
from toolbench.model.document import Block, Chunk, Document
from toolbench.model.ports import Case, ChatModel, Evaluator, Replay, Replayer, Scored, Scorer
from toolbench.model.row import Message, Row, RowMeta, RowTool
from toolbench.model.task import AcceptedCall, Assertion, Change, Fact, Goal, GoldCall, Imported, Origin, Task, Turn
from toolbench.model.tool import (
    Api,
    Argument,
    HttpBinding,
    McpBinding,
    NoBinding,
    PythonBinding,
    SecurityScheme,
    Source,
    Tool,
)
from toolbench.model.trace import Call, Fault, Node, Observation, Provenance, Step, Trace, TraceError, Usage
from toolbench.model.verdict import Verdict, Vote

RECORDS: dict[str, type[Record]] = {
    "api": Api,
    "calibration": Calibration,
    "document": Document,
    "row": Row,
    "task": Task,
    "tool": Tool,
    "trace": Trace,
    "verdict": Verdict,
}
"""The records that a run's files hold, by name."""

__all__ = [
    "RECORDS",
    "AcceptedCall",
    "Api",
    "Argument",
    "Assertion",
    "Block",
    "Calibration",
    "Call",
    "Case",
    "Change",
    "Chat",
    "ChatAnswer",
    "ChatModel",
    "ChatRequest",
    "Chunk",
    "DefectFigures",
    "Document",
    "Evaluator",
    "Fact",
    "Fault",
    "Goal",
    "GoldCall",
    "HttpBinding",
    "Imported",
    "Json",
    "JsonObject",
    "JudgeFigures",
    "McpBinding",
    "Message",
    "NoBinding",
    "Node",
    "Observation",
    "Origin",
    "Part",
    "Provenance",
    "PythonBinding",
    "RawCall",
    "Record",
    "Replay",
    "Replayer",
    "Row",
    "RowMeta",
    "RowTool",
    "Scored",
    "Scorer",
    "SecurityScheme",
    "Source",
    "Step",
    "Task",
    "Tool",
    "Trace",
    "TraceError",
    "Turn",
    "Usage",
    "Verdict",
    "Vote",
    "canonical",
    "digest",
    "is_array",
    "is_object",
]
