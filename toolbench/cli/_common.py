"""What every command shares: how errors end the program, and how results are shown."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import typer

P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our errors into one line on stderr and their exit code; `--debug` shows the traceback instead."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from toolbench.errors import ToolbenchError

        try:
            command(*args, **kwargs)
        except ToolbenchError as error:
            if os.environ.get("TOOLBENCH_DEBUG"):
                raise
            typer.echo(f"toolbench: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return run


def show_json(value: Any) -> None:
    """Print a value as indented JSON."""
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())
