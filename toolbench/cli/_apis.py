"""Doc-in-context data on the command line: how it is made, and how answers to it fare."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from toolbench.cli._common import show_json

if TYPE_CHECKING:
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.create_apis import ApiSummary
    from toolbench.pipeline.evaluate_apis import ApiEvaluation

MOST = 12
"""Reasons that are told."""


def create(
    sources: list[str],
    apis: str | None,
    count: int | None,
    seed: int,
    options: dict[str, Any],
    choice: "ModelChoice | None",
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Create a doc-in-context data set, and say what became of it; exit 1 where rows are missing.

    Raises:
        ToolbenchError: it cannot be done.
    """
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.create_apis import api_wishes, create_apis

    names = tuple(filter(None, (part.strip() for part in (apis or "").split(","))))
    wishes = api_wishes(names, sources, count, seed, options)
    with ProgressBar() as bar:
        summary = create_apis(wishes, folder, choice=choice, sink=bar)
    show_json(summary.as_json()) if as_json else _tell(summary)
    if summary.short or summary.raft < summary.raft_wanted:
        raise typer.Exit(1)


def _tell(summary: "ApiSummary") -> None:
    typer.echo(f"{summary.rows} rows of {summary.wanted} wanted, over {summary.apis} of {summary.documents} documents.")
    others = "; the others:" if summary.dropped else "."
    typer.echo(f"{summary.kept:.1%} of {summary.tried} instructions tried were kept{others}")
    for reason, count in summary.dropped.most_common(MOST):
        typer.echo(f"  {count:>6}  {reason}")
    for done, count in summary.problems.most_common(MOST):
        typer.echo(f"  {count:>6}  documents: {done}")
    for name, count in summary.short.items():
        typer.echo(f"Missing are {count} rows of the condition {name}.")
    if summary.raft_wanted:
        typer.echo(f"RAFT: {summary.raft} rows of {summary.raft_wanted} wanted.")
    typer.echo(f"Written to {summary.folder}: rows.jsonl, gorilla.jsonl, openai.jsonl, retrieval/, problems.jsonl.")


def create_of_documents(
    sources: list[str],
    count: int | None,
    seed: int,
    options: dict[str, Any],
    choice: "ModelChoice | None",
    folder: Path,
    *,
    as_json: bool,
) -> None:
    """Create RAFT rows of documents, and say what became of it; exit 1 where rows are missing.

    Raises:
        ToolbenchError: it cannot be done.
    """
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.create_raft import create_raft, raft_wishes

    wishes = raft_wishes(sources, count, seed, options)
    with ProgressBar() as bar:
        summary = create_raft(wishes, folder, choice=choice, sink=bar)
    if as_json:
        show_json(summary.as_json())
    else:
        typer.echo(f"{summary.rows} rows of {summary.wanted} wanted, of {summary.pieces} pieces of documents.")
        typer.echo(f"The right piece is shown in {summary.with_oracle}. {summary.asked} questions were tried.")
        for reason, number in summary.dropped.most_common(MOST):
            typer.echo(f"  {number:>6}  {reason}")
        typer.echo(f"Written to {summary.folder}: raft.jsonl, openai.jsonl.")
    if summary.rows < summary.wanted:
        raise typer.Exit(1)


def tell(found: "ApiEvaluation") -> None:
    """Say how answers fare under each condition."""
    from toolbench.pipeline.evaluate_apis import MEANINGS, MEASURES

    typer.echo(f"{found.name} on {found.rows} rows, {found.unanswered} of them without an answer.")
    typer.echo(f"  {'condition':<16}{'rows':>6}" + "".join(f"{name:>14}" for name in MEASURES))
    for name, rates in [*found.in_order(), ("all", found.overall)]:
        cells = [_cell(*rates.counts.get(measure, (0, 0))) for measure in MEASURES]
        typer.echo(f"  {name:<16}{rates.answers:>6}" + "".join(f"{cell:>14}" for cell in cells))
    for name, meaning in MEANINGS.items():
        typer.echo(f"  {name}: {meaning}")


def _cell(some: int, total: int) -> str:
    return f"{some / total:.1%}" if total else "-"
