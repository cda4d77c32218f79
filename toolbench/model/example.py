"""Examples from whole trees: a step against its sibling, and steps that are labelled right or wrong."""

from typing import Literal

from toolbench.model.base import Part, Record
from toolbench.model.row import Message, RowTool

Fault = Literal["invalid_arguments", "unknown_tool", "unusable", "gave_up", "wrong_end", "exhausted"]
"""Why a step is wrong. `invalid_arguments`, `unknown_tool`: a call of it could not be run as written; `unusable`: no
step could be read from the answer; `gave_up`: it gives up where another step from the same place is right; `wrong_end`:
it closes the conversation, and an evaluator fails the path; `exhausted`: as many steps as the search tries were tried
from it, and all are wrong."""


class Origin(Part):
    """Where an example comes from."""

    task: str
    """The task's id."""
    kind: str
    """The task's kind."""
    teacher: str
    """Who took the steps."""
    executor: str
    """What the calls ran against."""


class Pair(Record):
    """Two steps from the same place: one from which the goal was reached, and one that is wrong."""

    trace: str
    """The trace's id."""
    chosen_node: int
    """The trace's node of the right step."""
    rejected_node: int
    """The trace's node of the wrong one."""
    leaf: int
    """A leaf below the right step whose path passes all evaluators."""
    prompt: tuple[Message, ...]
    """The conversation up to there."""
    chosen: Message
    """The right step."""
    rejected: Message
    """The wrong one."""
    fault: Fault
    """Why it is wrong."""
    tools: tuple[RowTool, ...]
    """The tools offered."""
    origin: Origin
    """Where it comes from."""


class LabelledStep(Part):
    """A step of a path, with what came back."""

    node: int
    """The trace's node."""
    message: Message
    """What the assistant said or called."""
    results: tuple[Message, ...] = ()
    """What came back of its calls."""
    right: bool
    """Whether it is right."""
    fault: Fault | None = None
    """Why it is wrong; None where it is right."""


class LabelledPath(Record):
    """The steps in answer to the user's first turn, as far as each is known to be right or wrong."""

    trace: str
    """The trace's id."""
    leaf: int
    """The path's leaf."""
    prompt: tuple[Message, ...]
    """The conversation before the first step."""
    steps: tuple[LabelledStep, ...]
    """The steps, each labelled."""
    tools: tuple[RowTool, ...]
    """The tools offered."""
    origin: Origin
    """Where it comes from."""
