"""What API documents are read from: one kind of source a file."""
