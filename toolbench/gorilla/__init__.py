"""Gorilla and RAFT: instructions answered with documentation in the context."""
