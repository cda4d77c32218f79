"""`toolbench tasks`: sample tasks only."""

from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import (
    Apis,
    AsJson,
    ConfigFile,
    Count,
    Grant,
    MixOption,
    OpenDomain,
    RunPath,
    Seed,
    UserUrl,
    WriterName,
    settings,
    shares,
    tell_missing,
    tell_words,
)


@guarded
def command(
    run: RunPath,
    *,
    config: ConfigFile = None,
    apis: Apis = None,
    count: Count = None,
    seed: Seed = None,
    mix: MixOption = None,
    grant: Grant = None,
    open_domain: OpenDomain = None,
    writer: WriterName = None,
    user_url: UserUrl = None,
    shown: Annotated[int, typer.Option("--show", help="How many to print.")] = 5,
    graph: Annotated[
        Path | None,
        typer.Option(help="Write the graph of which operation's result feeds which other's arguments, as GraphML."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sample tasks, each with a known solution that has been executed."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.dependencies import survey
    from toolbench.pipeline.generate import sample_tasks
    from toolbench.tasks.mix import missing

    with ProgressBar() as bar:
        granted = tuple(grant) if grant else None
        given = {
            "mix": shares(mix),
            "discovery": open_domain,
            "granted": granted,
            "writer": writer,
            "user_url": user_url,
        }
        asked = settings(run, config, apis, count=count, seed=seed, **given)
        made = sample_tasks(run, asked, sink=bar)
    lacking, found = missing(asked.mix, [task.kind for task in made]), survey(run, made, graph)
    if as_json:
        kinds = {kind: sum(task.kind == kind for task in made) for kind in sorted({task.kind for task in made})}
        written = sum(task.writer != "grammar" for task in made)
        show_json(
            {"run": str(run), "tasks": len(made), "kinds": kinds, "missing": lacking, "written": written, **found}
        )
        return
    for task in made[:shown]:
        typer.echo(f"- {task.turns[0].text}")
    tell_missing(lacking)
    tell_words(asked.writer, (task.writer for task in made))
    coverage = "{operations} of {of_operations} operations and {edges} of {of_edges} edges".format(**found["coverage"])
    typer.echo(f"{len(made)} tasks in {run}, which use {coverage}")
