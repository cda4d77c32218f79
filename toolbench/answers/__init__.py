"""Judges of others' answer files, one format a file."""
