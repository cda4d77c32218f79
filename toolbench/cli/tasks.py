"""`toolbench tasks`: sample tasks only."""

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
    RunPath,
    Seed,
    settings,
    shares,
    tell_missing,
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
    shown: Annotated[int, typer.Option("--show", help="How many to print.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Sample tasks, each with a known solution that has been executed."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.generate import sample_tasks
    from toolbench.tasks.mix import missing

    with ProgressBar() as bar:
        granted = tuple(grant) if grant else None
        asked = settings(run, config, apis, count=count, seed=seed, mix=shares(mix), granted=granted)
        made = sample_tasks(run, asked, sink=bar)
    lacking = missing(asked.mix, [task.kind for task in made])
    if as_json:
        kinds = {kind: sum(task.kind == kind for task in made) for kind in sorted({task.kind for task in made})}
        show_json({"run": str(run), "tasks": len(made), "kinds": kinds, "missing": lacking})
        return
    for task in made[:shown]:
        typer.echo(f"- {task.turns[0].text}")
    tell_missing(lacking)
    typer.echo(f"{len(made)} tasks in {run}")
