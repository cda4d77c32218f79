"""`toolbench retrievers`: how well retrievers find the right API documents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.retrievers import RetrieverFigures

SHOWN = ("ndcg@1", "ndcg@3", "ndcg@5", "recall@1", "recall@5", "domain@1")


@guarded
def command(
    data: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder that `toolbench create --type api` wrote.")],
    *,
    split: Annotated[str, typer.Option(help="Queries of `train` or `test` only.  [default: all]")] = "",
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A model that embeds, behind an endpoint: yours, trained.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="URL of its endpoint, up to /v1.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrievers on the instructions of a data set: BM25, dense, fused, and a model's embeddings."""
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.evaluate_apis import read_data_set
    from toolbench.pipeline.retrievers import measure_retrievers

    choice = ModelChoice(model, base_url) if model else None
    found = measure_retrievers(read_data_set(data, split=split), choice)
    show_json(found.as_json()) if as_json else _tell(found)


def _tell(found: "RetrieverFigures") -> None:
    typer.echo(f"{found.queries} queries over {found.documents} documents; 95% intervals in brackets.")
    typer.echo(f"  {'':<36}" + "".join(f"{name:>18}" for name in SHOWN))
    for name, measures in found.measures.items():
        cells = [f"{measures[one].value:.2f} ({measures[one].low:.2f}-{measures[one].high:.2f})" for one in SHOWN]
        typer.echo(f"  {name:<36}" + "".join(f"{cell:>18}" for cell in cells))
