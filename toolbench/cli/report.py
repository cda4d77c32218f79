"""`toolbench report`: what a run came to, on one page; or several runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.report.statistics import Statistics
    from toolbench.store import Run


@guarded
def command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folder of the run; several are compared.")],
    *,
    html: Annotated[
        Path | None,
        typer.Option(help="Where to write the page.  [default: RUN/report.html, or RUN/comparison.html of the first]"),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Where to write a summary for a pull request, in Markdown.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page on a run (funnel, pass rate, failures, search trees, conversations) and print its figures.

    Of several runs the page has the figures side by side, and the difference on the tasks that they share.
    """
    from toolbench.report.statistics import measure
    from toolbench.store import Run

    opened = [Run(path) for path in runs]
    measured = [measure(run) for run in opened]
    if len(runs) == 1:
        _one(opened[0], measured[0], html, markdown, as_json=as_json)
    else:
        _several(runs, measured, html, markdown, as_json=as_json)


def _one(run: "Run", statistics: "Statistics", html: Path | None, markdown: Path | None, *, as_json: bool) -> None:
    from toolbench.report.html import write_html
    from toolbench.report.markdown import as_markdown
    from toolbench.report.text import as_text, sample_conversation
    from toolbench.store import write_whole

    target = html or run.path / "report.html"
    write_html(run, statistics, target)
    if markdown:
        write_whole(markdown, as_markdown(statistics).encode())
    if as_json:
        show_json({"run": str(run.path), "html": str(target), **statistics.as_json()})
        return
    typer.echo(as_text(statistics))
    if conversation := sample_conversation(run, statistics):
        typer.echo(conversation)
    for dataset in sorted((run.path / "datasets").glob("*/train.jsonl")):
        typer.echo(f"The data set: {dataset}")
    _tell(target, markdown)


def _several(
    runs: list[Path], measured: "list[Statistics]", html: Path | None, markdown: Path | None, *, as_json: bool
) -> None:
    from toolbench.report.comparison import compare, page
    from toolbench.report.markdown import comparison_as_markdown
    from toolbench.report.text import comparison_as_text
    from toolbench.store import write_whole

    names = [statistics.name for statistics in measured]
    comparison = compare(measured, names if len(set(names)) == len(names) else [str(path) for path in runs])
    target = html or runs[0] / "comparison.html"
    write_whole(target, page(comparison).encode())
    if markdown:
        write_whole(markdown, comparison_as_markdown(comparison).encode())
    if as_json:
        show_json({"html": str(target), **comparison.as_json()})
        return
    typer.echo(comparison_as_text(comparison))
    _tell(target, markdown)


def _tell(html: Path, markdown: Path | None) -> None:
    if markdown:
        typer.echo(f"The summary: {markdown}")
    typer.echo(f"The page: {html}")
