"""Writing: what whole trees teach, as a dataset in a trainer's format, each line read back, with a card."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from toolbench import plugins
from toolbench.curation.judgements import Judgements
from toolbench.curation.labels import label
from toolbench.curation.preferences import ExampleBuilder
from toolbench.curation.rows import RowBuilder
from toolbench.errors import RunError, WorkError
from toolbench.exporters._tree_card import tree_card
from toolbench.exporters.base import TreeExporter
from toolbench.model import JsonObject, Trace
from toolbench.model.example import LabelledPath, Pair
from toolbench.pipeline.config import run_config
from toolbench.pipeline.opening import make_searcher
from toolbench.store import Run, write_whole


@dataclass(slots=True)
class TreesSummary:
    """What was written of whole trees."""

    path: Path
    """The dataset's folder."""
    format: str
    """Name of the format."""
    traces: int = 0
    """Trees looked at: those whose calls ran in the simulation, where what is right was verified."""
    teaching: int = 0
    """Of these, how many gave an example."""
    examples: int = 0
    """Pairs, or labelled paths."""
    lines: int = 0
    """Lines written."""
    right: int = 0
    """Right steps in them."""
    faults: Counter[str] = field(default_factory=Counter[str])
    """Wrong steps in them, by fault."""
    teachers: Counter[str] = field(default_factory=Counter[str])
    """Examples by teacher."""


def save_trees(run: Run, format: str, folder: Path) -> TreesSummary:  # noqa: A002
    """Write what the trees of a judged run teach as `train.jsonl`, `provenance.jsonl` and `README.md` of a folder.

    Raises:
        PluginError: there is no such format.
        RunError: there is no run, or its traces have not been judged.
        WorkError: the trees teach nothing of the kind, or an example did not survive the format.
    """
    run.require()
    exporter: TreeExporter[Pair] | TreeExporter[LabelledPath] = plugins.load("exporters", format)()
    summary = TreesSummary(folder, format)
    lines: list[bytes] = []
    origins: list[bytes] = []
    for example in _examples(run, exporter, summary):
        made = [orjson.dumps(line) for line in exporter.lines(example)]  # pyright: ignore[reportArgumentType]
        back = [orjson.loads(line) for line in made]
        if problems := exporter.check(example, back):  # pyright: ignore[reportArgumentType]
            raise WorkError(f"an example of {example.trace} did not survive the format: {problems[0]}")
        lines += made
        origins += [orjson.dumps(_origin(example))] * len(made)
        _count(summary, example, len(made))
    if not summary.examples:
        raise WorkError(f"{run.path}: no tree has a right and a wrong step that teach something in this format")
    write_whole(folder / "provenance.jsonl", _joined(origins))
    described = plugins.names("exporters")[format]
    write_whole(folder / "README.md", tree_card(folder.name, format, described, exporter.note, summary).encode())
    write_whole(folder / "train.jsonl", _joined(lines))
    return summary


def _examples(
    run: Run, exporter: TreeExporter[Pair] | TreeExporter[LabelledPath], summary: TreesSummary
) -> Iterator[Pair | LabelledPath]:
    judgements = Judgements(run.verdicts)
    if not len(judgements):
        hint = f"First run `toolbench evaluate {run.path}`."
        raise RunError("its traces have not been judged", where=str(run.path), hint=hint)
    width = _width(run)
    tasks = {task.id: task for task in run.tasks}
    builder = ExampleBuilder(RowBuilder({tool.name: tool for tool in run.tools}))
    for trace in filter(_is_verifiable, run.traces):
        labels = label(trace, judgements, width)
        make = builder.pairs if exporter.takes is Pair else builder.paths
        found = list(make(trace, tasks[trace.task], labels))
        summary.traces += 1
        summary.teaching += bool(found)
        yield from found


def _width(run: Run) -> int | None:
    """Return how many steps the run's searcher tries from a place; None where it does not branch."""
    return getattr(make_searcher(run_config(run.path, {})), "width", None)


def _is_verifiable(trace: Trace) -> bool:
    return trace.provenance.is_simulated


def _origin(example: Pair | LabelledPath) -> JsonObject:
    where = {"trace": example.trace, "leaf": example.leaf, **example.origin.model_dump(mode="json")}
    if isinstance(example, Pair):
        return {**where, "chosen": example.chosen_node, "rejected": example.rejected_node, "fault": example.fault}
    return where


def _count(summary: TreesSummary, example: Pair | LabelledPath, lines: int) -> None:
    summary.examples += 1
    summary.lines += lines
    summary.teachers[example.origin.teacher] += 1
    if isinstance(example, Pair):
        summary.right += 1
        summary.faults[example.fault] += 1
        return
    summary.right += sum(step.right for step in example.steps)
    summary.faults.update(step.fault for step in example.steps if step.fault)


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
