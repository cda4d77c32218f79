"""Documents: read from files of many formats, and cut into chunks."""
