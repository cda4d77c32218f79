"""`toolbench ingest`: documents of all formats as texts with their structure."""

import os
from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._kit import KitFile, load_config
from toolbench.cli._options import AsJson


@guarded
def command(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, URLs.")],
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output-dir", help="Folder for the texts.  [default: data/output]")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="txt: texts, each with its record beside it; json: the records alone.")
    ] = "txt",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that read.  [default: one a core]", show_default=False)
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="A local server that may be asked; may be repeated."),
    ] = None,
    config: KitFile = None,
    as_json: AsJson = False,
) -> None:
    """Read documents (PDF, HTML, DOCX, PPTX, EPUB, Markdown, data, pages) into texts. Exit 1 when nothing came out."""
    from toolbench.pipeline.ingest import ingest

    done = ingest(
        sources,
        output or load_config(config).paths.output.parsed,
        form=form,  # pyright: ignore[reportArgumentType]  (checked there)
        workers=workers or os.cpu_count() or 1,
        allow_hosts=allow_host or (),
        on_error=lambda line: typer.echo(f"toolbench: {line}", err=True),
    )
    if as_json:
        rows = [
            {
                "file": str(file),
                "source": document.source,
                "title": document.title,
                "media": document.media,
                "characters": len(document.text),
                "metadata": document.metadata,
            }
            for document, file in zip(done.documents, done.files, strict=True)
        ]
        show_json({"documents": rows, "errors": done.errors})
        return
    for document, file in zip(done.documents, done.files, strict=True):
        odd = document.metadata.get("encoding")
        typer.echo(f"{document.source} -> {file}" + (f" (read as {odd})" if odd else ""))
    broken = f"; {len(done.errors)} could not be read" if done.errors else ""
    typer.echo(f"{len(done.documents)} documents{broken}.")
