"""Loaders of API descriptions: one kind a file, found by its name."""

from toolbench.specs._bundled import open_catalogue
from toolbench.specs.base import read_api

__all__ = ["open_catalogue", "read_api"]
