"""Verified tool-use training data from API descriptions."""

from toolbench._version import __version__

__all__ = ["__version__"]
