"""`toolbench curate`: choose what is worth training on."""

from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson, RunPath


@guarded
def command(
    run: RunPath,
    *,
    similarity: Annotated[
        float, typer.Option(help="How alike two instructions may be, values aside, before the later one goes: 0 to 1.")
    ] = 0.8,
    min_confidence: Annotated[
        float, typer.Option(help="Least confidence in every answer a trace rests on: 0 to 1. Guesses are below 0.5.")
    ] = 0.0,
    tainted: Annotated[
        bool,
        typer.Option(help="Keep paths on a real API that another branch of the tree had written to before."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep the traces that pass every evaluator, each task once, and write down why the others fell."""
    from toolbench.curation.judgements import UNVERIFIED
    from toolbench.pipeline.curate import curate
    from toolbench.store import Run

    summary = curate(Run(run), similarity=similarity, min_confidence=min_confidence, tainted=tainted)
    if as_json:
        show_json(
            {
                "run": str(run),
                "path": str(summary.path),
                "traces": summary.traces,
                "kept": summary.kept,
                "unverified": summary.unverified,
                "rejected": summary.rejected,
            }
        )
        return
    unverified = f", {summary.unverified} of them unverified: {UNVERIFIED}" if summary.unverified else ""
    typer.echo(f"{summary.kept} of {summary.traces} traces kept{unverified}.")
    for kind, count in summary.rejected.items():
        typer.echo(f"  {count:>6}  {kind.replace('_', ' ')}")
    typer.echo(f"Why each fell: {summary.path / 'ledger.jsonl'}")
    typer.echo(f"Next: toolbench save-as {run} -f trl")
