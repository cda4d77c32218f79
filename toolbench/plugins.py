"""Plugins: one class a file, found by the file's name, listed without being imported."""

import ast
import difflib
import importlib
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from typing import Any

from toolbench.errors import PluginError

PACKAGES = {
    "answers": "toolbench.answers",
    "create": "toolbench.create",
    "evaluators": "evaluators",
    "executors": "toolbench.executors",
    "exporters": "toolbench.exporters",
    "importers": "toolbench.importers",
    "readers": "toolbench.documents.readers",
    "searchers": "searchers",
    "specs": "toolbench.specs",
    "toolformer": "toolbench.toolformer.tools",
}
"""Kinds of plugin and the packages that hold the built-in ones; outside packages use the kind as entry-point group,
prefixed with `toolbench.`."""

NAMES_OF = {"create": "kind of created data"}
"""What a plugin of a kind is called, where the kind's name does not say."""

SHARED_MODULES = {"base"}
"""Modules of those packages that hold contracts, not plugins."""


def names(kind: str) -> dict[str, str]:
    """Return the plugins of a kind, sorted by name, each with its summary (a built-in's first docstring line)."""
    found = {point.name: f"from {point.value}" for point in _entry_points(kind)}
    for name, file in _built_in(kind).items():
        found[name] = (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0]
    return dict(sorted(found.items()))


def load(kind: str, name: str) -> type[Any]:
    """Return a plugin's class: a built-in's by file name, an outside one's by entry point or `module:Class`.

    Raises:
        PluginError: there is no such plugin; the message lists what there is.
    """
    if ":" in name:
        return _attribute(*name.split(":", 1))
    for point in _entry_points(kind):
        if point.name == name:
            return point.load()
    if name not in _built_in(kind):
        near = difflib.get_close_matches(name, names(kind), n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        kinds = NAMES_OF.get(kind, kind.rstrip("s"))
        raise PluginError(f"no {kinds} is named {name!r}", hint=f"{hint}There are: {', '.join(names(kind))}")
    module = importlib.import_module(f"{PACKAGES[kind]}.{name}")
    (content,) = module.__all__
    return getattr(module, content)


@cache
def _built_in(kind: str) -> dict[str, Traversable]:
    """Return the files of the built-in plugins of a kind, by name."""
    files = {item.name.removesuffix(".py"): item for item in resources.files(PACKAGES[kind]).iterdir()}
    return {
        name: item
        for name, item in files.items()
        if item.name.endswith(".py") and not name.startswith("_") and name not in SHARED_MODULES
    }


# Reading what all installed distributions offer takes tens of milliseconds.
@cache
def _entry_points(kind: str) -> metadata.EntryPoints:
    return metadata.entry_points(group=f"toolbench.{kind}")


def _attribute(module: str, name: str) -> type[Any]:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(f"{module}:{name} cannot be loaded: {error}") from error
