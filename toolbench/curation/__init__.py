"""Curation: what is kept, and why the rest is not."""
