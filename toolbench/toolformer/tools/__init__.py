"""Toolformer tools, one a file."""
