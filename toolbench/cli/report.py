"""`toolbench report`: what a run came to, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson, RunPath


@guarded
def command(
    run: RunPath,
    *,
    html: Annotated[Path | None, typer.Option(help="Where to write the page.  [default: RUN/report.html]")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page on a run (funnel, pass rate, failures, search trees, conversations) and print its figures."""
    from toolbench.report.html import write_html
    from toolbench.report.statistics import measure
    from toolbench.report.text import as_text, sample_conversation
    from toolbench.store import Run

    opened = Run(run)
    statistics = measure(opened)
    target = html or run / "report.html"
    write_html(opened, statistics, target)
    if as_json:
        show_json({"run": str(run), "html": str(target), **statistics.as_json()})
        return
    typer.echo(as_text(statistics))
    if conversation := sample_conversation(opened, statistics):
        typer.echo(conversation)
    for dataset in sorted((run / "datasets").glob("*/train.jsonl")):
        typer.echo(f"The data set: {dataset}")
    typer.echo(f"The page: {target}")
