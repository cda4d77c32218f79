"""`toolbench view`: runs in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded


@guarded
def command(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder of runs, or of one.")] = Path(),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 4020,
) -> None:
    """Show the runs of a folder in a browser, on this machine alone, until interrupted; nothing is written."""
    from toolbench.errors import InputError
    from toolbench.serving import Server
    from toolbench.viewer.application import application
    from toolbench.viewer.runs import find_runs

    if not folder.is_dir():
        raise InputError("no folder is here", where=str(folder), hint="Name the folder that your runs are in")
    count = len(find_runs(folder))
    server = Server(application(folder), port=port)
    typer.echo(f"{count} run{'' if count == 1 else 's'} of {folder.resolve()}, to read at {server.url}")
    try:
        server.run()
    except KeyboardInterrupt:
        return
