"""How a model fared, told for a person."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from toolbench.pipeline.examine import Examination, Result


def tell_examination(found: "Examination") -> None:
    """Say how a model fared, by kind of task."""
    width = max(len(kind) for kind in ("all", *found.results))
    typer.echo(f"{found.model}, by kind of task (95% intervals):")
    for kind, result in found.results.items():
        typer.echo(_line(kind, result, width))
    if len(found.results) > 1:
        typer.echo(_line("all", found.overall, width))
    for kind, count in found.overall.kinds.most_common():
        typer.echo(f"  {count:>6}  {kind.replace('_', ' ')}")


def _line(kind: str, result: "Result", width: int) -> str:
    from toolbench.curation.judgements import wilson

    apart = f"; of {result.unscored} nobody has said what is right" if result.unscored else ""
    if not result.scored:
        return f"  {kind:{width}}  not scored{apart}"
    low, high = wilson(result.passed, result.scored)
    rate = result.passed / result.scored
    return f"  {kind:{width}}  {rate:6.1%} ({low:.1%} to {high:.1%}), {result.passed} of {result.scored}{apart}"
