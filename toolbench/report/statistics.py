"""What a run came to, in figures. One pass over its traces; no trace is kept in memory."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from toolbench.curation import selection
from toolbench.curation.judgements import Fault, Judgements, judged_leaf, wilson
from toolbench.curation.rows import exchanges
from toolbench.errors import RunError, WorkError
from toolbench.model import JsonObject, Task, Trace, Usage
from toolbench.model.trace import Answerer
from toolbench.report.asked import Asked, look_at
from toolbench.store import Run

STAGES = {
    "schema": "Calls are valid",
    "executed": "Executed anew alike",
    "goal": "Goal reached",
    "grounded": "Answer grounded",
}
"""What passing each evaluator means, in the order in which paths are held against them."""

FATES = ("kept", "passed", "failed", "lost", "unjudged")
"""What can become of a trace: kept by the curation; passed yet not kept; failed an evaluator; ended without a path; or
nobody has judged it."""


GUESSES: tuple[Answerer, ...] = ("made_up", "simulated")
"""Sources of answers that do not follow from what an API's description says."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, with its 95% Wilson interval."""

    passed: int
    total: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.passed / self.total if self.total else 0.0

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return wilson(self.passed, self.total)[0]

    @property
    def high(self) -> float:
        """The interval's upper end."""
        return wilson(self.passed, self.total)[1]

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {"passed": self.passed, "total": self.total, "rate": self.value, "interval": [self.low, self.high]}


@dataclass(slots=True)
class Stage:
    """A stage of the funnel."""

    name: str
    count: int = 0
    """What is left after it."""
    lost: Counter[str] = field(default_factory=Counter[str])
    """What fell at it, by reason."""
    unscored: int = 0
    """How many of those left it could not judge: real APIs answered."""


@dataclass(slots=True)
class Failure:
    """A way to fail."""

    kind: str
    count: int
    trace: str
    """The first trace that failed so."""
    said: str
    """What the user of that trace said."""
    detail: str
    """Why it failed, in a sentence."""


@dataclass(frozen=True, slots=True)
class TraceState:
    """A trace in a few figures."""

    id: str
    task: str
    kind: str
    said: str
    """What the user said first."""
    fate: str
    """One of `FATES`."""
    reason: str
    """Why it fell, in short; empty when it was kept."""
    nodes: int
    depth: int
    """Steps of the longest path."""
    backtracks: int
    """Branches beyond the first, over all nodes."""
    recovered: bool
    """Whether the path it hands out went through a failed call."""


@dataclass(slots=True)
class Statistics:
    """A run in figures."""

    name: str
    config: JsonObject
    tasks: int = 0
    asked: Asked = field(default_factory=Asked)
    """What the tasks are."""
    traces: list[TraceState] = field(default_factory=list[TraceState])
    judged: bool = False
    """Whether there are verdicts."""
    curated: bool = False
    """Whether there is a curation."""
    funnel: list[Stage] = field(default_factory=list[Stage])
    overall: Rate = field(default_factory=lambda: Rate(0, 0))
    unverified: int = 0
    """Passing traces that no execution could confirm: real APIs answered, or no gold is known."""
    by_kind: dict[str, Rate] = field(default_factory=dict[str, Rate])
    by_api: dict[str, Rate] = field(default_factory=dict[str, Rate])
    by_calls: dict[str, Rate] = field(default_factory=dict[str, Rate])
    """By the number of calls of the known solution."""
    failures: list[Failure] = field(default_factory=list[Failure])
    """The most frequent first."""
    usage: Usage = field(default_factory=Usage)
    teachers: Counter[str] = field(default_factory=Counter[str])
    """Traces by teacher."""
    answers: Counter[str] = field(default_factory=Counter[str])
    """Answers to calls, in all trees, by who gave them."""

    @property
    def guessed(self) -> Rate:
        """The share of answers that rest on a guess: made up, or simulated by a language model."""
        return Rate(sum(self.answers[source] for source in GUESSES), self.answers.total())

    @property
    def kept(self) -> int:
        """Traces that the curation keeps."""
        return sum(1 for state in self.traces if state.fate == "kept")

    @property
    def recovered(self) -> int:
        """Passing traces whose path went through a failed call."""
        return sum(1 for state in self.traces if state.recovered and state.fate in ("kept", "passed"))

    def shape(self, measure: str) -> tuple[float, int]:
        """Return the mean and the largest of a measure of the trees: `nodes`, `depth` or `backtracks`."""
        values: list[int] = [getattr(state, measure) for state in self.traces]
        return sum(values) / len(values), max(values)

    def as_json(self) -> JsonObject:
        """Return all of it."""
        rates = {"by_kind": self.by_kind, "by_api": self.by_api, "by_calls": self.by_calls}
        return {
            "config": self.config,
            "tasks": self.tasks,
            "asked": self.asked.as_json(),
            "judged": self.judged,
            "curated": self.curated,
            "kept": self.kept,
            "recovered": self.recovered,
            "funnel": [
                {"name": one.name, "count": one.count, "lost": one.lost, "unscored": one.unscored}
                for one in self.funnel
            ],
            "pass_rate": self.overall.as_json(),
            "unverified": self.unverified,
            **{name: {key: rate.as_json() for key, rate in held.items()} for name, held in rates.items()},
            "failures": [asdict(failure) for failure in self.failures],
            "usage": self.usage.model_dump(),
            "teachers": self.teachers,
            "answers": self.answers,
            "guessed": self.guessed.as_json(),
            "trees": {
                name: dict(zip(("mean", "max"), self.shape(name), strict=True))
                for name in ("nodes", "depth", "backtracks")
            },
            "traces": [asdict(state) for state in self.traces],
        }


def measure(run: Run) -> Statistics:
    """Return a run in figures. What is not there yet (verdicts, a curation) is left out.

    Raises:
        RunError: there is no run, or it does not hold together.
        WorkError: it has no traces.
    """
    run.require()
    counter = _Counter(run)
    for trace in run.traces:
        counter.add(trace)
    if not counter.statistics.traces:
        raise WorkError(f"{run.path}: no traces to report on. Make some with `toolbench generate {run.path}`.")
    return counter.finish()


class _Counter:
    """Gathers the figures, trace by trace."""

    def __init__(self, run: Run) -> None:
        self._tasks = {task.id: task for task in run.tasks}
        self._apis = {tool.name: tool.api for tool in run.tools}
        self._judgements = Judgements(run.verdicts)
        self._entries = _ledger(run)
        self._run = run
        self._passed: dict[tuple[str, str], list[bool]] = defaultdict(list)
        self._failures: dict[str, Failure] = {}
        self.statistics = Statistics(
            name=run.path.resolve().name,
            config=run.read_config() or {},
            tasks=len(self._tasks),
            judged=len(self._judgements) > 0,
            curated=bool(self._entries),
        )
        names = ["Answered", *(STAGES.values() if self.statistics.judged else ())]
        self._stages = [Stage("Tasks", len(self._tasks)), Stage("Traces"), *map(Stage, names)]

    def add(self, trace: Trace) -> None:
        """Count a trace."""
        task = self._tasks.get(trace.task)
        if task is None:
            hint = "The files of a run belong together; restore them."
            raise RunError(f"the trace {trace.id} belongs to no task", where=str(self._run.path), hint=hint)
        fault = self._judgements.fault(trace)
        self._walk(trace, fault)
        state = _state(trace, task, self._fate(trace, fault), self._reason(trace, fault))
        self.statistics.traces.append(state)
        self.statistics.usage = self.statistics.usage + trace.usage
        self.statistics.teachers[trace.provenance.teacher] += 1
        self.statistics.answers.update(seen.source for _, seen in exchanges(trace.nodes))
        self.statistics.unverified += fault is None and self._judgements.is_unverified(trace)
        for place in self._places(task):
            self._passed[place].append(fault is None)
        if fault and (trace.best is None or self.statistics.judged):
            known = self._failures.setdefault(fault.kind, Failure(fault.kind, 0, trace.id, state.said, fault.detail))
            known.count += 1

    def _walk(self, trace: Trace, fault: Fault | None) -> None:
        """Let a trace fall through the funnel as far as it gets."""
        _, traces, answered, *judges = self._stages
        traces.count += 1
        if trace.best is None:
            answered.lost[trace.outcome] += 1
            return
        answered.count += 1
        marks = self._judgements.marks(trace.id, trace.best)
        for evaluator, stage in zip(STAGES, judges, strict=False):
            if fault and fault.evaluator == evaluator:
                stage.lost[fault.kind] += 1
                return
            stage.count += 1
            stage.unscored += evaluator in marks and marks[evaluator].label == "unscored"

    def _fate(self, trace: Trace, fault: Fault | None) -> str:
        entry = self._entries.get(trace.id)
        if trace.best is None:
            return "lost"
        if not self._judgements.marks(trace.id, judged_leaf(trace)):
            return "unjudged"
        if fault:
            return "failed"
        return "kept" if entry and entry.kept else "passed"

    def _reason(self, trace: Trace, fault: Fault | None) -> str:
        entry = self._entries.get(trace.id)
        return fault.kind if fault else entry.reason if entry else ""

    def _places(self, task: Task) -> Iterable[tuple[str, str]]:
        """Yield the groups that a task belongs to. Its APIs are those its solution calls, not all of its world."""
        yield "all", ""
        yield "kind", task.kind
        if task.solution == "unknown":
            yield from (("api", api) for api in task.apis)
            return
        yield "calls", str(len(task.gold))
        apis = {self._apis[gold.call.tool] for gold in task.gold if gold.call.tool in self._apis}
        yield from (("api", api) for api in sorted(apis))

    def finish(self) -> Statistics:
        """Return the figures."""
        found = self.statistics
        found.asked = look_at(self._run, list(self._tasks.values()))
        if found.curated:
            duplicates = Counter(state.reason for state in found.traces if state.fate == "passed")
            self._stages.append(Stage("Kept", found.kept, duplicates))
        found.funnel = self._stages
        found.failures = sorted(self._failures.values(), key=lambda failure: (-failure.count, failure.kind))
        found.overall = _rate(self._passed["all", ""])
        found.by_kind, found.by_api = self._rates("kind"), self._rates("api")
        found.by_calls = self._rates("calls")
        return found

    def _rates(self, group: str) -> dict[str, Rate]:
        names = sorted((name for held, name in self._passed if held == group), key=lambda name: (len(name), name))
        names = names if group == "calls" else sorted(names)
        return {name: _rate(self._passed[group, name]) for name in names}


def _rate(passed: list[bool]) -> Rate:
    return Rate(sum(passed), len(passed))


def _ledger(run: Run) -> Mapping[str, selection.Entry]:
    try:
        return {entry.trace: entry for entry in selection.newest(run).entries()}
    except RunError:
        return {}


def _state(trace: Trace, task: Task, fate: str, reason: str) -> TraceState:
    children = Counter(node.parent for node in trace.nodes if node.parent is not None)
    depths = {0: 0}
    for node in trace.nodes[1:]:
        depths[node.id] = depths[node.parent or 0] + 1
    path = trace.path(judged_leaf(trace))
    seen = [seen.status for node in path if node.step for seen in node.step.observations]
    return TraceState(
        id=trace.id,
        task=task.id,
        kind=task.kind,
        said=task.turns[0].text,
        fate=fate,
        reason=reason,
        nodes=len(trace.nodes),
        depth=max(depths.values()),
        backtracks=sum(count - 1 for count in children.values()),
        recovered=any(status != "ok" for status in seen),
    )
