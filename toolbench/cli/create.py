"""`toolbench create`: training data from documents, by a model."""

from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._kit import (
    BaseUrl,
    Concurrency,
    Folder,
    KitFile,
    ModelName,
    chosen_model,
    given_options,
    load_config,
    required_model,
)
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.create import CreateSummary
    from toolbench.pipeline.kit import KitConfig


APIS, RAFT = "api", "raft"
"""The kinds that show documents beside questions: of APIs, and of any documents."""


@guarded
def command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE…", help="Files and folders: what `ingest` writes or reads, or records; URLs."),
    ] = None,
    *,
    kind: Annotated[
        str, typer.Option("--type", help="`qa`, `summary`, `cot`, …, an unknown one lists them; `api`, `raft`.")
    ] = "qa",
    count: Annotated[
        int | None,
        typer.Option("-n", "--num-pairs", min=1, help="Rows of each source, exactly.  [default: the configuration's]"),
    ] = None,
    apis: Annotated[
        str | None, typer.Option(metavar="ID,…", help="With `--type api`: APIs of the catalogue, bundled or added.")
    ] = None,
    model: ModelName = None,
    base_url: BaseUrl = None,
    chunk_size: Annotated[int | None, typer.Option(min=1, help="Characters of a chunk.  [default: 4000]")] = None,
    overlap: Annotated[
        int | None, typer.Option("--overlap", "--chunk-overlap", min=0, help="That chunks share.  [default: 200]")
    ] = None,
    temperature: Annotated[float | None, typer.Option(min=0, help="Sampling temperature.  [default: 0.7]")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Most tokens of an answer.  [default: 4096]")] = None,
    concurrency: Concurrency = None,
    attempts: Annotated[int, typer.Option(min=1, help="Rounds of asking, until all rows are there.")] = 4,
    seed: Annotated[int, typer.Option(help="Where every random choice comes from.")] = 0,
    told: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the kind; repeat it.")
    ] = None,
    output: Folder = None,
    config: KitFile = None,
    as_json: AsJson = False,
) -> None:
    """Create exactly as many rows as asked for. The same command again asks nothing twice. Exit 1 when none came."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.errors import InputError
    from toolbench.pipeline.create import Wishes, create

    settings = load_config(config)
    generation = settings.generation
    options = {**settings.kinds.get(kind.replace("_", "-"), {}), **given_options(told)}
    if kind == APIS:
        from toolbench.cli import _apis

        of_documents = {"--chunk-size": chunk_size, "--overlap": overlap, "--max-tokens": max_tokens}
        for name in (name for name, value in of_documents.items() if value is not None):
            raise InputError(f"`{name}` means nothing to `--type api`", hint="Leave it out.")
        # The configuration's model is for documents; here the grammar writes unless a model is named.
        choice = chosen_model(settings, model, base_url, concurrency) if model else None
        folder = output or settings.paths.output.generated / APIS
        _apis.create(sources or [], apis, count, seed, options, choice, folder, as_json=as_json)
        return
    if kind == RAFT:
        from toolbench.cli import _apis

        choice = chosen_model(settings, model, base_url, concurrency) if model else None
        folder = output or settings.paths.output.generated / RAFT
        cut = {"chunk_size": chunk_size, "overlap": overlap}
        given = {**options, **{name: value for name, value in cut.items() if value is not None}}
        _apis.create_of_documents(sources or [], count, seed, given, choice, folder, as_json=as_json)
        return
    if apis is not None:
        raise InputError("`--apis` is for API documents", hint="Add `--type api`.")
    _check(kind)
    wishes = Wishes(
        kind=kind,
        count=count or _count(settings, kind),
        chunk_size=chunk_size or generation.chunk_size,
        overlap=generation.overlap if overlap is None else overlap,
        temperature=generation.temperature if temperature is None else temperature,
        top_p=generation.top_p,
        max_tokens=max_tokens or generation.max_tokens,
        attempts=attempts,
        seed=seed,
        prompts=settings.own_prompts(),
        options=options,
    )
    choice = required_model(settings, model, base_url, concurrency)
    with ProgressBar() as progress:
        summary = create(sources or [], wishes, choice, output or settings.paths.output.generated, sink=progress)
    if as_json:
        show_json(_json(summary))
    else:
        _tell(summary)


def _check(kind: str) -> None:
    """Raise PluginError where there is no such kind, before anything else is asked for."""
    from toolbench.errors import PluginError
    from toolbench.pipeline.create import creator_type

    try:
        creator_type(kind)
    except PluginError as error:
        raise PluginError(error.message, hint=f"{error.hint}; and {APIS}, {RAFT}.") from error


def _count(config: "KitConfig", kind: str) -> int | None:
    generation = config.generation
    named = {
        "qa": generation.num_pairs,
        "cot": generation.num_cot_examples,
        "cot-enhance": generation.num_cot_enhance_examples,
    }
    return named.get(kind.replace("_", "-"))


def _json(summary: "CreateSummary") -> object:
    return {
        "type": summary.kind,
        "wanted": summary.wanted,
        "rows": summary.rows,
        "unused": summary.losses,
        "constrained": summary.constrained,
        "files": [
            {
                "source": file.source,
                "path": str(file.path) if file.path else None,
                "wanted": file.wanted,
                "rows": file.rows,
                "unused": file.losses,
                "unused_path": str(file.unused) if file.unused else None,
            }
            for file in summary.files
        ],
    }


def _tell(summary: "CreateSummary") -> None:
    for file in summary.files:
        where = f" in {file.path}" if file.path else ""
        short = f" of {file.wanted} wanted" if file.rows < file.wanted else ""
        typer.echo(f"{file.source}: {file.rows} rows{short}{where}")
        for why, number in file.losses.items():
            typer.echo(f"  {number:>6}  {why.replace('_', ' ')}")
        if file.unused:
            typer.echo(f"  What came to nothing: {file.unused}")
