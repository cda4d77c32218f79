"""`toolbench specs`: what API descriptions there are, and what is in them."""

from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AllowHosts, AllowPrograms, PerSecond, Servers, Timeout, base_urls

if TYPE_CHECKING:
    from toolbench.executors._access import Access, Limits
    from toolbench.model import Api

app = typer.Typer(help="Add, list, search and check API descriptions.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Kind = Annotated[str, typer.Option(help="Kind of description; `auto` finds out.")]

_SOURCE = "A file with an API description; `module` or `module:function`; the URL or command line of an MCP server."


@app.command()
@guarded
def add(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help=_SOURCE)],
    *,
    kind: Kind = "auto",
    identity: Annotated[str | None, typer.Option("--id", help="Id of the API; else made of the source's name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add APIs to the catalogue; one of the same id is replaced."""
    from toolbench.cli import _specs_view as view
    from toolbench.errors import InputError, WorkError
    from toolbench.specs import open_catalogue
    from toolbench.specs.base import read_spec

    if identity and len(sources) > 1:
        raise InputError("`--id` names one API, here are several sources", hint="Add them one by one")
    readings = [read_spec(source, kind, identity) for source in sources]
    for source, reading in zip(sources, readings, strict=True):
        if not reading.api.tools:
            raise WorkError(f"{source}: nothing to add, it has no operations")
    catalogue = open_catalogue()
    for reading in readings:
        catalogue.add(reading.api)
    if as_json:
        show_json([view.facts(reading) for reading in readings])
    else:
        view.show(*(view.added(reading) for reading in readings))


@app.command("list")
@guarded
def list_apis(*, as_json: AsJson = False) -> None:
    """List the APIs there are, the bundled ones included."""
    from dataclasses import asdict

    from toolbench.cli import _specs_view as view
    from toolbench.specs import open_catalogue

    lines = open_catalogue().apis()
    if as_json:
        show_json([asdict(line) for line in lines])
    else:
        view.show(view.apis(lines))


@app.command()
@guarded
def show(
    name: Annotated[str, typer.Argument(metavar="TOOL", help="The tool's name.")], *, as_json: AsJson = False
) -> None:
    """Show a tool: what it takes, where that goes, what it gives."""
    from toolbench.cli import _specs_view as view
    from toolbench.specs import open_catalogue

    catalogue = open_catalogue()
    tool = catalogue.tool(name)
    dead = catalogue.dead(tool.api).get(name, "")
    if as_json:
        show_json(tool.model_dump(mode="json") | ({"dead": dead} if dead else {}))
    else:
        view.show(*view.portrait(tool), *([f"Dead when probed, and not offered in tasks: {dead}"] if dead else []))


@app.command()
@guarded
def search(
    query: Annotated[str, typer.Argument(help="Words that say what the tool should do.")],
    *,
    k: Annotated[int, typer.Option("-k", min=1, help="How many tools to show.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Search the tools of all APIs."""
    from dataclasses import asdict

    from toolbench.cli import _specs_view as view
    from toolbench.specs import open_catalogue

    found = open_catalogue().search(query, k)
    if as_json:
        show_json([asdict(tool) | {"score": score} for tool, score in found])
    else:
        view.show(view.hits(found))


@app.command()
@guarded
def check(
    source: Annotated[str, typer.Argument(help=_SOURCE)],
    *,
    kind: Kind = "auto",
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Call the real API's safe operations instead, and tell which are dead. SOURCE may be an id."
        ),
    ] = False,
    allow_host: AllowHosts = None,
    allow_program: AllowPrograms = None,
    server: Servers = None,
    per_second: PerSecond = None,
    timeout: Timeout = None,
    mark: Annotated[
        bool, typer.Option("--mark", help="With --live: remember the dead ones, so that no task is made of them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check an API description: what it holds, what was mended, whether it can be used. Adds nothing."""
    from toolbench.cli import _specs_view as view
    from toolbench.errors import InputError
    from toolbench.executors._access import Access, Limits
    from toolbench.specs._check import problems
    from toolbench.specs.base import read_spec

    if live:
        programs = frozenset(allow_program or ())
        access = Access(frozenset(allow_host or ()), base_urls=base_urls(server) or {}, programs=programs)
        limits = Limits(per_second=per_second or 2.0, seconds=timeout or 30.0)
        _check_live(_known_or_read(source, kind), access, limits, mark=mark, as_json=as_json)
        return
    if allow_host or allow_program or server or mark or per_second or timeout:
        raise InputError("these options belong to `--live`", hint="Add it, or leave them out.")
    reading = read_spec(source, kind)
    found = problems(reading.api)
    if as_json:
        show_json(view.facts(reading) | {"notes": view.counted(reading.notes), "problems": found})
    else:
        view.show(*view.report(reading, found))
    if found:
        raise typer.Exit(1)


def _known_or_read(source: str, kind: str) -> "Api":
    from pathlib import Path

    from toolbench.specs import open_catalogue, read_api

    # What looks like a path is meant as one, so that a misspelt file is called so.
    is_file = Path(source).is_file() or "/" in source or Path(source).suffix
    return read_api(source, kind) if is_file else open_catalogue().api(source)


def _check_live(api: "Api", access: "Access", limits: "Limits", *, mark: bool, as_json: bool) -> None:
    """Probe an API, show what came of it, and end with exit code 1 when something is dead."""
    from collections import Counter
    from dataclasses import asdict

    from toolbench.cli import _specs_view as view
    from toolbench.engine.local import run_loop
    from toolbench.errors import InputError
    from toolbench.pipeline.backends import check_access
    from toolbench.pipeline.probe import probe
    from toolbench.specs import open_catalogue

    catalogue = open_catalogue()
    if mark and (api.id not in catalogue.ids() or catalogue.api(api.id).source.sha256 != api.source.sha256):
        hint = "Add it with `toolbench specs add`, and name it by its id."
        raise InputError(f"{api.id!r} is not in the catalogue as it is here, so nothing can be marked", hint=hint)
    check_access([api], access)
    found = run_loop(probe(api, access, limits))
    dead = {each.tool: each.reason for each in found if each.health == "dead"}
    if mark:
        catalogue.mark(api.id, dead, [each.tool for each in found if each.health == "alive"])
    counts = Counter(each.health for each in found)
    if as_json:
        show_json({"id": api.id, "marked": mark, "counts": counts, "operations": [asdict(each) for each in found]})
    else:
        view.show(view.health(found), "", ", ".join(f"{count} {name}" for name, count in counts.most_common()))
    if dead:
        raise typer.Exit(1)


@app.command()
@guarded
def remove(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The API's id.")], *, as_json: AsJson = False
) -> None:
    """Remove an API that was added."""
    from toolbench.specs import open_catalogue

    open_catalogue().remove(identity)
    if as_json:
        show_json({"removed": identity})
    else:
        typer.echo(f"Removed {identity}")
