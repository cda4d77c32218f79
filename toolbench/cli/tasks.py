"""`toolbench tasks`: sample tasks only."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import (
    Apis,
    AsJson,
    Calls,
    ConfigFile,
    Count,
    DifficultyOption,
    Grant,
    MixOption,
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
    calls: Calls = None,
    difficulty: DifficultyOption = None,
    grant: Grant = None,
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
        given = {"mix": shares(mix), "granted": granted, "writer": writer, "user_url": user_url}
        size = {"calls": calls, "difficulty": difficulty}
        asked = settings(run, config, apis, count=count, seed=seed, **given, **size)
        made = sample_tasks(run, asked, sink=bar)
    lacking, found = missing(asked.mix, [task.kind for task in made]), survey(run, made, graph)
    lengths, hard = Counter(len(task.gold) for task in made), Counter(task.difficulty or "unknown" for task in made)
    if as_json:
        kinds = Counter(task.kind for task in made)
        counts = {"kinds": _sorted(kinds), "calls": _sorted(lengths), "difficulty": _sorted(hard)}
        written = sum(task.writer != "grammar" for task in made)
        show_json({"run": str(run), "tasks": len(made), **counts, "missing": lacking, "written": written, **found})
        return
    for task in made[:shown]:
        typer.echo(f"- {task.turns[0].text}")
    tell_missing(lacking)
    tell_words(asked.writer, (task.writer for task in made))
    sorts = ", ".join(f"{count} {name}" for name, count in _sorted(hard).items())
    typer.echo(f"By difficulty: {sorts}. They take {min(lengths)} to {max(lengths)} calls.")
    coverage = "{operations} of {of_operations} operations and {edges} of {of_edges} edges".format(**found["coverage"])
    typer.echo(f"{len(made)} tasks in {run}, which use {coverage}")


def _sorted(counts: Counter[Any]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items())}
