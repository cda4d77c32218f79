"""`toolbench evaluate`: judge the traces of a run."""

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson, RunPath


@guarded
def command(run: RunPath, *, as_json: AsJson = False) -> None:
    """Judge every trace by executing it anew. What has been judged already is passed over."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.curation.judgements import UNVERIFIED
    from toolbench.pipeline.evaluate import evaluate
    from toolbench.pipeline.replayer import open_replayer
    from toolbench.store import Run

    opened = Run(run)
    with ProgressBar() as bar:
        summary = evaluate(opened, open_replayer(opened), sink=bar)
    low, high = summary.interval
    if as_json:
        show_json(
            {
                "run": str(run),
                "traces": summary.traces,
                "judged": summary.judged,
                "passed": summary.passed,
                "unverified": summary.unverified,
                "rate": summary.rate,
                "interval": [low, high],
                "labels": summary.labels,
                "kinds": summary.kinds,
                "failures": summary.failures,
            }
        )
        return
    typer.echo(
        f"{summary.passed} of {summary.traces} traces pass: {summary.rate:.1%}, 95% interval {low:.1%} to {high:.1%}."
    )
    if summary.unverified:
        typer.echo(f"Unverified are {summary.unverified} of them: {UNVERIFIED}.")
    for kind, count in summary.failures.most_common():
        typer.echo(f"  {count:>6}  {kind.replace('_', ' ')}")
    typer.echo(f"Next: toolbench curate {run}")
