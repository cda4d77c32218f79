"""`toolbench save-as`: write a dataset in a trainer's format."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._kit import KitFile, load_config
from toolbench.cli._options import AsJson, is_run

if TYPE_CHECKING:
    from toolbench.pipeline.save_answers import AnswersSummary
    from toolbench.pipeline.save_records import Saved
    from toolbench.pipeline.save_trees import TreesSummary


@guarded
def command(
    what: Annotated[
        list[Path], typer.Argument(metavar="RUN|FILE…", help="Folder of a run; or files and folders of created data.")
    ],
    *,
    format_: Annotated[
        str | None,
        typer.Option(
            "-f",
            "--format",
            metavar="FORMAT",
            help="Of a RUN: `openai`, `trl`, `dpo`, `kto`, `stepwise`, …; of files: `jsonl` (the default), `alpaca`,"
            " `ft`, `chatml`, `openai`, `trl`.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of a RUN: name of the dataset.  [default: the format's]")] = None,
    storage: Annotated[
        str, typer.Option(help="Of files: `json`, or `hf` for Parquet that `datasets.load_dataset` opens.")
    ] = "json",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR|FILE", help="Of files: where to write to.")
    ] = None,
    config: KitFile = None,
    as_json: AsJson = False,
) -> None:
    """Write what was kept as a dataset: of runs every line is read back and compared, and whole trees teach, too."""
    if is_run(what):
        _save_run(what[0], format_, name, as_json=as_json)
        return
    from toolbench.pipeline.save_records import save_records

    settings = load_config(config)
    saved = save_records(
        what,
        format_ or settings.format.default,
        output or settings.paths.output.final,
        storage=storage,
        pretty=settings.format.pretty_json,
    )
    if as_json:
        show_json([_json(one) for one in saved])
        return
    for one in saved:
        _tell_saved(one)


def _json(one: "Saved") -> object:
    return {
        "source": one.source,
        "path": str(one.path),
        "rows": one.rows,
        "left_out": one.left_out,
        "not_carried": one.uncarried,
        "json_columns": one.as_text,
    }


def _tell_saved(one: "Saved") -> None:
    typer.echo(f"{one.source}: {one.rows} rows in {one.path}" if one.rows else f"{one.source}: nothing to write")
    for why, count in one.left_out.most_common():
        typer.echo(f"  {count:>6}  left out: no place for {why.replace('_', ' ')}")
    for field, count in one.uncarried.most_common():
        typer.echo(f"  {count:>6}  rows whose `{field}` the format does not carry")
    for column in one.as_text:
        typer.echo(f"  The column `{column}` is JSON text: its values are of several types.")


def _save_run(run: Path, format_: str | None, name: str | None, *, as_json: bool) -> None:
    from toolbench.errors import InputError
    from toolbench.exporters.base import FIELDS
    from toolbench.pipeline.save_answers import AnswersSummary
    from toolbench.pipeline.save_as import save_as
    from toolbench.pipeline.save_trees import TreesSummary
    from toolbench.store import Run

    if format_ is None:
        raise InputError("no format is named", where=str(run), hint="Name one: `-f trl`.")
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
