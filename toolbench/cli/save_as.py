"""`toolbench save-as`: write a dataset in a trainer's format."""

from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson, RunPath


@guarded
def command(
    run: RunPath,
    *,
    format_: Annotated[str, typer.Option("-f", "--format", metavar="FORMAT", help="`openai`, `trl`, …")],
    name: Annotated[str | None, typer.Option(help="Name of the dataset.  [default: the format's]")] = None,
    as_json: AsJson = False,
) -> None:
    """Write what was kept as a dataset, every line read back and compared, with a dataset card."""
    from toolbench.exporters.base import FIELDS
    from toolbench.pipeline.save_as import save_as
    from toolbench.store import Run

    summary = save_as(Run(run), format_, name=name)
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
