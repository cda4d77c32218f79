"""`toolbench annotate`: put tool calls into texts, where they help a language model to read on (Toolformer)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.annotate import AnnotateSummary

REPORT = "report.html"


@guarded
def command(
    corpus: Annotated[
        list[Path],
        typer.Argument(metavar="CORPUS...", help="Texts (.txt, .md), JSON lines, Parquet files, folders of them."),
    ],
    *,
    tools: Annotated[
        str,
        typer.Option(
            metavar="NAME,…",
            help="calculator, calendar, qa, search, translate, units, or any tool of the catalogue that answers.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for what comes of it.")] = Path("annotated"),
    model: Annotated[
        str, typer.Option(metavar="NAME", help="Model that samples calls and reckons losses.")
    ] = "embedded",
    base_url: Annotated[str | None, typer.Option(help="URL of its endpoint.")] = None,
    field: Annotated[str, typer.Option(help="Field of a row that holds its text.")] = "text",
    tau_s: Annotated[
        float | None,
        typer.Option(
            help="Try a call where its beginning is likelier.  [default: 0.05; calculator, translate, units: 0]"
        ),
    ] = None,
    tau_f: Annotated[
        float | None,
        typer.Option(help="Keep a call that gains so many nats.  [default: 1; calculator, translate, units: 0.5]"),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("--k", help="Most positions in a text.  [default: 5; calculator, translate, units: 20]"),
    ] = None,
    m: Annotated[
        int | None, typer.Option("--m", help="Samples at a position.  [default: 5; calculator, translate, units: 10]")
    ] = None,
    keep_plain: Annotated[float, typer.Option(metavar="SHARE", help="Share of the texts without calls to keep.")] = 0.0,
    search: Annotated[
        list[Path] | None, typer.Option(help="Corpus that search and qa look into; may be repeated.")
    ] = None,
    translate: Annotated[str | None, typer.Option(metavar="NAME", help="Model that translates.")] = None,
    translate_url: Annotated[str | None, typer.Option(help="URL of its endpoint.  [default: --base-url]")] = None,
    skip_space: Annotated[
        bool, typer.Option("--skip-space", help="Weigh tokens from the first that is more than white space.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Reckon with the call in its place too, to compare.")
    ] = False,
    result_only: Annotated[
        bool, typer.Option("--result-only", help="Hold a result against the call without one only.")
    ] = False,
    most_calls: Annotated[int | None, typer.Option(help="Most calls in a text, the best ones.  [default: all]")] = None,
    seed: Annotated[int, typer.Option(help="Where every random choice comes from.")] = 0,
    concurrency: Annotated[
        int | None, typer.Option(help="Texts at a time.  [default: 1 with the embedded model, else 16]")
    ] = None,
    patience: Annotated[float, typer.Option(help="Seconds that a tool has for an answer.")] = 30.0,
    explained: Annotated[
        str | None, typer.Option("--explain", metavar="ID", help="Show one text's whole reckoning, and write nothing.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put calls of tools into texts, and keep those whose results make the text easier to predict.

    Every candidate is kept in a ledger, with its losses. Stopped or killed, it goes on where it was.
    """
    from toolbench.pipeline.annotate import annotate, explain_one
    from toolbench.pipeline.annotating import AnnotateConfig
    from toolbench.toolformer.base import Options

    config = AnnotateConfig(
        tools=tuple(dict.fromkeys(name.strip() for name in tools.split(",") if name.strip())),
        model=model,
        base_url=base_url,
        concurrency=concurrency,
        tau_s=tau_s,
        tau_f=tau_f,
        k=k,
        m=m,
        options=Options(skip_space, in_place, "call" if result_only else "both", most_calls),
        keep_plain=keep_plain,
        seed=seed,
        field=field,
        search=tuple(search or ()),
        translate=translate or "",
        translate_url=translate_url,
        patience=patience,
    )
    if explained is not None:
        typer.echo(explain_one(corpus, config, explained, output))
        return
    from toolbench.cli._progress import ProgressBar
    from toolbench.report.toolformer import write_report

    with ProgressBar() as bar:
        summary = annotate(corpus, output, config, bar)
    write_report(
        output / REPORT, output.resolve().name, summary.figures, summary.settings, summary.written, summary.calls
    )
    show_json(summary.as_json()) if as_json else _tell(summary)
    if not summary.written:
        typer.echo("No call helps enough: try a lower --tau-f, or more places and samples (--k, --m).", err=True)
        raise typer.Exit(1)


def _tell(summary: "AnnotateSummary") -> None:
    figures: Any = summary.figures
    typer.echo(
        f"{figures.with_calls} of {figures.documents} texts have calls; {summary.written} texts with {summary.calls}"
        f" calls in {summary.folder / 'annotated.jsonl'}."
    )
    for name, found in figures.tools.items():
        typer.echo(
            f"  {name}: {found.pieces} texts tried, {found.candidates} calls, {found.failed} without a result,"
            f" {found.kept} kept at {found.settings.tau_f:g}"
        )
    for reason, count in figures.failures.most_common(3):
        typer.echo(f"  {count} not annotated: {reason}")
    if summary.new and summary.seconds:
        typer.echo(f"{60 * summary.new / summary.seconds:.1f} texts per minute.")
    typer.echo(f"Look at it: {summary.folder / REPORT}")
