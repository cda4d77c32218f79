"""`toolbench tasks`: sample tasks only, or import others'."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from toolbench.pipeline.import_tasks import FileSummary


@guarded
def command(
    run: RunPath,
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="With --from: more files to import.")
    ] = None,
    *,
    config: ConfigFile = None,
    apis: Apis = None,
    count: Count = None,
    seed: Seed = None,
    mix: MixOption = None,
    calls: Calls = None,
    difficulty: DifficultyOption = None,
    grant: Grant = None,
    open_domain: OpenDomain = None,
    writer: WriterName = None,
    user_url: UserUrl = None,
    shown: Annotated[int, typer.Option("--show", help="How many to print.")] = 5,
    graph: Annotated[
        Path | None,
        typer.Option(help="Write the graph of which operation's result feeds which other's arguments, as GraphML."),
    ] = None,
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Import others' tasks, without gold: ToolBench queries, BFCL questions, OpenAI chats.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002
        str | None, typer.Option(metavar="NAME", help="With --from: the files' format.  [default: auto]")
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --from: BFCL's possible answers.  [default: possible_answer/ beside the file]",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sample tasks, each with a known solution that has been executed; or, with --from, import others' without any."""
    files = [*(source or ()), *(more or ())]
    given = {"--apis": apis, "--mix": mix, "--grant": grant, "--graph": graph, "--config": config}
    given |= {"-n": count, "--seed": seed}
    _check_usage(
        bool(source), bool(more or format or gold), [name for name, value in given.items() if value is not None]
    )
    if source:
        _import(run, files, format, gold, shown, as_json=as_json)
        return
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.dependencies import survey
    from toolbench.pipeline.sample import sample_tasks
    from toolbench.tasks.mix import missing

    with ProgressBar() as bar:
        granted = tuple(grant) if grant else None
        given = {
            "mix": shares(mix),
            "discovery": open_domain,
            "granted": granted,
            "writer": writer,
            "user_url": user_url,
            "calls": calls,
            "difficulty": difficulty,
        }
        asked = settings(run, config, apis, count=count, seed=seed, **given)
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


def _check_usage(importing: bool, only_importing: bool, only_sampling: list[str]) -> None:  # noqa: FBT001
    """Raise InputError where options of importing and of sampling are mixed."""
    from toolbench.errors import InputError

    if importing and only_sampling:
        raise InputError(f"`{only_sampling[0]}` is for sampled tasks, not for imported ones", hint="Leave it out.")
    if only_importing and not importing:
        raise InputError("files, `--format` and `--gold` are for importing", hint="Add `--from` before the first file.")


def _import(
    run: Path,
    files: list[Path],
    format: str | None,  # noqa: A002
    gold: Path | None,
    shown: int,
    *,
    as_json: bool,
) -> None:
    from toolbench.errors import WorkError
    from toolbench.importers.base import AUTO
    from toolbench.pipeline.import_tasks import import_tasks

    summary = import_tasks(run, files, format or AUTO, gold)
    if as_json:
        show_json(summary.as_json())
    else:
        for one in summary.files:
            _tell(one, shown)
    if not summary.total("imported") + summary.total("known"):
        raise WorkError(f"nothing was imported of {summary.total('read')} rows")
    if not as_json:
        groups = ", ".join(f"{count} {name}" for name, count in summary.categories.items())
        typer.echo(f"{summary.tasks} tasks over {summary.tools} tools in {run} ({groups}); what is right is not known.")
        if summary.answered:
            typer.echo(f"{summary.answered} of them say which calls their source takes to be right.")
        simulate = ""
        if summary.silent:
            simulate = " --simulate NAME"
            typer.echo(
                f"{summary.silent} tools say nothing of their results; a model can answer for them: `--simulate`."
            )
        typer.echo(f"Next: toolbench generate {run} --model NAME --base-url URL{simulate}")


def _tell(one: "FileSummary", shown: int) -> None:
    """Say what became of a file's rows, and of its first bad ones why."""
    counts = {"known already": one.known, "refused": len(one.refused), **one.skipped}
    told = "".join(f", {count} {what}" for what, count in counts.items() if count)
    typer.echo(f"{one.path} ({one.format}): {one.read} rows read, {one.imported} imported{told}")
    for refusal in one.refused[:shown]:
        typer.echo(f"  {one.path}, line {refusal.line}: {refusal.reason}")
    if len(one.refused) > shown:
        typer.echo(f"  and {len(one.refused) - shown} more; `--json` lists them all")
    if one.left_out:
        typer.echo("  Not taken over: " + ", ".join(f"{what} ({count})" for what, count in one.left_out.items()))
