"""Options and configuration of the general stages."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolbench.cli._options import root_config

if TYPE_CHECKING:
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.kit import KitConfig

KitFile = Annotated[
    Path | None,
    typer.Option(
        "-c", "--config", metavar="FILE", help="Settings in synthetic-data-kit's YAML; also before a command."
    ),
]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Model that is asked.  [default: the configuration's]")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        "--api-base",
        metavar="URL",
        help="URL of its endpoint, up to /v1.  [default: the configuration's, OPENAI_BASE_URL]",
    ),
]
Concurrency = Annotated[int | None, typer.Option(min=1, help="Requests under way at a time.  [default: 32]")]
Folder = Annotated[
    Path | None, typer.Option("-o", "--output", "--output-dir", metavar="DIR", help="Folder to write to.")
]


def load_config(file: Path | None) -> "KitConfig":
    """Return the configuration that a command is given, or that stood before it; tell what of it means nothing.

    Raises:
        ConfigError: it cannot be used.
    """
    from toolbench.pipeline.kit import load

    loaded = load(file or root_config())
    for warning in loaded.warnings:
        typer.echo(f"toolbench: warning: {warning}", err=True)
    return loaded.config


def chosen_model(
    config: "KitConfig", name: str | None, base_url: str | None, concurrency: int | None
) -> "ModelChoice | None":
    """Return the model that options name, else the configuration; None where neither does."""
    from toolbench.pipeline.asked import choose

    return choose(config.endpoint, name, base_url, concurrency or config.generation.batch_size)


def required_model(
    config: "KitConfig", name: str | None, base_url: str | None, concurrency: int | None
) -> "ModelChoice":
    """Return the model that options name, else the configuration.

    Raises:
        InputError: neither does.
    """
    from toolbench.errors import InputError

    choice = chosen_model(config, name, base_url, concurrency)
    if choice is None:
        hint = "Give `--model NAME --base-url URL`, or a configuration (`-c`) that names one."
        raise InputError("no model is named", hint=hint)
    return choice


def given_options(written: list[str] | None) -> dict[str, Any]:
    """Return the options in texts of the form NAME=VALUE, values read as YAML.

    Raises:
        InputError: a text is not of that form.
    """
    import yaml

    from toolbench.errors import InputError

    found: dict[str, Any] = {}
    for text in written or ():
        name, sign, value = text.partition("=")
        if not (name.strip() and sign):
            raise InputError(f"--set {text!r} is not of the form NAME=VALUE")
        try:
            found[name.strip().replace("-", "_")] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InputError(f"--set {text!r}: {' '.join(str(error).split())}") from error
    return found
