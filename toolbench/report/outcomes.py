"""What became of each trace: one pass over a run's records, of which only a few figures a trace are kept."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolbench.curation import selection
from toolbench.curation.judgements import Fault, Judgements, Mark, judged_leaf
from toolbench.curation.rows import exchanges
from toolbench.errors import RunError
from toolbench.model import Task, Trace, Usage
from toolbench.model.verdict import Label
from toolbench.report.opinions import Opinions
from toolbench.store import Run

STAGES = {
    "schema": "Calls are valid",
    "executed": "Executed anew alike",
    "goal": "Goal reached",
    "grounded": "Answer grounded",
    "provenance": "Arguments traceable",
    "calls": "Calls are the accepted ones",
}
"""What passing each evaluator means, in the order in which paths are held against them."""

TITLES = {
    **STAGES,
    "decision": "Right decisions",
    "minimal": "No needless call",
    "redundant": "No repeated call",
    "recovered": "Errors made up for",
    "turns": "Each turn as solved",
}
"""The same for those, too, whose judgement no trace has to pass."""

FATES = ("kept", "passed", "failed", "lost", "unjudged")
"""What can become of a trace: kept by the curation; passed yet not kept; failed an evaluator; ended without a path; or
nobody has judged it."""


@dataclass(frozen=True, slots=True)
class TraceState:
    """A trace in a few figures."""

    id: str
    task: str
    sample: int
    """Which attempt at the task."""
    kind: str
    """The task's."""
    said: str
    """What the user said first."""
    difficulty: str
    """The task's; empty where nobody has told."""
    apis: tuple[str, ...]
    """Those that the solution calls; where it is unknown, those of the task's world."""
    solution_calls: int | None
    """Calls of the known solution; None where it is unknown."""
    searcher: str
    teacher: str
    fate: str
    """One of `FATES`."""
    reason: str
    """Why it fell, in short; empty when it was kept."""
    evaluator: str
    """The evaluator at which it fell; empty where none did it."""
    detail: str
    """Why it fell, in a sentence; empty when it passed."""
    checks: Mapping[str, Label]
    """What those who execute and compare say of the path handed out, by evaluator."""
    opinions: Mapping[str, Label]
    """What those who have an opinion say of it, by evaluator."""
    unverified: bool
    """Whether no execution can confirm what the path did, whatever else was said of it."""
    tainted: bool
    """Whether the path follows another branch's write to a real backend."""
    nodes: int
    depth: int
    """Steps of the longest path."""
    backtracks: int
    """Branches beyond the first, over all nodes."""
    recovered: bool
    """Whether the path it hands out went through a failed call."""
    usage: Usage
    answers: Mapping[str, int]
    """Answers to calls, in the whole tree, by who gave them."""

    @property
    def passes(self) -> bool:
        """Whether the path handed out passes all evaluators."""
        return self.fate in ("kept", "passed")

    @property
    def verified(self) -> bool:
        """Whether it passes, and an execution has confirmed it."""
        return self.passes and not self.unverified


class Outcomes:
    """What became of the traces of a run.

    Args:
        run: the run; its tasks, tools, verdicts and newest curation are read at once.

    Raises:
        RunError: there is no run, or its files are not what they should be.
    """

    def __init__(self, run: Run) -> None:
        run.require()
        self.tasks = {task.id: task for task in run.tasks}
        self.opinions = Opinions(run)
        self.judgements = Judgements(self.opinions.apart(run.verdicts))
        self._run = run
        self._apis = {tool.name: tool.api for tool in run.tools}
        self._entries = _ledger(run)

    @property
    def curated(self) -> bool:
        """Whether there is a curation."""
        return bool(self._entries)

    @property
    def judged(self) -> bool:
        """Whether there are verdicts."""
        return len(self.judgements) > 0

    def __iter__(self) -> Iterator[TraceState]:
        """Yield what became of each trace, in the order made."""
        return (self.of(trace) for trace in self._run.traces)

    def of(self, trace: Trace) -> TraceState:
        """Return what became of a trace.

        Raises:
            RunError: it belongs to no task of the run.
        """
        task = self.tasks.get(trace.task)
        if task is None:
            hint = "The files of a run belong together; restore them."
            raise RunError(f"the trace {trace.id} belongs to no task", where=str(self._run.path), hint=hint)
        leaf = judged_leaf(trace)
        fault, marks = self.judgements.fault(trace), self.judgements.marks(trace.id, leaf)
        entry = self._entries.get(trace.id)
        path = trace.path(leaf)
        children = Counter(node.parent for node in trace.nodes if node.parent is not None)
        return TraceState(
            id=trace.id,
            task=task.id,
            sample=trace.sample,
            kind=task.kind,
            said=task.turns[0].text,
            difficulty=task.difficulty or "",
            apis=self._apis_of(task),
            solution_calls=None if task.solution == "unknown" else len(task.gold),
            searcher=trace.provenance.searcher,
            teacher=trace.provenance.teacher,
            fate=_fate(trace, fault, marks, entry),
            reason=fault.kind if fault else entry.reason if entry else "",
            evaluator=fault.evaluator if fault else "",
            detail=fault.detail if fault else entry.detail if entry else "",
            checks={name: mark.label for name, mark in marks.items()},
            opinions=self.opinions.labels(trace.id, leaf),
            unverified=self.judgements.is_unverified(trace),
            tainted=path[-1].tainted,
            nodes=len(trace.nodes),
            depth=_depth(trace),
            backtracks=sum(count - 1 for count in children.values()),
            recovered=any(seen.status != "ok" for _, seen in exchanges(path)),
            usage=trace.usage,
            answers=dict(Counter(seen.source for _, seen in exchanges(trace.nodes))),
        )

    def _apis_of(self, task: Task) -> tuple[str, ...]:
        if task.solution == "unknown":
            return task.apis
        return tuple(sorted({self._apis[gold.call.tool] for gold in task.gold if gold.call.tool in self._apis}))


def _fate(trace: Trace, fault: Fault | None, marks: Mapping[str, Mark], entry: selection.Entry | None) -> str:
    if trace.best is None:
        return "lost"
    if not marks:
        return "unjudged"
    if fault:
        return "failed"
    return "kept" if entry and entry.kept else "passed"


def _depth(trace: Trace) -> int:
    depths = {0: 0}
    for node in trace.nodes[1:]:
        depths[node.id] = depths[node.parent or 0] + 1
    return max(depths.values())


def _ledger(run: Run) -> Mapping[str, selection.Entry]:
    try:
        return {entry.trace: entry for entry in selection.newest(run).entries()}
    except RunError:
        return {}
