"""Runs in a browser: a list, filters, every trace. It reads, and listens on this machine only."""
