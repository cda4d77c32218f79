"""Loaders: one kind of API description a file."""
