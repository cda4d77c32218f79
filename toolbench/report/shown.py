"""A trace made ready to be read: verdicts and opinions, the conversation, the tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolbench.curation.judgements import Mark, judged_leaf
from toolbench.model import Tool, Trace
from toolbench.model.calibration import JudgeFigures
from toolbench.report.conversation import CallText, Conversations, Speech
from toolbench.report.opinions import Opinion
from toolbench.report.outcomes import STAGES, TITLES, Outcomes, TraceState
from toolbench.report.trees import Drawing, Line, draw, outline

LARGEST_TREE = 80
"""Nodes of the largest tree that is drawn."""


@dataclass(frozen=True, slots=True)
class ShownTrace:
    """A trace on a page."""

    state: TraceState
    facts: Sequence[tuple[str, Mark]]
    """Verdicts of those who execute and compare, by evaluator."""
    opinions: Sequence[tuple[Opinion, JudgeFigures | None]]
    """Opinions, each with how good its judge is known to be."""
    speeches: Sequence[Speech]
    """The conversation of the path to the leaf in question."""
    drawing: Drawing | None
    """None where the tree is too large."""
    lines: Sequence[Line]
    calls: dict[int, list[CallText]]
    """The calls of each node."""
    leaf: int
    """The leaf in question."""


class Shower:
    """Makes traces ready to be read.

    Args:
        outcomes: what the run's records say.
        tools: definitions of its tools.
    """

    def __init__(self, outcomes: Outcomes, tools: Iterable[Tool]) -> None:
        self._outcomes = outcomes
        self._conversations = Conversations({tool.name: tool for tool in tools})

    def show(self, trace: Trace, leaf: int | None = None) -> ShownTrace:
        """Return a trace made ready.

        Args:
            trace: the trace.
            leaf: the leaf whose path is shown as the conversation; where not given, that of the path handed out.
        """
        task = self._outcomes.tasks[trace.task]
        chosen = judged_leaf(trace) if leaf is None else leaf
        spoken = chosen or len(trace.nodes) - 1
        marks = self._outcomes.judgements.marks(trace.id, chosen)
        # Where a measure has nothing to say, nothing is said.
        marks = {name: mark for name, mark in marks.items() if name in STAGES or mark.label != "unscored"}
        order = [*(name for name in TITLES if name in marks), *sorted(marks.keys() - TITLES)]
        opinions = self._outcomes.opinions
        return ShownTrace(
            state=self._outcomes.of(trace),
            facts=[(name, marks[name]) for name in order] if trace.best is not None or leaf is not None else [],
            opinions=[(held, opinions.calibration(held.judge)) for held in opinions.on(trace.id, chosen)],
            speeches=self._conversations.chat(trace, spoken, task),
            drawing=draw(trace, task.apis) if len(trace.nodes) <= LARGEST_TREE else None,
            lines=list(outline(trace)),
            calls=self._conversations.calls(trace, task),
            leaf=spoken,
        )
