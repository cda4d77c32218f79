"""Created data: one kind a file."""
