"""`toolbench mock`: a simulated world over HTTP."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded

if TYPE_CHECKING:
    from toolbench.model import Api


@guarded
def command(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="API descriptions, or ids of known APIs.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 4010,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 0,
    *,
    auth: Annotated[bool, typer.Option(help="Ask for the credentials that an API documents; any will do.")] = True,
) -> None:
    """Serve APIs from one simulated world until interrupted; prints where they are."""
    from toolbench.server.application import Application
    from toolbench.server.listening import Server

    application = Application(_apis(specs), seed, auth=auth)
    server = Server(application, host=host, port=port)
    typer.echo("\n".join(_welcome(application.site.lines(server.url), server.url)))
    try:
        server.run()
    except KeyboardInterrupt:
        return
