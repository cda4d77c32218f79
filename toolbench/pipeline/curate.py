"""Choosing: the paths that pass, each task once, and a ledger of why the others fell."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolbench.curation.duplicates import Duplicates
from toolbench.curation.judgements import DEFAULT_EVALUATORS, Judgements, judged_leaf
from toolbench.curation.rows import RowBuilder, exchanges
from toolbench.curation.selection import Entry, write
from toolbench.errors import ConfigError, RunError, WorkError
from toolbench.model import JsonObject, Task, Trace
from toolbench.store import Run

RULES = 1
"""Version of the rules of curation: part of the configuration's digest."""


@dataclass(frozen=True, slots=True)
class CurationSummary:
    """What was kept."""

    path: Path
    """The curation's folder."""
    traces: int
    """Traces looked at."""
    kept: int
    """Traces kept."""
    unverified: int = 0
    """Of those kept, how many no execution could confirm: real APIs answered, or no gold is known."""
    rejected: dict[str, int] = field(default_factory=dict[str, int])
    """Traces that fell, by reason, the most frequent first."""


def curate(
    run: Run,
    *,
    evaluators: Sequence[str] = DEFAULT_EVALUATORS,
    similarity: float = 0.8,
    min_confidence: float = 0.0,
    tainted: bool = False,
) -> CurationSummary:
    """Keep the best path of each trace that passes all these evaluators, unless an earlier one says the same.

    Args:
        run: the run; its traces must have been judged.
        evaluators: names of the evaluators.
        similarity: Jaccard similarity from which a masked instruction counts as the same.
        min_confidence: least confidence, 0 to 1, in the task and in each answer on the path; what rests on less falls.
        tainted: whether to keep paths on a real backend that another branch had written to.

    Raises:
        ConfigError: the similarity or the confidence is out of range.
        RunError: there is no run, or it has not been judged.
        WorkError: nothing was kept; the ledger says why.
    """
    run.require()
    if not 0 < similarity <= 1:
        raise ConfigError(f"the similarity is {similarity:g}", hint="It must be over 0 and at most 1.")
    if not 0 <= min_confidence <= 1:
        raise ConfigError(f"the least confidence is {min_confidence:g}", hint="It must be 0 to 1.")
    judgements = Judgements(run.verdicts)
    if not len(judgements):
        hint = f"First run `toolbench evaluate {run.path}`."
        raise RunError("its traces have not been judged", where=str(run.path), hint=hint)
    config: JsonObject = {
        "rules": RULES,
        "evaluators": list(evaluators),
        "similarity": similarity,
        "min_confidence": min_confidence,
    }
    config |= {"tainted": True} if tainted else {}
    duplicates = Duplicates(similarity)
    chooser = _Chooser(run, judgements, evaluators, duplicates, min_confidence, keep_tainted=tainted)
    entries = list(chooser.entries())
    selection = write(run, config, entries)
    reasons = Counter(entry.reason for entry in entries if not entry.kept)
    kept = len(entries) - reasons.total()
    if not kept:
        worst = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common(3))
        raise WorkError(f"none of {len(entries)} traces was kept: {worst}; see {selection.path / 'ledger.jsonl'}")
    return CurationSummary(selection.path, len(entries), kept, chooser.unverified, dict(reasons.most_common()))


class _Chooser:
    """Decides, trace by trace, in the order of the run."""

    def __init__(
        self,
        run: Run,
        judgements: Judgements,
        evaluators: Sequence[str],
        duplicates: Duplicates,
        min_confidence: float,
        *,
        keep_tainted: bool,
    ) -> None:
        self._run, self._judgements, self._evaluators, self._duplicates = run, judgements, evaluators, duplicates
        self._min_confidence, self._keep_tainted = min_confidence, keep_tainted
        self.unverified = 0
        self._tasks = {task.id: task for task in run.tasks}
        self._builder = RowBuilder({tool.name: tool for tool in run.tools})

    def entries(self) -> Iterator[Entry]:
        """Yield what becomes of each trace."""
        for trace in self._run.traces:
            reason, detail = self._reason(trace)
            self.unverified += not reason and self._judgements.is_unverified(trace)
            yield Entry(trace.id, trace.task, trace.best, not reason, reason, detail)

    def _reason(self, trace: Trace) -> tuple[str, str]:
        """Return why a trace falls, in short and in a sentence; both empty when it is kept."""
        if fault := self._judgements.fault(trace, self._evaluators):
            return fault.kind, fault.detail
        if trace.nodes[judged_leaf(trace)].tainted and not self._keep_tainted:
            return "tainted", "another branch of its tree had written to the real backend before"
        task = self._tasks[trace.task]
        if guess := self._guess(trace, task):
            return "low_confidence", guess
        if problems := self._row_problems(trace, judged_leaf(trace), task):
            return "bad_row", "; ".join(problems)
        same = self._duplicates.add(trace.id, task)
        return (same.kind, f"{same.similarity:.0%} like {same.of}") if same else ("", "")

    def _guess(self, trace: Trace, task: Task) -> str:
        """Return in a sentence what of a trace is less sure than it must be; empty where nothing is."""
        if task.confidence < self._min_confidence:
            return f"what the task's calls do is inferred with confidence {task.confidence:g}"
        for place, (call, seen) in enumerate(exchanges(trace.path(judged_leaf(trace))), 1):
            if seen.confidence < self._min_confidence:
                source = seen.source.replace("_", " ")
                return f"the answer to call {place} ({call.tool}) has confidence {seen.confidence:g} ({source})"
        return ""

    def _row_problems(self, trace: Trace, leaf: int, task: Task) -> list[str]:
        row = self._builder.build(trace, leaf, task, self._judgements.marks(trace.id, leaf))
        return self._builder.problems(row)
