"""The bundled API descriptions, read when they are first asked for."""

from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from toolbench.model import Api
from toolbench.registry import Catalogue
from toolbench.specs.base import read_api

PACKAGE = "api_specs"
"""The package that holds the descriptions; the name of a file is the API's id."""


def open_catalogue(home: Path | None = None) -> Catalogue:
    """Return the catalogue, with the bundled APIs.

    Args:
        home: its folder; by default `TOOLBENCH_HOME`, or `.toolbench` in the working folder.
    """
    files = [item for item in resources.files(PACKAGE).iterdir() if item.name.endswith(".yaml")]
    return Catalogue(home, {item.name.removesuffix(".yaml"): partial(_read, item) for item in files})


def _read(item: Traversable) -> Api:
    with resources.as_file(item) as path:
        return read_api(path, "openapi", item.name.removesuffix(".yaml"))
