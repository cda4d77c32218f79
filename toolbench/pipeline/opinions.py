"""A judge's opinions of a run: the path that each trace hands out, judged on the trace alone."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolbench.curation.judgements import NO_PATH, judged_leaf, wilson
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import RunError, WorkError
from toolbench.events import Sink, StageFinished, StageStarted, TraceJudged, ignore
from toolbench.judging.answer import Answer, answer_of
from toolbench.judging.rates import UNKNOWN, Rate, pass_rate, solvable_pass_rate
from toolbench.judging.rules import written
from toolbench.judging.tooleval import ToolEval, outlook, version
from toolbench.model import JsonObject, Task, Tool, Trace, Verdict, Vote
from toolbench.pipeline.judges import JudgeChoice, open_judge
from toolbench.store import Run

PASSING = ("no_answer:", "timed_out:")
"""What a vote begins with that may fare better when it is asked again."""


@dataclass(slots=True)
class OpinionSummary:
    """What a judge thinks of a run, each trace by the path its search hands out."""

    evaluator: str
    """Name under which the verdicts stand."""
    votes: int
    """Votes on each answer."""
    traces: int = 0
    judged: int = 0
    """Answers judged just now."""
    heard: int = 0
    """Answers of which a vote could be read."""
    labels: Counter[str] = field(default_factory=Counter[str])
    """Traces by label; `unscored` passes neither nor fails."""
    kinds: Counter[str] = field(default_factory=Counter[str])
    """Traces that do not pass, by kind."""
    silent: Counter[str] = field(default_factory=Counter[str])
    """Votes that could not be read, by why."""
    pass_rate: Rate = UNKNOWN
    solvable_pass_rate: Rate = UNKNOWN

    @property
    def scored(self) -> int:
        """Traces that pass or fail."""
        return self.labels["pass"] + self.labels["fail"]

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "evaluator": self.evaluator,
            "votes": self.votes,
            "traces": self.traces,
            "judged": self.judged,
            "labels": self.labels,
            "kinds": self.kinds,
            "silent_votes": self.silent,
            "pass_rate": {**self.pass_rate.as_json(), "interval": list(wilson(self.labels["pass"], self.scored))},
            "solvable_pass_rate": self.solvable_pass_rate.as_json(),
        }


def judge_run(run: Run, choice: JudgeChoice, *, sink: Sink = ignore) -> OpinionSummary:
    """Have a judge vote on the path that each trace of a run hands out, and append the verdicts.

    What it has judged already by the same rules, prompts and number of votes is passed over, but for votes that the
    endpoint failed to give. A trace that hands out no path fails unasked, as the rules have it.

    Raises:
        RunError: there is no run, or it does not hold together.
        UnreachableError: the judge's endpoint cannot be reached, or refuses us.
        WorkError: the run has no traces, or none of them could be judged.
    """
    run.require()
    started = time.monotonic()
    sink(StageStarted("judge", len(run.traces.ids())))
    summary = run_loop(_judge(run, choice, sink))
    sink(StageFinished("judge", time.monotonic() - started))
    if not summary.traces:
        raise WorkError(f"{run.path}: no traces to judge. Make some with `toolbench generate {run.path}`.")
    if summary.silent and not summary.heard:
        raise WorkError(f"{choice.name} judged none of {summary.traces} traces: {told(summary.silent)}")
    return summary


def told(counts: Counter[str]) -> str:
    """Return counts in words, the highest first."""
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counts.most_common())


async def _judge(run: Run, choice: JudgeChoice, sink: Sink) -> OpinionSummary:
    async with open_judge(choice, run.journal_path) as judge:
        tooleval = ToolEval(judge)
        summary = OpinionSummary(tooleval.name, choice.votes)
        bench = _Bench(run, tooleval, choice.votes)
        everything: list[Sequence[Vote]] = []
        with run.verdicts.writer() as writer:
            async for verdict, is_new in run_ordered(run.traces, bench.judge, concurrency=choice.concurrency):
                if is_new:
                    writer.add(verdict)
                summary.judged += is_new
                everything.append(verdict.votes)
                _count(summary, verdict)
                sink(TraceJudged(verdict.trace, verdict.label == "pass"))
    summary.pass_rate, summary.solvable_pass_rate = pass_rate(everything), solvable_pass_rate(everything)
    return summary


def _count(summary: OpinionSummary, verdict: Verdict) -> None:
    summary.traces += 1
    summary.heard += verdict.leaf != NO_PATH and any(vote.ruling for vote in verdict.votes)
    summary.labels[verdict.label] += 1
    if verdict.label != "pass":
        summary.kinds[verdict.kind] += 1
    summary.silent += silence_of(verdict.votes)


class Answers:
    """The answers of a run, as a judge is shown them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._tasks = {task.id: task for task in run.tasks}
        self._tools = {tool.name: tool for tool in run.tools}

    def of(self, trace: Trace, leaf: int) -> Answer:
        """Return what a judge is shown of a path.

        Raises:
            RunError: the run does not hold the trace's task.
        """
        return answer_of(self.task(trace), trace.path(leaf), self.tools(trace))

    def task(self, trace: Trace) -> Task:
        """Return a trace's task."""
        if trace.task not in self._tasks:
            hint = "The files of a run belong together; restore them."
            where = str(self._run.path)
            raise RunError(
                f"the trace {trace.id} refers to the task {trace.task}, which the run does not hold",
                where=where,
                hint=hint,
            )
        return self._tasks[trace.task]

    def tools(self, trace: Trace) -> Mapping[str, Tool]:
        """Return the tools that a trace offers, by name."""
        return {name: self._tools[name] for name in trace.tools if name in self._tools}


class _Bench:
    """A judge, what it has said, and what it is shown."""

    def __init__(self, run: Run, tooleval: ToolEval, votes: int) -> None:
        self._tooleval, self._votes, self._version = tooleval, votes, version(votes)
        self._answers = Answers(run)
        self._known = {
            (one.trace, one.leaf): one
            for one in run.verdicts
            if (one.evaluator, one.evaluator_version) == (tooleval.name, self._version)
        }

    async def judge(self, trace: Trace) -> tuple[Verdict, bool]:
        """Return the verdict on a trace, and whether it is new."""
        leaf = judged_leaf(trace)
        known = self._known.get((trace.id, leaf))
        if known is not None and not any(vote.reason.startswith(PASSING) for vote in known.votes if not vote.ruling):
            return known, False
        if trace.best is None:
            return self._lost(trace), True
        answer = self._answers.of(trace, leaf)
        votes = await votes_on(self._tooleval, answer, self._votes)
        found = outlook(votes)
        return (
            Verdict(
                evaluator=self._tooleval.name,
                evaluator_version=self._version,
                trace=trace.id,
                leaf=leaf,
                label=found.label,
                score=found.score,
                reason=found.reason,
                kind=found.kind,
                votes=votes,
            ),
            True,
        )

    def _lost(self, trace: Trace) -> Verdict:
        """Return the verdict on a trace that hands out no path."""
        reason = f"the search ended as {trace.outcome}, without a path to hand out"
        vote = Vote(label="fail", reason=reason, ruling=written(("Unsolved", "Solvable")))
        return Verdict(
            evaluator=self._tooleval.name,
            evaluator_version=self._version,
            trace=trace.id,
            leaf=judged_leaf(trace),
            label="fail",
            score=0.0,
            reason=reason,
            kind=trace.outcome,
            votes=(vote,) * self._votes,
        )


@dataclass(slots=True)
class AllVotes:
    """A judge's votes on many answers."""

    judge: str
    votes: list[tuple[Vote, ...]]
    """For each answer, in their order."""

    @property
    def pass_rate(self) -> Rate:
        """The pass rate."""
        return pass_rate(self.votes)

    @property
    def solvable_pass_rate(self) -> Rate:
        """The share solved of the tasks that can be."""
        return solvable_pass_rate(self.votes)

    @property
    def silent(self) -> Counter[str]:
        """Votes that could not be read, by why."""
        return silence_of(vote for votes in self.votes for vote in votes)

    def as_json(self) -> JsonObject:
        """Return all of it but the votes."""
        return {
            "judge": self.judge,
            "pass_rate": self.pass_rate.as_json(),
            "solvable_pass_rate": self.solvable_pass_rate.as_json(),
            "silent_votes": self.silent,
        }


def silence_of(votes: Iterable[Vote]) -> Counter[str]:
    """Return how many votes could not be read, by why."""
    return Counter(vote.reason.partition(":")[0] for vote in votes if not vote.ruling)


def judge_all(answers: Sequence[Answer], choice: JudgeChoice, journal: Path | None) -> AllVotes:
    """Return a judge's votes on answers.

    Args:
        answers: the answers.
        choice: who judges.
        journal: where what it says is kept; None for nowhere.

    Raises:
        UnreachableError: the judge's endpoint cannot be reached, or refuses us.
    """

    async def ask() -> list[tuple[Vote, ...]]:
        async with open_judge(choice, journal) as judge:
            tooleval = ToolEval(judge)
            results = run_ordered(
                answers, lambda one: votes_on(tooleval, one, choice.votes), concurrency=choice.concurrency
            )
            return [votes async for votes in results]

    return AllVotes(choice.name, run_loop(ask()))


async def votes_on(tooleval: ToolEval, answer: Answer, count: int) -> tuple[Vote, ...]:
    """Return so many votes on an answer."""
    return tuple([await tooleval.vote(answer, sample) for sample in range(count)])
