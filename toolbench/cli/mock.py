"""`toolbench mock`: a simulated world over HTTP."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded
from toolbench.cli._options import Grant

if TYPE_CHECKING:
    from toolbench.model import Api
    from toolbench.server.endpoint import Endpoint
    from toolbench.server.site import Mounted, Site


@guarded
def command(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="API descriptions, or ids of known APIs.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 4010,
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 0,
    *,
    auth: Annotated[bool, typer.Option(help="Ask for the credentials that an API documents; any will do.")] = True,
    token: Annotated[str, typer.Option(help="The only credential that will do.")] = "",
    grant: Grant = None,
    faults: Annotated[str, typer.Option(help="Profile of faults on purpose.")] = "none",
    delays: Annotated[bool, typer.Option(help="Let slow answers and timeouts take their time.")] = False,
) -> None:
    """Serve APIs from one simulated world until interrupted; prints where they are."""
    import gc

    from toolbench.server.application import Application
    from toolbench.server.security import Guard
    from toolbench.serving import Server
    from toolbench.world.access import check_granted

    apis = _apis(specs)
    check_granted(apis, grant or ())
    guard = Guard(auth, token, frozenset(grant) if grant else None)
    application = Application(apis, seed, guard=guard, faults=faults, delays=delays)
    # What is there now stays for good: to look through it for garbage again and again would take a fifth of the time.
    gc.collect()
    gc.freeze()
    # Almost nothing that a request leaves behind is a cycle: to look for some every 700 objects would take a sixth.
    gc.set_threshold(10_000, 20, 50)
    server = Server(application, host=host, port=port)
    typer.echo("\n".join(_welcome(application.site, server.url, auth=auth, token=token)))
    try:
        server.run()
    except KeyboardInterrupt:
        return


def _apis(specs: list[str]) -> "list[Api]":
    from toolbench.errors import InputError
    from toolbench.specs import open_catalogue, read_api

    catalogue = open_catalogue()
    apis: dict[str, Api] = {}
    for spec in specs:
        # What looks like a path is meant as one, so that a misspelt file is called so.
        is_file = Path(spec).is_file() or "/" in spec or Path(spec).suffix
        api = read_api(spec) if is_file else catalogue.api(spec)
        if api.id in apis:
            raise InputError(f"two APIs have the id {api.id!r}", where=spec, hint="Rename one of the files")
        apis[api.id] = api
    return list(apis.values())


def _welcome(site: "Site", url: str, *, auth: bool, token: str) -> list[str]:
    lines = [f"{url}/{name}  {mounted.api.title}, {_counted(mounted)}" for name, mounted in site.apis.items()]
    if len(site.apis) == 1:
        lines.append(f"{url}  the same")
    lines.append(f"{url}/__toolbench/state  the simulation itself; beside it: operations, entities, faults, reset")
    examples = (_curl(mounted, f"{url}/{name}", auth=auth, token=token) for name, mounted in site.apis.items())
    return [*lines, *[example for example in examples if example][:1]]


def _counted(mounted: "Mounted") -> str:
    count = len(mounted.api.tools)
    return f"{count} operation{'' if count == 1 else 's'}"


def _curl(mounted: "Mounted", url: str, *, auth: bool, token: str) -> str:
    """Return a command line that reads something; empty where everything asks for arguments."""
    plain = (each for each in mounted.endpoints if each.binding.method == "GET" and not each.names)
    endpoint = next((each for each in plain if not each.tool.parameters.get("required")), None)
    if endpoint is None:
        return ""
    headers = _credentials(endpoint, mounted, token) if auth else []
    options = "".join(f"-H '{name}: {value}' " for name, value in headers)
    return f"curl {options}'{url}{endpoint.template}'"


def _credentials(endpoint: "Endpoint", mounted: "Mounted", token: str) -> list[tuple[str, str]]:
    from toolbench.server.security import credential

    schemes = mounted.api.security_schemes
    alternatives = [[credential(schemes[name], token) for name in each] for each in endpoint.binding.security]
    whole = ([header for header in each if header] for each in alternatives if all(each))
    return next(iter([*whole, []]))
