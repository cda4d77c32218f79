"""`toolbench curate`: choose what is worth training on."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._kit import BaseUrl, Concurrency, KitFile, chosen_model, load_config
from toolbench.cli._options import AsJson, is_run

if TYPE_CHECKING:
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.curate_records import CuratedSummary, Demands
    from toolbench.pipeline.kit import KitConfig

SELECTED = 1000
"""Records of a selection where nothing is said."""

OF_RUNS = "of a RUN: "
OF_FILES = "of files: "


@guarded
def command(
    what: Annotated[
        list[Path], typer.Argument(metavar="RUN|FILE…", help="Folder of a run; or files and folders of created data.")
    ],
    *,
    similarity: Annotated[
        float, typer.Option(help="How alike two instructions may be, values aside, before the later one goes: 0 to 1.")
    ] = 0.8,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            help=f"{OF_RUNS}least confidence in every answer a trace rests on, 0 to 1. Guesses are below 0.5."
        ),
    ] = None,
    tainted: Annotated[
        bool,
        typer.Option(help=f"{OF_RUNS}keep paths on a real API that another branch of the tree had written to before."),
    ] = False,
    threshold: Annotated[
        float | None, typer.Option("-t", "--threshold", help=f"{OF_FILES}least mean rating.  [default: 7]")
    ] = None,
    raters: Annotated[
        list[str] | None,
        typer.Option("--rater", "--model", metavar="NAME", help=f"{OF_FILES}a model that rates; repeat it."),
    ] = None,
    base_url: BaseUrl = None,
    rubric: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"{OF_FILES}what raters look at; a prompt if with {{pairs}}."),
    ] = None,
    scale: Annotated[int, typer.Option(min=2, help=f"{OF_FILES}the best rating; 1 is the worst.")] = 10,
    select: Annotated[
        str | None, typer.Option(metavar="lima", help=f"{OF_FILES}`lima` selects -n diverse ones, balanced.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("-n", min=1, help=f"{OF_FILES}records selected, at most.  [default: 1000]")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help=f"{OF_FILES}records rated at once.")] = None,
    concurrency: Concurrency = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR|FILE", help=f"{OF_FILES}where to write to.")
    ] = None,
    config: KitFile = None,
    as_json: AsJson = False,
) -> None:
    """Keep the traces that pass every evaluator, or the created data that is rated well; write down why the rest fell.

    Without a rater, and without a configuration that names a model, the embedded model rates by likelihood.
    """
    from toolbench.pipeline.curate_records import curate_records

    if is_run(what):
        _refuse(
            {"--threshold": threshold, "--rater": raters, "--rubric": rubric, "--output": output, "--select": select},
            "created data",
        )
        _curate_run(what[0], similarity, min_confidence or 0.0, tainted=tainted, as_json=as_json)
        return
    _refuse({"--min-confidence": min_confidence, "--tainted": tainted or None}, "runs")
    from toolbench.cli._progress import ProgressBar

    settings = load_config(config)
    demands = replace(
        _demands(settings, threshold, rubric, scale, batch_size, similarity), select=_selected(select, count)
    )
    chosen = _raters(settings, raters, base_url, concurrency)
    with ProgressBar() as progress:
        summary = curate_records(what, demands, chosen, output or settings.paths.output.cleaned, sink=progress)
    if as_json:
        show_json(_json(summary))
    else:
        _tell(summary)


def _selected(way: str | None, count: int | None) -> int | None:
    from toolbench.errors import InputError

    if way not in {None, "lima"}:
        raise InputError(f"no selection is named {way!r}", hint="There is: lima")
    if way is None and count is not None:
        raise InputError("`-n` is for a selection", hint="Say how: --select lima")
    return (count or SELECTED) if way else None


def _refuse(given: dict[str, object], of: str) -> None:
    from toolbench.errors import InputError

    for option in (option for option, value in given.items() if value is not None):
        raise InputError(f"`{option}` is for {of}")


def _raters(
    settings: "KitConfig", names: list[str] | None, base_url: str | None, concurrency: int | None
) -> "list[ModelChoice]":
    """Return who rates.

    Raises:
        InputError: nobody is named, and the embedded model is not installed.
    """
    from toolbench.errors import InputError
    from toolbench.llm.embedded import EMBEDDED, installed

    at_once = concurrency or settings.curate.inference_batch
    chosen = [chosen_model(settings, name, base_url, at_once) for name in names or [None]]
    found = [choice for choice in chosen if choice is not None]
    if found:
        return found
    if installed() is None:
        hint = "Name one (`--rater NAME --base-url URL`), or install the embedded one: `make embedded`."
        raise InputError("nobody is there to rate", hint=hint)
    embedded = chosen_model(settings, EMBEDDED, None, at_once)
    return [embedded] if embedded else []


def _demands(
    settings: "KitConfig",
    threshold: float | None,
    rubric: Path | None,
    scale: int,
    batch_size: int | None,
    similarity: float,
) -> "Demands":
    from toolbench.curation.rating import Rubric
    from toolbench.pipeline.curate_records import Demands
    from toolbench.pipeline.sources import read_text

    text = read_text(rubric) if rubric is not None else settings.prompts.qa_rating or ""
    return Demands(
        threshold=settings.curate.threshold if threshold is None else threshold,
        rubric=Rubric(text, scale),
        batch=batch_size or settings.curate.batch_size,
        temperature=settings.curate.temperature,
        similarity=similarity,
    )


def _json(summary: "CuratedSummary") -> object:
    return {
        "raters": list(summary.raters),
        "total": summary.total,
        "kept": summary.kept,
        "silent": summary.silent,
        "selection": {"before": summary.selection.before, "after": summary.selection.after}
        if summary.selection
        else None,
        "files": [
            {
                "source": file.source,
                "path": str(file.path) if file.path else None,
                "ledger": str(file.ledger),
                "metrics": file.metrics,
            }
            for file in summary.files
        ],
    }


def _tell(summary: "CuratedSummary") -> None:
    from toolbench.llm.embedded import EMBEDDED

    by_likelihood = ", by likelihood" if summary.raters == (EMBEDDED,) else ""
    typer.echo(f"Rated by {', '.join(summary.raters)}{by_likelihood}.")
    for file in summary.files:
        mean = file.metrics["avg_score"]
        told = f", mean rating {mean}" if mean is not None else ""
        typer.echo(f"{file.source}: {file.metrics['filtered']} of {file.metrics['total']} records kept{told}.")
        for reason, count in file.reasons.items():
            typer.echo(f"  {count:>6}  {reason.replace('_', ' ')}")
        typer.echo(f"  Kept: {file.path or 'nothing'}. What became of each: {file.ledger}")
    if summary.selection is not None:
        before, after = summary.selection.before, summary.selection.after
        for what in ("domains", "formats"):
            even = [told[f"evenness_of_{what}"] for told in (before, after)]
            typer.echo(
                f"  {what}: {len(before[what])} before, {len(after[what])} after; evenness {even[0]} -> {even[1]}"
            )
        typer.echo(f"  How the selection covers what there was: {summary.report}")
    for why, count in summary.silent.items():
        typer.echo(f"  {count:>6}  answers of raters {why.replace('_', ' ')}")


def _curate_run(run: Path, similarity: float, min_confidence: float, *, tainted: bool, as_json: bool) -> None:
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
