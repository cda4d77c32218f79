"""How judged answers are told."""

from typing import TYPE_CHECKING

import typer

from toolbench.cli._judges import tell_votes

if TYPE_CHECKING:
    from toolbench.pipeline.judge_answers import AnswerSummary, Tally

MOST = 40
"""Categories that are told one by one."""


def tell(summary: "AnswerSummary") -> None:
    """Say how answers fare: in all, by category, and what is wrong."""
    overall = summary.overall
    if overall.scored:
        typer.echo(f"{_rate(overall.right, overall.scored)} of the answers are right.")
    if summary.opinion:
        tell_votes(summary.opinion)
    if overall.unparseable:
        typer.echo(f"Unparseable are {overall.unparseable} of the others.")
    if overall.unscored:
        typer.echo(f"Nobody can score {overall.unscored}{' more' if overall.scored else ' of them'}.")
    if summary.doubtful:
        typer.echo(f"The gold of {summary.doubtful} contradicts its own document.")
    for name, (some, total) in sorted(overall.marks.items()):
        typer.echo(f"  {name.replace('_', ' ')}: {_rate(some, total)}")
    _tell_categories(summary.categories)
    for kind, count in summary.kinds.most_common():
        if count:
            typer.echo(f"  {count:>6}  {kind.replace('_', ' ')}")


def _tell_categories(categories: "dict[str, Tally]") -> None:
    if len(categories) > MOST:
        typer.echo(f"They are of {len(categories)} categories; `--json` tells of each.")
        return
    for name, tally in sorted(categories.items()) if len(categories) > 1 else ():
        typer.echo(f"  {name}: {_rate(tally.right, tally.scored)}")


def _rate(some: int, total: int) -> str:
    from toolbench.curation.judgements import wilson

    if not total:
        return "0 of 0"
    low, high = wilson(some, total)
    return f"{some} of {total} ({some / total:.1%}, 95% interval {low:.1%} to {high:.1%})"
