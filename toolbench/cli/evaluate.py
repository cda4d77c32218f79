"""`toolbench evaluate`: judge the traces of a run, others' answers, or a model on tasks that are there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._examination import tell_examination
from toolbench.cli._judges import JudgeName, JudgeUrl, Patience, Votes, judge_choice, tell_figures, tell_opinion
from toolbench.cli._options import AsJson, ConfigFile

if TYPE_CHECKING:
    from toolbench.model import JsonObject
    from toolbench.pipeline.judges import JudgeChoice
    from toolbench.pipeline.opinions import OpinionSummary
    from toolbench.store import Run

Paths = list[Path] | None


@guarded
def command(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN|DATASET|ANSWERS...",
            help="Folder of the run, or of a data set of `create --type api`; with --from: files of answers.",
        ),
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
        typer.Option(
            help="With --from, --tasks: what is right; may be repeated.  [default: possible_answer/ beside questions]"
        ),
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
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Have a model work on --tasks, and judge what it did.")
    ] = None,
    tasks: Annotated[
        Paths,
        typer.Option(
            metavar="RUN|FILE",
            help="With --model: runs whose tasks it works on, or files of others' tasks, as `toolbench tasks --from`"
            " takes them; may be repeated.  [default: those that RUN holds]",
        ),
    ] = None,
    answers: Annotated[
        Paths,
        typer.Option(
            metavar="FILE",
            help="With a DATASET: stored answers to its rows, JSON lines of `id` and `text`; repeatable.",
        ),
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="With a DATASET: rows of `train` or `test` only.  [default: all]")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="With a DATASET: write a report page.")] = None,
    config: ConfigFile = None,
    searcher: Annotated[
        str | None, typer.Option(help="With --model: how it works on a task.  [default: react]")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="URL of the OpenAI-compatible endpoint of --model, or of the judge.")
    ] = None,
    judge: JudgeName = None,
    judge_url: JudgeUrl = None,
    votes: Votes = None,
    patience: Patience = None,
    calibrated: Annotated[
        int | None,
        typer.Option("--calibrate", metavar="N", help="Find out how good the judge is, by defects planted in N paths."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge every trace by executing it anew.

    With --from others' answers are judged by what is known to be right, with --model a model on tasks that are there.

    Of a run, what has been judged already is passed over. With --judge a language model says besides what it thinks,
    by ToolEval's rules; nothing else depends on its opinion.
    """
    from toolbench.errors import InputError
    from toolbench.pipeline.doc_sets import is_data_set

    if is_data_set(paths[0]):
        _refuse_for_data_sets(
            **{"from": source, "questions": questions, "gold": gold, "database": database, "rules": rules, "tasks":
            tasks,
               "category": category, "searcher": searcher, "config": config, "judge": judge, "calibrate": calibrated}
        )  # fmt: skip
        _evaluate_apis(paths, model, base_url, answers, split, output, html, as_json=as_json)
        return
    of_data_sets = {"--answers": answers, "--split": split, "--html": html}
    for name in (name for name, value in of_data_sets.items() if value is not None):
        raise InputError(f"`{name}` is for a data set", hint="Make one with `toolbench create --type api`.")
    choice = judge_choice(judge, judge_url or (base_url if judge else None), votes, patience)
    if model is not None:
        if len(paths) > 1 or source is not None:
            raise InputError("`--model` works in one run", hint="Name what it works on with `--tasks`.")
        wanted = {"model": model, "base_url": base_url, "searcher": searcher}
        _examine(paths[0], config, wanted, tasks or [], gold or [], choice, as_json=as_json)
        return
    given = {"--questions": questions, "--gold": gold, "--database": database, "--rules": rules}
    given |= {"--category": category, "--output": output}
    if source is not None:
        from toolbench.answers.base import Sources
        from toolbench.cli._answers_view import tell
        from toolbench.pipeline.judge_answers import judge_answers

        sources = Sources(tuple(questions or ()), tuple(gold or ()), tuple(database or ()), rules or "")
        summary = judge_answers(source, paths, sources, categories=tuple(category or ()), output=output, choice=choice)
        show_json(summary.as_json()) if as_json else tell(summary)
        return
    for name in (name for name, value in given.items() if value is not None):
        raise InputError(f"`{name}` is for others' answers", hint="Add `--from FORMAT`.")
    if len(paths) > 1:
        raise InputError("one run is judged at a time", hint="Others' answers need `--from FORMAT`.")
    if calibrated is not None and judge is None:
        raise InputError("`--calibrate` is for a judge", hint="Name one: `--judge NAME`.")
    of_models = {"--tasks": tasks, "--searcher": searcher, "--config": config}
    of_models |= {"--base-url": None if judge else base_url}
    for name in (name for name, value in of_models.items() if value is not None):
        raise InputError(f"`{name}` is for a model", hint="Name one: `--model NAME` or `--judge NAME`.")
    _judge_run(paths[0], choice, calibrated, as_json=as_json)


def _refuse_for_data_sets(**given: object) -> None:
    """Raise InputError where something is given that evaluating a doc-in-context data set has no use for."""
    from toolbench.errors import InputError

    for name in (name for name, value in given.items() if value is not None):
        raise InputError(f"`--{name}` means nothing to a data set", hint="Give `--model NAME` or `--answers FILE`.")


def _evaluate_apis(
    paths: list[Path],
    model: str | None,
    base_url: str | None,
    answers: Paths,
    split: str | None,
    output: Path | None,
    html: Path | None,
    *,
    as_json: bool,
) -> None:
    from toolbench.cli._apis import tell
    from toolbench.cli._progress import ProgressBar
    from toolbench.errors import InputError
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.evaluate_apis import MEANINGS, evaluate_answers, evaluate_model, read_data_set
    from toolbench.report.apis import write_page

    if len(paths) > 1:
        raise InputError("one data set is evaluated at a time", hint="Name one.")
    if (model is None) == (answers is None):
        raise InputError("a data set is for a model to answer", hint="Give `--model NAME` or `--answers FILE`.")
    data = read_data_set(paths[0], split=split or "")
    if model is not None:
        with ProgressBar() as bar:
            found = evaluate_model(data, ModelChoice(model, base_url), output=output, sink=bar)
    else:
        found = evaluate_answers(data, answers or [], output=output)
    if html is not None:
        write_page(found.as_json(), MEANINGS, html)
    show_json(found.as_json()) if as_json else tell(found)


def _examine(
    run: Path,
    config: Path | None,
    wanted: "JsonObject",
    sources: list[Path],
    gold: list[Path],
    choice: "JudgeChoice | None",
    *,
    as_json: bool,
) -> None:
    from toolbench.cli._progress import ProgressBar
    from toolbench.errors import InputError
    from toolbench.pipeline.config import IMPORTED, run_config
    from toolbench.pipeline.examine import examine
    from toolbench.store import Run

    if len(gold) > 1:
        raise InputError("one file says what is right for `--tasks`", hint="Put it together, or examine one at a time.")
    named = {name: value for name, value in wanted.items() if value is not None}
    settled = run_config(run, {"searcher": "react", "tasks": IMPORTED, **named}, config)
    with ProgressBar() as bar:
        found = examine(run, settled, sources, gold=gold[0] if gold else None, sink=bar)
    thought = _ask(Run(run), choice) if choice else None
    if as_json:
        show_json({**found.as_json(), **({"opinion": thought.as_json()} if thought else {})})
        return
    tell_examination(found)
    if thought:
        tell_opinion(thought)
    typer.echo(f"Next: toolbench report {run}")


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
