"""Options that several commands share."""

from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT_CONFIG: ContextVar[Path | None] = ContextVar("root_config", default=None)
"""The configuration that was given before the command's name."""

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")]
ConfigFile = Annotated[Path | None, typer.Option("-c", "--config", help="Settings, in the form of a run.yaml.")]
Apis = Annotated[str | None, typer.Option(help="Ids of APIs, separated by commas; by default all there are.")]
Count = Annotated[int | None, typer.Option("-n", help="Number of tasks.  [default: 50]", show_default=False)]
Seed = Annotated[int | None, typer.Option(help="Where every random choice comes from.  [default: 0]")]
Grant = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A security scheme or scope that calls carry; repeat it.  [default: all]",
        show_default=False,
    ),
]
MixOption = Annotated[
    str | None,
    typer.Option(
        "--mix",
        metavar="KIND=SHARE,…",
        help="Shares of the kinds of task.  [default: change=1,lookup=1]",
        show_default=False,
    ),
]
OpenDomain = Annotated[
    bool | None,
    typer.Option("--open-domain", help="Offer `search_tools` alone: the agent has to find the others."),
]
Calls = Annotated[
    str | None,
    typer.Option(metavar="N[-M]", help="How many calls every task takes, as 4 or 3-6.  [default: any number]"),
]
DifficultyOption = Annotated[
    str | None, typer.Option("--difficulty", help="How hard every task is: easy, medium or hard.  [default: any]")
]
WriterName = Annotated[
    str | None, typer.Option("--writer", help="Model that writes the instructions.  [default: the built-in grammar]")
]
UserUrl = Annotated[
    str | None,
    typer.Option("--user-url", help="URL of the endpoint of whoever speaks for the user.  [default: --base-url]"),
]
AllowHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="HOST[:PORT]",
        help="A server that may be called; may be repeated. A local one only by its exact HOST:PORT.",
    ),
]
Servers = Annotated[
    list[str] | None,
    typer.Option("--server", metavar="API=URL", help="Base URL of an API, in place of its description's."),
]
AllowPrograms = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-program",
        metavar="PROGRAM",
        help="A Python module, or an MCP server's command line as registered, that may be run; may be repeated.",
    ),
]
PerSecond = Annotated[float | None, typer.Option(help="Most requests per second to one host.  [default: 2]")]
Timeout = Annotated[float | None, typer.Option(help="Most seconds for one request and its answer.  [default: 30]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def is_run(what: list[Path]) -> bool:
    """Tell whether the folder of a run is meant, rather than files.

    One with run.yaml is; a folder that holds no JSON, or is not there at all, is taken for one that should be.
    """
    one = what[0]
    if len(what) > 1 or one.is_file():
        return False
    if one.is_dir():
        return (one / "run.yaml").is_file() or not any(one.rglob("*.json*"))
    return not one.suffix


def root_config() -> Path | None:
    """Return the configuration that was given before the command's name."""
    return ROOT_CONFIG.get()


def settings(path: Path, file: Path | None, apis: str | None, **given: Any) -> Any:
    """Return the configuration that a command's options ask for; APIs not named are all of the catalogue."""
    from toolbench.pipeline.config import run_config
    from toolbench.specs import open_catalogue

    file = file or root_config()
    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if apis is not None:
        said["apis"] = tuple(name.strip() for name in apis.split(",") if name.strip())
    elif file is None and not (path / "run.yaml").is_file():
        said["apis"] = tuple(open_catalogue().ids())
    return run_config(path, said, file)


def base_urls(written: list[str] | None) -> dict[str, str] | None:
    """Return base URLs by API id, from texts of the form `API=URL`; None where none is given.

    Raises:
        InputError: a text is not of that form.
    """
    from toolbench.errors import InputError

    if not written:
        return None
    pairs = [text.partition("=") for text in written]
    if any(not (api and sign and url) for api, sign, url in pairs):
        # It is not repeated: it may hold what nobody should see.
        raise InputError("a `--server` is not of the form API=URL", hint="It looks like crm=https://api.example.com/v1")
    return {api.strip(): url.strip() for api, _, url in pairs}


def shares(written: str | None) -> dict[str, float] | None:
    """Return the shares of a mix, from a text of the form `KIND=SHARE,KIND=SHARE`; None where none is given.

    Raises:
        InputError: the text is not of that form.
    """
    from toolbench.errors import InputError

    if written is None:
        return None
    pairs = [part.partition("=") for part in written.split(",") if part.strip()]
    try:
        found = {kind.strip(): float(share) for kind, _, share in pairs}
    except ValueError as error:
        raise InputError(f"--mix {written!r}: {error}", hint="It looks like lookup=0.6,confirm=0.4") from error
    if len(found) < len(pairs):
        raise InputError(f"--mix {written!r}: a kind is named twice")
    return found


def prices(written: str | None) -> tuple[float, float] | None:
    """Return the prices in a text of the form `IN,OUT`; None where none is given.

    Raises:
        InputError: the text is not of that form.
    """
    from toolbench.errors import InputError

    if written is None:
        return None
    try:
        read, made = map(float, written.split(","))
    except ValueError as error:
        hint = "It looks like 0.15,0.60: US dollars for a million tokens read, and written."
        raise InputError(f"--price {written!r} is not of the form IN,OUT", hint=hint) from error
    return read, made


def tell_words(asked: str, writers: Iterable[str]) -> None:
    """Say how many tasks are in the words of the writer asked for; nothing where none was."""
    found = list(writers)
    if asked:
        theirs = found.count(asked)
        rest = f"; {len(found) - theirs} kept the grammar's, events.jsonl says why" if theirs < len(found) else ""
        typer.echo(f"{theirs} of {len(found)} tasks are in the words of {asked}{rest}.")


def tell_missing(missing: dict[str, tuple[int, int]]) -> None:
    """Say which kinds of the mix could not be made as often as asked for."""
    for kind, (made, wanted) in missing.items():
        typer.echo(f"Only {made} of {wanted} {kind} tasks could be made of these APIs; others took their place.")
