"""Readers of others' tasks, one format a file."""
