"""The command line's entry. Imports stay light: a command loads what it needs when it runs."""

import importlib
import os
from typing import Annotated

import typer

COMMANDS = (
    "tasks",
    "generate",
    "evaluate",
    "compare",
    "curate",
    "save_as",
    "annotate",
    "report",
    "view",
    "mock",
    "scripted",
    "doctor",
)
GROUPS = ("specs",)

app = typer.Typer(
    name="toolbench",
    help="Turn API descriptions into verified tool-use training data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Turn API descriptions into verified tool-use training data."""
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
