"""Engines: run an async function over items."""
