"""What a stage says while it works: typed events. Progress bars, logs and reports consume them; nothing prints."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from toolbench.model import JsonObject, Usage


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage began."""

    stage: str
    """`tasks`, `generate`, `evaluate`, …"""
    total: int
    """Items it will produce or look at."""
    done: int = 0
    """Items that were there already."""


@dataclass(frozen=True, slots=True)
class TaskSampled:
    """A task was kept."""

    task: str
    kind: str
    attempts: int
    """Candidates tried for it, the kept one included."""
    dropped: dict[str, int] = field(default_factory=dict[str, int])
    """Candidates dropped on the way, by reason."""
    wanted: str = ""
    """The kind that the mix asked for; the task is of another where no more could be made of it."""
    writer: str = ""
    """Who put it into words."""
    unwritten: str = ""
    """Why these are not the words of the writer asked for; empty where they are."""


@dataclass(frozen=True, slots=True)
class RouteChosen:
    """It was found out how a model calls tools."""

    model: str
    route: str
    """`native`, `json_schema` or `json_prompt`."""


@dataclass(frozen=True, slots=True)
class TraceFinished:
    """A trace is complete and on disk."""

    trace: str
    task: str
    outcome: str
    solved: bool
    """Whether a path reached the goal, as far as the run knows; the evaluators say it for certain."""
    usage: Usage
    seconds: float
    """Wall time."""


@dataclass(frozen=True, slots=True)
class TraceJudged:
    """A trace has its verdicts."""

    trace: str
    passed: bool


@dataclass(frozen=True, slots=True)
class ItemDone:
    """A stage is done with one of its items."""

    item: str
    """The item's name."""
    note: str = ""
    """What came of it, for a person to read."""


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage ended."""

    stage: str
    seconds: float
    """Wall time."""


Event: TypeAlias = StageStarted | TaskSampled | RouteChosen | TraceFinished | TraceJudged | ItemDone | StageFinished

Sink: TypeAlias = Callable[[Event], None]
"""Receives events as they happen."""


def ignore(event: Event) -> None:
    """Receive an event and do nothing."""
    del event


def as_json(event: Event) -> JsonObject:
    """Return an event as a JSON object, its type under `event`."""
    values = {f.name: getattr(event, f.name) for f in fields(event)}
    values = {name: value.model_dump() if isinstance(value, Usage) else value for name, value in values.items()}
    return {"event": type(event).__name__, **values}
