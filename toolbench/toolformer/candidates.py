"""Calls in what a model wrote after the beginning of one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST = 300
"""Characters of a call."""

_CALL = re.compile(r"\s*(?P<name>[\w.-]+)\s*\((?P<argument>.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A call as it was read."""

    text: str
    """The call, spaces around it left out."""
    argument: str
    """What stands in its parentheses."""


def read_call(text: str, name: str) -> ReadCall | None:
    """Return the call of a tool that a text is; None where it is none."""
    found = _CALL.fullmatch(text) if len(text) <= LONGEST else None
    if found is None or found["name"] != name:
        return None
    argument = found["argument"].strip()
    return ReadCall(f"{name}({argument})", argument)


def distinct(written: Iterable[str | None], name: str) -> tuple[list[ReadCall], int]:
    """Return the calls among what was written, each once and in order, and how many of what was written are none."""
    read = [read_call(text, name) if text is not None else None for text in written]
    calls = dict.fromkeys(call for call in read if call is not None)
    return list(calls), sum(call is None for call in read)


def unquoted(argument: str) -> str:
    """Return an argument without the quotes around it."""
    bare = argument.strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] in "\"'“" and bare[-1] in "\"'”" else bare
