"""`toolbench specs`: what API descriptions there are, and what is in them."""

from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json

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

    tool = open_catalogue().tool(name)
    if as_json:
        show_json(tool.model_dump(mode="json"))
    else:
        view.show(*view.portrait(tool))


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
    as_json: AsJson = False,
) -> None:
    """Check an API description: what it holds, what was mended, whether it can be used. Adds nothing."""
    from toolbench.cli import _specs_view as view
    from toolbench.specs._check import problems
    from toolbench.specs.base import read_spec

    reading = read_spec(source, kind)
    found = problems(reading.api)
    if as_json:
        show_json(view.facts(reading) | {"notes": view.counted(reading.notes), "problems": found})
    else:
        view.show(*view.report(reading, found))
    if found:
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
