"""Verified tool-use training data from API descriptions. The commands, as functions for notebooks and scripts."""

import importlib
from typing import TYPE_CHECKING, Any

from toolbench._version import __version__

if TYPE_CHECKING:
    from toolbench.pipeline.public import curate, evaluate, generate, load_run, save_as
    from toolbench.registry import Catalogue
    from toolbench.specs import open_catalogue
    from toolbench.store import Run

__all__ = [
    "Catalogue",
    "Run",
    "__version__",
    "curate",
    "evaluate",
    "generate",
    "load_run",
    "open_catalogue",
    "save_as",
]

_HOMES = {
    "Catalogue": "toolbench.registry",
    "Run": "toolbench.store",
    "curate": "toolbench.pipeline.public",
    "evaluate": "toolbench.pipeline.public",
    "generate": "toolbench.pipeline.public",
    "load_run": "toolbench.pipeline.public",
    "open_catalogue": "toolbench.specs",
    "save_as": "toolbench.pipeline.public",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
