"""Writing: the kept paths as a dataset in a trainer's format, each line read back and compared, with a card."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from toolbench import plugins
from toolbench._version import __version__
from toolbench.curation import selection
from toolbench.curation.judgements import Judgements
from toolbench.curation.rows import RowBuilder
from toolbench.errors import ConfigError, RunError, WorkError
from toolbench.exporters._card import Card, Figures, write_card
from toolbench.exporters.base import AnswersExporter, Exporter, TreeExporter
from toolbench.model import Row, Trace
from toolbench.pipeline.save_answers import AnswersSummary, save_answers
from toolbench.pipeline.save_trees import TreesSummary, save_trees
from toolbench.store import Run, write_whole


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """What was written."""

    path: Path
    """The dataset's folder."""
    format: str
    """Name of the format."""
    figures: Figures
    """What it holds."""


def save_as(run: Run, format: str, *, name: str | None = None) -> DatasetSummary | TreesSummary | AnswersSummary:  # noqa: A002
    """Write a run as `datasets/NAME/`: `train.jsonl`, `provenance.jsonl` and `README.md`.

    Formats of conversations hold the paths that its newest curation keeps; formats of examples (pairs of steps,
    labelled steps) what its judged trees teach, curated or not; formats of answers what every trace answers, for
    others to judge.

    Args:
        run: the run.
        format: name of an exporter.
        name: the dataset's name; the format's by default.

    Raises:
        ConfigError: the name is no file name.
        PluginError: there is no such format.
        RunError: there is no run, it was not curated, or it does not hold together.
        WorkError: there is no row, or one did not survive the format.
    """
    run.require()
    folder = run.path / "datasets" / _file_name(name or format.replace(":", "-"))
    kind = plugins.load("exporters", format)
    if issubclass(kind, AnswersExporter):
        return save_answers(run, format, folder)
    return save_trees(run, format, folder) if issubclass(kind, TreeExporter) else _save_rows(run, format, folder)


def _save_rows(run: Run, format: str, folder: Path) -> DatasetSummary:  # noqa: A002
    exporter: Exporter = plugins.load("exporters", format)()
    chosen = selection.newest(run)
    figures = Figures()
    lines: list[bytes] = []
    origins: list[bytes] = []
    for trace, row in _rows(run, chosen):
        written = _written(exporter, row)
        figures.add(row, trace.provenance, exporter.losses(row))
        lines += written
        origin = {"trace": row.trace, "leaf": row.leaf, **row.meta.model_dump(mode="json")}
        origins += [orjson.dumps(origin)] * len(written)
    if not figures.rows:
        raise WorkError(f"{chosen.path}: no path was kept, so there is nothing to write")
    write_whole(folder / "provenance.jsonl", _joined(origins))
    write_whole(folder / "README.md", _card(folder.name, format, exporter, figures, chosen).encode())
    write_whole(folder / "train.jsonl", _joined(lines))
    return DatasetSummary(folder, format, figures)


def _file_name(name: str) -> str:
    if Path(name).name != name or name == "..":
        raise ConfigError(f"{name!r} cannot name a dataset", hint="Give a name without slashes.")
    return name


def _rows(run: Run, chosen: selection.Selection) -> Iterator[tuple[Trace, Row]]:
    """Yield the kept paths as rows, in the order of the run."""
    kept = chosen.kept()
    tasks = {task.id: task for task in run.tasks}
    builder = RowBuilder({tool.name: tool for tool in run.tools})
    judgements = Judgements(run.verdicts)
    for trace in run.traces:
        leaf = kept.pop(trace.id, None)
        if leaf is None:
            continue
        row = builder.build(trace, leaf, tasks[trace.task], judgements.marks(trace.id, leaf))
        if problems := builder.problems(row):
            raise WorkError(f"{run.path}: the row of {trace.id} is not whole: {problems[0]}")
        yield trace, row
    if kept:
        missing = next(iter(kept))
        hint = f"Run `toolbench curate {run.path}` again."
        raise RunError(f"the curation keeps {missing}, which the run does not hold", where=str(chosen.path), hint=hint)


def _written(exporter: Exporter, row: Row) -> list[bytes]:
    """Return a row's lines, after reading them back from their bytes."""
    lines = [orjson.dumps(line) for line in exporter.rows(row)]
    if problems := exporter.check(row, [orjson.loads(line) for line in lines]):
        raise WorkError(f"the row of {row.trace} did not survive the format: {problems[0]}")
    return lines


def _card(name: str, format: str, exporter: Exporter, figures: Figures, chosen: selection.Selection) -> str:  # noqa: A002
    fates = Counter(entry.reason for entry in chosen.entries())
    traces = fates.total()
    del fates[""]
    card = Card(
        name=name,
        format=format,
        summary=plugins.names("exporters").get(format, ""),
        note=exporter.note,
        code=__version__,
        figures=figures,
        traces=traces,
        rejected=fates,
        config=chosen.config(),
    )
    return write_card(card)


def _joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
