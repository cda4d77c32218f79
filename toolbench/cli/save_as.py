"""`toolbench save-as`: write a dataset in a trainer's format."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson, RunPath

if TYPE_CHECKING:
    from toolbench.pipeline.save_answers import AnswersSummary
    from toolbench.pipeline.save_trees import TreesSummary


@guarded
def command(
    run: RunPath,
    *,
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="FORMAT", help="`openai`, `trl`, `dpo`, `kto`, `stepwise`, …")
    ],
    name: Annotated[str | None, typer.Option(help="Name of the dataset.  [default: the format's]")] = None,
    as_json: AsJson = False,
) -> None:
    """Write what was kept, or what whole trees teach, as a dataset, every line read back and compared, with a card."""
    from toolbench.exporters.base import FIELDS
    from toolbench.pipeline.save_answers import AnswersSummary
    from toolbench.pipeline.save_as import save_as
    from toolbench.pipeline.save_trees import TreesSummary
    from toolbench.store import Run

    summary = save_as(Run(run), format_, name=name)
    if isinstance(summary, AnswersSummary):
        _tell_answers(summary, run, as_json=as_json)
        return
    if isinstance(summary, TreesSummary):
        _tell(summary, run, as_json=as_json)
        return
    figures = summary.figures
    if as_json:
        show_json(
            {
                "run": str(run),
                "path": str(summary.path),
                "format": summary.format,
                "rows": figures.rows,
                "messages": figures.messages,
                "trained": figures.trained,
                "masked": figures.masked,
                "verified": figures.verified,
                "live": figures.live,
                "tainted": figures.tainted,
                "kinds": figures.kinds,
                "losses": figures.losses,
            }
        )
        return
    typer.echo(f"{figures.rows} rows in {summary.path / 'train.jsonl'}, {figures.verified} of them verified.")
    for field, count in figures.losses.most_common():
        typer.echo(f"The format cannot carry {FIELDS[field]}: {count} rows hold some.")


def _tell(summary: "TreesSummary", run: Path, *, as_json: bool) -> None:
    """Say what was written of whole trees."""
    if as_json:
        show_json(
            {
                "run": str(run),
                "path": str(summary.path),
                "format": summary.format,
                "traces": summary.traces,
                "teaching": summary.teaching,
                "examples": summary.examples,
                "lines": summary.lines,
                "right": summary.right,
                "faults": dict(summary.faults),
            }
        )
        return
    faults = ", ".join(f"{count} {fault.replace('_', ' ')}" for fault, count in summary.faults.most_common())
    typer.echo(
        f"{summary.examples} examples from {summary.teaching} of {summary.traces} trees in "
        f"{summary.path / 'train.jsonl'}: {summary.right} right steps; wrong ones: {faults or 'none'}."
    )


def _tell_answers(summary: "AnswersSummary", run: Path, *, as_json: bool) -> None:
    """Say what was written of the answers."""
    if as_json:
        show_json(
            {
                "run": str(run),
                "path": str(summary.path),
                "format": summary.format,
                "answers": summary.answers,
                "without_answer": dict(summary.outcomes),
            }
        )
        return
    without = summary.outcomes.total()
    typer.echo(f"{summary.answers} answers, kept or not, in {summary.path}; {without} of them end without one.")
