"""`toolbench doctor`: whether this installation is sound, and what its records look like."""

import importlib.util
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.pipeline.diagnosis import Finding

PACKAGES = ("toolbench", "searchers", "evaluators", "api_specs")
DISTRIBUTION = "toolbench-traces"
EXTRAS = {
    "docs": (
        "bs4",
        "charset_normalizer",
        "docx",
        "lxml",
        "markdown_it",
        "pdfplumber",
        "pptx",
        "youtube_transcript_api",
    ),
    "embedded": ("xllamacpp", "gguf"),
    "hf": ("pyarrow",),
    "mcp": ("mcp",),
}
"""By extra, the modules that it brings."""


@guarded
def command(
    *,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Ask this model what it can; `embedded` is the one here.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(help="URL of its endpoint, up to /v1.  [default: OPENAI_BASE_URL]")
    ] = None,
    schemas: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the records' JSON Schemas there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the installation, and a model's endpoint by asking it. Exit 1 when something is wrong."""
    clashes = _clashes()
    findings: dict[str, object] = {
        "python": sys.version.split()[0],
        "toolbench": metadata.version(DISTRIBUTION),
        "clashes": clashes,
        "embedded": _embedded(),
        "extras": _extras(),
        "plugins": _plugins(),
    }
    if schemas is not None:
        findings["schemas"] = _write_schemas(schemas)
    endpoint = _endpoint(model, base_url) if model is not None else []
    if as_json:
        told = {finding.name: {"holds": finding.holds, "detail": finding.detail} for finding in endpoint}
        show_json(findings | ({"endpoint": told} if model is not None else {}))
    else:
        _show(findings)
        _show_endpoint(model or "", endpoint)
    if clashes or _is_useless(endpoint):
        raise typer.Exit(1)


def _endpoint(model: str, base_url: str | None) -> "list[Finding]":
    from toolbench.pipeline.diagnosis import diagnose

    return diagnose(model, base_url)


def _is_useless(endpoint: "list[Finding]") -> bool:
    from toolbench.pipeline.diagnosis import NEEDED

    return any(finding.name in NEEDED and not finding.holds for finding in endpoint)


def _show_endpoint(model: str, endpoint: "list[Finding]") -> None:
    for finding in endpoint:
        answer = {True: "yes", False: "no", None: "unknown"}[finding.holds]
        detail = f" ({finding.detail})" if finding.detail else ""
        typer.echo(f"{model}: {finding.name.replace('_', ' ')}: {answer}{detail}")


def _extras() -> dict[str, list[str]]:
    """Return by extra the modules that are missing; none where all are there."""
    return {
        extra: [name for name in modules if importlib.util.find_spec(name) is None] for extra, modules in EXTRAS.items()
    }


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
    extras = findings["extras"]
    if isinstance(extras, dict):
        for extra, missing in extras.items():  # pyright: ignore[reportUnknownVariableType]
            way = f"pip install '{DISTRIBUTION}[{extra}]'"
            told = f"missing {', '.join(missing)} ({way})" if missing else "installed"  # pyright: ignore[reportUnknownArgumentType]
            typer.echo(f"extra {extra}: {told}")
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
