"""The command line's entry. Imports stay light: a command loads what it needs when it runs."""

import importlib
import os
from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._options import ROOT_CONFIG

COMMANDS = (
    "ingest",
    "create",
    "tasks",
    "generate",
    "evaluate",
    "compare",
    "curate",
    "save_as",
    "annotate",
    "report",
    "retrievers",
    "view",
    "mock",
    "scripted",
    "doctor",
)
GROUPS = ("specs", "recipes")
CONFIGURED = ("ingest", "create", "curate", "save-as", "tasks", "generate")
"""Commands that take `-c` before their name, too: the last two a run.yaml, the others synthetic-data-kit's YAML."""

app = typer.Typer(
    name="toolbench",
    help="Turn API descriptions into verified tool-use training data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", metavar="FILE", help="Settings for the command that follows, as its own `-c`."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Turn API descriptions into verified tool-use training data."""
    if config is not None and context.invoked_subcommand not in CONFIGURED:
        named = context.invoked_subcommand or "no command"
        typer.echo(f"toolbench: `-c` before {named} means nothing. It is for {', '.join(CONFIGURED)}.", err=True)
        raise typer.Exit(2)
    ROOT_CONFIG.set(config)
    if debug:
        os.environ["TOOLBENCH_DEBUG"] = "1"
    if version:
        from toolbench._version import __version__

        typer.echo(__version__)
        raise typer.Exit


def _assemble() -> None:
    for name in GROUPS:
        app.add_typer(importlib.import_module(f"toolbench.cli.{name}").app, name=name.replace("_", "-"))
    for name in COMMANDS:
        app.command(name.replace("_", "-"))(importlib.import_module(f"toolbench.cli.{name}").command)


_assemble()


def main() -> None:
    """Run the command line."""
    app()
