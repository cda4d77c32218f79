"""`toolbench compare`: which of several runs did better on the same tasks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._judges import JudgeName, Patience, Votes, judge_choice
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.compare import Comparison


@guarded
def command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of the runs, two or more.")],
    *,
    judge: JudgeName = None,
    base_url: Annotated[str | None, typer.Option(help="URL of the judge's OpenAI-compatible endpoint.")] = None,
    votes: Votes = None,
    patience: Patience = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Have the judge choose each time, not only among answers of equal status.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the ratings' intervals.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Compare runs task by task, and rate them (Bradley-Terry).

    Without a judge a trace that passes beats one that does not. A judge is asked in both orders; where it goes by the
    order, it is a tie.
    """
    from toolbench.pipeline.compare import compare

    found = compare(runs, judge_choice(judge, base_url, votes, patience), normalised=not plain, seed=seed)
    show_json(found.as_json()) if as_json else _tell(found)


def _tell(found: "Comparison") -> None:
    left_out = f"; {found.different} more share only their ids" if found.different else ""
    typer.echo(f"{found.tasks} tasks in common{left_out}. Who did better, by {found.judge}:")
    for pair in found.pairings:
        unscored = f", {pair.unscored} unscored" if pair.unscored else ""
        swap = f"; {pair.consistent} of {pair.asked} choices hold in both orders" if pair.asked else ""
        line = (
            f"  {pair.one} against {pair.other}: {pair.wins} won, {pair.ties} tied, {pair.losses} lost{unscored}{swap}"
        )
        typer.echo(line)
    typer.echo("Ratings, with 95% intervals (400 points: odds of ten to one):")
    for place, one in enumerate(found.ratings, 1):
        passed = found.passed.get(one.name)
        executed = f"  ({passed[0]} of {passed[1]} pass by execution)" if passed else ""
        typer.echo(f"  {place}. {one.name}  {one.elo:+.0f}  [{one.low:+.0f}, {one.high:+.0f}]{executed}")
