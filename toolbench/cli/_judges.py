"""Options that name a judge, and how its opinion is told."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from toolbench.judging.rates import Rate
    from toolbench.model import JudgeFigures
    from toolbench.pipeline.judges import JudgeChoice
    from toolbench.pipeline.opinions import AllVotes, OpinionSummary

JudgeName = Annotated[
    str | None, typer.Option("--judge", metavar="NAME", help="Model that says what it thinks.  [default: none]")
]
JudgeUrl = Annotated[str | None, typer.Option(help="URL of the judge's endpoint.  [default: --base-url]")]
Votes = Annotated[int | None, typer.Option(help="Opinions asked of the judge on each answer.  [default: 4]")]
Patience = Annotated[
    float | None, typer.Option("--judge-timeout", metavar="SECONDS", help="Longest wait for an opinion.")
]


def judge_choice(
    name: str | None, base_url: str | None, votes: int | None, patience: float | None
) -> "JudgeChoice | None":
    """Return the judge that a command's options name; None where they name none.

    Raises:
        InputError: something is said of a judge, and none is named.
    """
    from toolbench.errors import InputError
    from toolbench.pipeline.judges import VOTES, JudgeChoice

    if name is not None:
        return JudgeChoice(name, base_url, VOTES if votes is None else votes, patience=patience)
    given = {"--base-url": base_url, "--votes": votes, "--judge-timeout": patience}
    for option in (option for option, value in given.items() if value is not None):
        raise InputError(f"`{option}` is for a judge", hint="Name one: `--judge NAME`.")
    return None


def tell_opinion(summary: "OpinionSummary") -> None:
    """Say what a judge thinks of a run."""
    typer.echo(f"What {summary.evaluator.partition(':')[2]} thinks, by ToolEval's rules ({summary.votes} votes):")
    typer.echo(f"  {summary.labels['pass']} of {summary.scored} pass; pass rate {rate_told(summary.pass_rate)}")
    typer.echo(f"  of solvable tasks solved: {rate_told(summary.solvable_pass_rate)}")
    if unscored := summary.labels["unscored"]:
        typer.echo(f"  {unscored} of {summary.traces} traces are unscored.")
    for kind, count in summary.silent.most_common():
        typer.echo(f"  {count:>6}  votes {kind.replace('_', ' ')}")


def tell_figures(figures: "JudgeFigures") -> None:
    """Say how good a judge is."""
    typer.echo(f"How good that is, by defects planted in {figures.paths} verified paths:")
    typer.echo(f"  tells sound from defective: AUC {_figure(figures.auc)} (0.5 is chance)")
    for one in figures.defects:
        told = f"AUC {_figure(one.auc)}, sound preferred {_figure(one.preferred)}, {one.scored} of {one.planted} scored"
        typer.echo(f"    {one.defect.replace('_', ' ')}: {told}")
    typer.echo(f"  agreement with execution: kappa {_figure(figures.kappa)} over {figures.compared} traces")
    typer.echo(f"  choices that hold in both orders: {_figure(figures.swap_consistency)}")
    typer.echo(f"  votes on the same answer that agree: {_figure(figures.vote_agreement)}")


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def tell_votes(found: "AllVotes") -> None:
    """Say that answers are right in somebody's opinion only, and how the votes fell."""
    typer.echo(f"That is what {found.judge} thinks, by ToolEval's rules: pass rate {rate_told(found.pass_rate)},")
    typer.echo(f"of solvable tasks solved {rate_told(found.solvable_pass_rate)}.")
    for kind, count in found.silent.most_common():
        typer.echo(f"  {count:>6}  votes {kind.replace('_', ' ')}")


def rate_told(rate: "Rate") -> str:
    """Return a rate in words."""
    if rate.value is None:
        return "unknown"
    error = "" if rate.error is None else f" ± {rate.error:.1%} (standard error over votes)"
    return f"{rate.value:.1%}{error}"
