"""`toolbench generate`: tasks, and a search tree for each."""

from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import Apis, AsJson, ConfigFile, Count, Grant, RunPath, Seed, settings


@guarded
def command(
    run: RunPath,
    *,
    config: ConfigFile = None,
    apis: Apis = None,
    count: Count = None,
    seed: Seed = None,
    model: Annotated[
        str | None, typer.Option(help="Teacher: `planner` or a model's name at an endpoint.  [default: planner]")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible endpoint.")] = None,
    searcher: Annotated[str | None, typer.Option(help="How to search.  [default: dfsdt]")] = None,
    width: Annotated[int | None, typer.Option(help="Most children of a node.  [default: 2]")] = None,
    max_depth: Annotated[int | None, typer.Option(help="Most steps on a path.  [default: 12]")] = None,
    max_queries: Annotated[int | None, typer.Option(help="Most model queries a trace.  [default: 60]")] = None,
    faults: Annotated[str | None, typer.Option(help="Profile of backend faults.  [default: none]")] = None,
    grant: Grant = None,
    simulate: Annotated[
        str | None, typer.Option(help="Model that answers operations whose meaning cannot be inferred.")
    ] = None,
    simulate_url: Annotated[str | None, typer.Option(help="URL of its endpoint.  [default: --base-url]")] = None,
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature of the model.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Traces at work at once.  [default: 16]")] = None,
    as_json: AsJson = False,
) -> None:
    """Generate traces: sample tasks, explore each, keep the whole tree. The same command again takes up the run."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.generate import generate

    asked = settings(
        run,
        config,
        apis,
        count=count,
        seed=seed,
        model=model,
        base_url=base_url,
        searcher=searcher,
        width=width,
        max_depth=max_depth,
        max_queries=max_queries,
        faults=faults,
        granted=tuple(grant) if grant else None,
        simulate=simulate,
        simulate_url=simulate_url,
        temperature=temperature,
        concurrency=concurrency,
    )
    with ProgressBar() as bar:
        summary = generate(run, asked, sink=bar)
    if as_json:
        show_json(
            {
                "run": str(run),
                "tasks": summary.tasks,
                "traces": summary.traces,
                "made": summary.made,
                "solved": summary.solved,
                "outcomes": dict(summary.outcomes),
                "usage": summary.usage.model_dump(),
            }
        )
        return
    typer.echo(f"{summary.traces} traces in {run}, {summary.made} of them new.")
    if summary.made:
        ended = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in summary.outcomes.most_common())
        typer.echo(f"New ones: {ended}; {summary.solved} reached the goal. {summary.usage.queries} model queries.")
    typer.echo(f"Next: toolbench evaluate {run}")
