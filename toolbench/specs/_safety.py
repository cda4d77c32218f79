"""What a function does, guessed from its name where nothing else says so."""

import re

from toolbench.model.tool import Safety

READING = frozenset(
    "analyze calculate calc check classify compare compute convert count decode describe detect encode estimate"
    " evaluate explain extract fetch filter find format get has is list lookup look measure parse peek predict preview"
    " query read rank recommend resolve retrieve round search select show sort split subtract sum summarize tell"
    " translate validate verify view".split()
)
"""Verbs that leave everything as it is."""

DESTROYING = frozenset("clear delete destroy drop erase purge remove truncate uninstall wipe".split())
"""Verbs that take something away for good."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def guessed(name: str) -> Safety:
    """Return the safety that a function's name suggests, by the verb it begins with; `write` where it says nothing.

    Args:
        name: `get_user`, `deleteFile`, `files.remove`; of a dotted name the last part counts.
    """
    word = _WORD.search(name.rpartition(".")[2])
    verb = word[0].lower() if word else ""
    if verb in DESTROYING:
        return "destructive"
    return "read" if verb in READING else "write"
