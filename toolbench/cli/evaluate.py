"""`toolbench evaluate`: judge the traces of a run, or others' answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._judges import JudgeName, JudgeUrl, Patience, Votes, judge_choice, tell_figures, tell_opinion
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.judges import JudgeChoice
    from toolbench.pipeline.opinions import OpinionSummary
    from toolbench.store import Run

Paths = list[Path] | None


@guarded
def command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="RUN|ANSWERS...", help="Folder of the run; with --from: files of answers.")
    ],
    *,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FORMAT",
            help="Judge others' answers: bfcl (result files), apibench (responses), tooleval (converted answers),"
            " toolbench (answer files).",
        ),
    ] = None,
    questions: Annotated[
        Paths, typer.Option(help="With --from: what was asked, a file or a folder; may be repeated.")
    ] = None,
    gold: Annotated[
        Paths,
        typer.Option(help="With --from: what is right; may be repeated.  [default: possible_answer/ beside questions]"),
    ] = None,
    database: Annotated[Paths, typer.Option(help="With --from apibench: the APIs; may be repeated.")] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[,SWITCH]...",
            help="With --from bfcl: bfcl, exact or loose, and switches, as exact,order_free,no_optional_may_miss."
            "  [default: bfcl]",
        ),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="With --from: a category that counts; may be repeated.  [default: all]")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="With --from: write each answer's verdict, as JSON lines.")
    ] = None,
    judge: JudgeName = None,
    base_url: JudgeUrl = None,
    votes: Votes = None,
    patience: Patience = None,
    calibrated: Annotated[
        int | None,
        typer.Option("--calibrate", metavar="N", help="Find out how good the judge is, by defects planted in N paths."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge every trace by executing it anew; or, with --from, others' answers by what is known to be right.

    Of a run, what has been judged already is passed over. With --judge a language model says besides what it thinks,
    by ToolEval's rules; nothing else depends on its opinion.
    """
    from toolbench.errors import InputError

    given = {"--questions": questions, "--gold": gold, "--database": database, "--rules": rules}
    given |= {"--category": category, "--output": output}
    if source is not None:
        from toolbench.answers.base import Sources
        from toolbench.cli._answers_view import tell
        from toolbench.pipeline.judge_answers import judge_answers

        sources = Sources(tuple(questions or ()), tuple(gold or ()), tuple(database or ()), rules or "")
        choice = judge_choice(judge, base_url, votes, patience)
        summary = judge_answers(source, paths, sources, categories=tuple(category or ()), output=output, choice=choice)
        show_json(summary.as_json()) if as_json else tell(summary)
        return
    for name in (name for name, value in given.items() if value is not None):
        raise InputError(f"`{name}` is for others' answers", hint="Add `--from FORMAT`.")
    if len(paths) > 1:
        raise InputError("one run is judged at a time", hint="Others' answers need `--from FORMAT`.")
    if calibrated is not None and judge is None:
        raise InputError("`--calibrate` is for a judge", hint="Name one: `--judge NAME`.")
    _judge_run(paths[0], judge_choice(judge, base_url, votes, patience), calibrated, as_json=as_json)


def _judge_run(run: Path, choice: "JudgeChoice | None", calibrated: int | None, *, as_json: bool) -> None:
    from toolbench.cli._progress import ProgressBar
    from toolbench.curation.judgements import UNVERIFIED
    from toolbench.pipeline.calibrate import calibrate
    from toolbench.pipeline.evaluate import evaluate
    from toolbench.pipeline.replayer import open_replayer
    from toolbench.store import Run

    opened = Run(run)
    with ProgressBar() as bar:
        summary = evaluate(opened, open_replayer(opened), sink=bar)
    thought = _ask(opened, choice) if choice else None
    figures = calibrate(opened, choice, calibrated) if choice and calibrated is not None else None
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
                **({"opinion": thought.as_json()} if thought else {}),
                **({"calibration": figures.model_dump()} if figures else {}),
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
    if thought:
        tell_opinion(thought)
    if figures:
        tell_figures(figures)
    typer.echo(f"Next: toolbench curate {run}")


def _ask(run: "Run", choice: "JudgeChoice") -> "OpinionSummary":
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.opinions import judge_run

    with ProgressBar() as bar:
        return judge_run(run, choice, sink=bar)
