"""`toolbench doctor`: whether this installation is sound, and what its records look like."""

import importlib.util
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

PACKAGES = ("toolbench", "searchers", "evaluators", "api_specs")
DISTRIBUTION = "toolbench-traces"


@guarded
def command(
    *,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the records' JSON Schemas there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the installation. Exit 1 when something is wrong."""
    clashes = _clashes()
    findings = {
        "python": sys.version.split()[0],
        "toolbench": metadata.version(DISTRIBUTION),
        "clashes": clashes,
        "embedded": _embedded(),
        "plugins": _plugins(),
    }
    if schemas is not None:
        findings["schemas"] = _write_schemas(schemas)
    if as_json:
        show_json(findings)
    else:
        _show(findings)
    if clashes:
        raise typer.Exit(1)


def _clashes() -> list[str]:
    """Return which of our packages another distribution claims, or shadows by standing before ours on the path."""
    found: list[str] = []
    owners = metadata.packages_distributions()
    home = Path(__file__).resolve().parents[2]
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {DISTRIBUTION})
        found += [f"{package}: also claimed by the distribution {other}" for other in others]
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None or not Path(spec.origin).resolve().is_relative_to(home):
            found.append(f"{package}: imported from {spec.origin if spec else 'nowhere'}, not from {home}")
    return found


def _embedded() -> str:
    """Return which weights the embedded model has; empty where it is not installed."""
    from toolbench.llm.embedded import installed

    path = installed()
    return path.name if path else ""


def _plugins() -> dict[str, list[str]]:
    from toolbench import plugins

    return {kind: list(plugins.names(kind)) for kind in plugins.PACKAGES}


def _write_schemas(folder: Path) -> list[str]:
    import orjson

    from toolbench.model import RECORDS
    from toolbench.store import write_whole

    written: list[str] = []
    for name, record in RECORDS.items():
        path = folder / f"{name}.schema.json"
        write_whole(path, orjson.dumps(record.model_json_schema(), option=orjson.OPT_INDENT_2) + b"\n")
        written.append(str(path))
    return written


def _show(findings: Mapping[str, object]) -> None:
    typer.echo(f"toolbench {findings['toolbench']} on Python {findings['python']}")
    typer.echo(f"embedded model: {findings['embedded'] or 'not installed (`make embedded`)'}")
    kinds = findings["plugins"]
    if isinstance(kinds, dict):
        for kind, names in kinds.items():  # pyright: ignore[reportUnknownVariableType]
            typer.echo(f"{kind}: {', '.join(names)}")  # pyright: ignore[reportUnknownArgumentType]
    written, clashes = findings.get("schemas"), findings["clashes"]
    if isinstance(written, list):
        typer.echo(f"{len(written)} schemas written")  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(clashes, list):
        for clash in clashes or ["No clash with other distributions."]:  # pyright: ignore[reportUnknownVariableType]
            typer.echo(str(clash))  # pyright: ignore[reportUnknownArgumentType]
