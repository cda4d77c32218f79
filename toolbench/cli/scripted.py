"""`toolbench scripted`: an OpenAI-compatible endpoint without a model."""

from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded


@guarded
def command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 0,
    script: Annotated[
        Path | None, typer.Option(help="YAML list of answers and rules; without it, a weak model.")
    ] = None,
    model: Annotated[str, typer.Option(help="Name of the model offered.")] = "scripted",
    seed: Annotated[int, typer.Option(help="Seed of the weak model and of the faults.")] = 0,
    faults: Annotated[float, typer.Option(min=0, max=1, help="Share of answers that are faults.")] = 0.0,
) -> None:
    """Serve scripted answers behind the OpenAI interface until interrupted; prints the base URL."""
    from toolbench.llm.script import read_script
    from toolbench.llm.scripted import ScriptedModel, ScriptedServer

    answers = read_script(script) if script else ()
    server = ScriptedServer(ScriptedModel(answers, name=model, seed=seed, faults=faults), host=host, port=port)
    typer.echo(server.url)
    try:
        server.run()
    except KeyboardInterrupt:
        return
