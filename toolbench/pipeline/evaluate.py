"""Judging: every answered path of every trace, by every evaluator that has not judged it yet."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from toolbench import plugins
from toolbench.curation.judgements import (
    DEFAULT_EVALUATORS,
    MEASURES,
    NO_PATH,
    WHERE_KNOWN,
    Judgements,
    judged_leaf,
    wilson,
)
from toolbench.errors import RunError, WorkError
from toolbench.events import Sink, StageFinished, StageStarted, TraceJudged, ignore
from toolbench.model import Case, Evaluator, Replay, Replayer, Trace, Verdict
from toolbench.model.refusals import replayed
from toolbench.store import Run

T = TypeVar("T")


@dataclass(slots=True)
class EvaluationSummary:
    """How the traces of a run fare, each by the path its search hands out."""

    traces: int = 0
    """Traces of the run."""
    judged: int = 0
    """Paths judged just now."""
    passed: int = 0
    """Traces whose best path passes all evaluators."""
    unverified: int = 0
    """Of those that pass, how many no execution could confirm: real APIs answered, or no gold is known."""
    labels: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """Traces by evaluator and its label."""
    kinds: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """Traces that an evaluator did not pass, by evaluator and kind."""
    failures: Counter[str] = field(default_factory=Counter[str])
    """Traces that fall, by the first reason."""

    @property
    def rate(self) -> float:
        """The pass rate."""
        return self.passed / self.traces

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% Wilson interval of the pass rate."""
        return wilson(self.passed, self.traces)


def evaluate(
    run: Run,
    replayer: Replayer,
    *,
    evaluators: Sequence[str] | None = None,
    sink: Sink = ignore,
) -> EvaluationSummary:
    """Judge the answered paths of a run's traces and append the verdicts.

    What these versions of the evaluators have judged already is passed over. A trace that hands out no path fails for
    the way its search ended.

    Args:
        run: the run.
        replayer: what executes paths anew.
        evaluators: names of evaluators; None for those that must be passed and the measures, and where tasks name
            accepted calls `calls` besides.
        sink: where events go.

    Raises:
        PluginError: there is no such evaluator.
        RunError: there is no run, or it does not hold together.
        WorkError: the run has no traces.
    """
    run.require()
    started = time.monotonic()
    evaluators = _default(run) if evaluators is None else evaluators
    bench = _Bench(run, replayer, {name: plugins.load("evaluators", name)() for name in evaluators})
    sink(StageStarted("evaluate", len(run.traces.ids())))
    summary = EvaluationSummary()
    with run.verdicts.writer() as writer:
        for trace in run.traces:
            verdicts = list(bench.judge(trace))
            for verdict in verdicts:
                writer.add(verdict)
            summary.judged += len({verdict.leaf for verdict in verdicts})
            passed = _count(summary, bench.judgements, trace, evaluators)
            sink(TraceJudged(trace.id, passed))
    sink(StageFinished("evaluate", time.monotonic() - started))
    if not summary.traces:
        raise WorkError(f"{run.path}: no traces to judge. Make some with `toolbench generate {run.path}`.")
    return summary


def _default(run: Run) -> tuple[str, ...]:
    answered = any(task.accepted is not None for task in run.tasks)
    return (*DEFAULT_EVALUATORS, *MEASURES, *(WHERE_KNOWN if answered else ()))


def _count(summary: EvaluationSummary, judgements: Judgements, trace: Trace, evaluators: Sequence[str]) -> bool:
    """Count a trace; return whether it passes."""
    summary.traces += 1
    marks = judgements.marks(trace.id, judged_leaf(trace))
    for name in evaluators:
        summary.labels.setdefault(name, Counter())[marks[name].label] += 1
        if marks[name].label != "pass":
            summary.kinds.setdefault(name, Counter())[marks[name].kind] += 1
    fault = judgements.fault(trace, [name for name in evaluators if name not in (*WHERE_KNOWN, *MEASURES)])
    if fault:
        summary.failures[fault.kind] += 1
    else:
        summary.passed += 1
        summary.unverified += judgements.is_unverified(trace)
    return fault is None


class _Bench:
    """The evaluators, what they have said, and what a case is made of."""

    def __init__(self, run: Run, replayer: Replayer, evaluators: Mapping[str, Evaluator]) -> None:
        self._run, self._replayer, self._evaluators = run, replayer, evaluators
        self._tasks = {task.id: task for task in run.tasks}
        self._tools = {tool.name: tool for tool in run.tools}
        self.judgements = Judgements(run.verdicts)

    def judge(self, trace: Trace) -> Iterator[Verdict]:
        """Yield the verdicts that a trace lacks."""
        for verdict in self._judge(trace):
            self.judgements.add(verdict)
            yield verdict

    def _judge(self, trace: Trace) -> Iterator[Verdict]:
        if trace.best is None:
            for name, evaluator in self._lacking(trace, NO_PATH):
                yield _no_path(name, evaluator, trace)
        answered = {node.id for node in trace.nodes if node.status == "answered"}
        for leaf in sorted(answered if trace.best is None else answered | {trace.best}):
            if lacking := self._lacking(trace, leaf):
                case = self._case(trace, leaf)
                for name, evaluator in lacking:
                    yield evaluator.evaluate(case).model_copy(update={"evaluator": name})

    def _lacking(self, trace: Trace, leaf: int) -> list[tuple[str, Evaluator]]:
        marks = self.judgements.marks(trace.id, leaf)
        return [
            (name, evaluator)
            for name, evaluator in self._evaluators.items()
            if name not in marks or marks[name].version != evaluator.version
        ]

    def _case(self, trace: Trace, leaf: int) -> Case:
        task = self._find(self._tasks, trace.task, "task", trace)
        tools = {name: self._find(self._tools, name, "tool", trace) for name in trace.tools}
        path = trace.path(leaf)
        # What a real backend did cannot be done again; a recording would only repeat itself.
        replayer = self._replayer if trace.provenance.is_simulated else None
        replay = replayed(path, partial(replayer.replay, task)) if replayer else Replay((), (), ())
        return Case(task, trace.id, leaf, path, tools, replay, replayer)

    def _find(self, known: Mapping[str, T], name: str, kind: str, trace: Trace) -> T:
        if name not in known:
            raise RunError(
                f"the trace {trace.id} refers to the {kind} {name}, which the run does not hold",
                where=str(self._run.path),
                hint="The files of a run belong together; restore them.",
            )
        return known[name]


def _no_path(name: str, evaluator: Evaluator, trace: Trace) -> Verdict:
    return Verdict(
        evaluator=name,
        evaluator_version=evaluator.version,
        trace=trace.id,
        leaf=NO_PATH,
        label="fail",
        score=0.0,
        reason=f"the search ended as {trace.outcome}, without a path to hand out",
        kind=trace.outcome,
    )
