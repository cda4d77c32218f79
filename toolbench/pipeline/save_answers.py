"""Writing: what every trace of a run answers, for others' judges."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from toolbench import plugins
from toolbench.curation.judgements import Judgements
from toolbench.curation.rows import SPEECH, RowBuilder
from toolbench.errors import WorkError
from toolbench.exporters.base import AnswersExporter, Handed
from toolbench.model import JsonObject, Trace
from toolbench.store import Run, write_whole


@dataclass(slots=True)
class AnswersSummary:
    """What was written of a run's answers."""

    path: Path
    """The file."""
    format: str
    """Name of the format."""
    answers: int = 0
    """Traces written."""
    outcomes: Counter[str] = field(default_factory=Counter[str])
    """Of these, those without an answer, by how they ended."""


def save_answers(run: Run, format: str, folder: Path) -> AnswersSummary:  # noqa: A002
    """Write what the traces of a run answer, each under its task's id; further samples of a task have a number besides.

    All traces are written, judged or not: whoever judges them must not see a choice. A trace without an answer hands
    out the path that its search went last.

    Raises:
        PluginError: there is no such format.
        RunError: there is no run.
        WorkError: it has no traces.
    """
    run.require()
    exporter: AnswersExporter = plugins.load("exporters", format)()
    summary = AnswersSummary(folder / exporter.file, format)
    entries: dict[str, JsonObject] = {}
    for name, trace, handed in _handed(run):
        entries[name] = exporter.entry(handed)
        summary.outcomes.update([trace.outcome] if not handed.finished else [])
    summary.answers = len(entries)
    if not entries:
        raise WorkError(f"{run.path}: no traces to write. Make some with `toolbench generate {run.path}`.")
    write_whole(summary.path, orjson.dumps(entries, option=orjson.OPT_INDENT_2))
    return summary


def _handed(run: Run) -> Iterator[tuple[str, Trace, Handed]]:
    tasks = {task.id: task for task in run.tasks}
    builder = RowBuilder({tool.name: tool for tool in run.tools})
    judgements = Judgements(run.verdicts)
    for trace in run.traces:
        leaf = trace.leaves()[-1] if trace.best is None else trace.best
        row = builder.build(trace, leaf, tasks[trace.task], judgements.marks(trace.id, leaf))
        name = trace.task if trace.sample == 0 else f"{trace.task}-{trace.sample}"
        yield name, trace, Handed(row, trace.provenance.searcher, _is_answered(trace, leaf))


def _is_answered(trace: Trace, leaf: int) -> bool:
    """Tell whether a trace hands out a path, and it ends in words to the user."""
    step = trace.nodes[leaf].step
    return trace.best is not None and step is not None and step.kind in SPEECH
