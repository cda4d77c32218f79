"""Exporters: one training format a file."""
