"""Strings compared loosely."""

import re

_IGNORED = re.compile(r"[ ,./\-_*^]")


def loosened(text: str) -> str:
    """Return a string without what does not count in a loose comparison."""
    return _IGNORED.sub("", text).lower().replace("'", '"')
