"""Arguments as they stand in a call's parentheses: JSON by name, but that lists stand in parentheses.

A model may be shown calls in brackets, and what it writes ends at the first `]`: none stands in an argument.
"""

import json
import re

from toolbench.model import Json, JsonObject
from toolbench.toolformer.base import ToolError

_ARGUMENT = re.compile(r"\s*([^\s=:,()\"']+)\s*[=:]\s*")
_BARE = re.compile(r"[^,()\s]+")
_DECODER = json.JSONDecoder()

_TEXT = r'"(?:[^"\\]|\\.)*"'
_UNLIKE_JSON, _JSON = re.compile(rf"{_TEXT}|[()]"), re.compile(rf"{_TEXT}|[\[\]]")
_TO_JSON, _FROM_JSON = {"(": "[", ")": "]"}, {"[": "(", "]": ")"}


def write_arguments(arguments: JsonObject) -> str:
    """Return arguments as `read_arguments` reads them."""
    return ", ".join(f"{name}={_written(value)}" for name, value in arguments.items())


def _written(value: Json) -> str:
    def one(found: re.Match[str]) -> str:
        return _FROM_JSON.get(found[0]) or found[0].replace("]", r"\u005d")

    return _JSON.sub(one, json.dumps(value))


def read_arguments(argument: str) -> JsonObject:
    """Return arguments of the form `name="text", other=3, more=("a", "b")`.

    Raises:
        ToolError: they are of another form.
    """
    found: JsonObject = {}
    at = 0
    while argument[at:].strip():
        named = _ARGUMENT.match(argument, at)
        if named is None:
            raise ToolError('arguments are not of the form name="value"')
        value, at = _value(argument, named.end())
        found[named[1]] = value
        rest = argument[at:].lstrip()
        if rest and not rest.startswith(","):
            raise ToolError("arguments are not separated by commas")
        at = len(argument) - len(rest) + (1 if rest else 0)
    return found


def _value(text: str, at: int) -> tuple[Json, int]:
    if text[at : at + 1] == "'" and (end := text.find("'", at + 1)) > 0:
        return text[at + 1 : end], end + 1
    try:
        value, length = _DECODER.raw_decode(_UNLIKE_JSON.sub(lambda found: _TO_JSON.get(found[0], found[0]), text[at:]))
        return value, at + length
    except (ValueError, RecursionError):
        bare = _BARE.match(text, at)
    if bare is None:
        raise ToolError("an argument has no value")
    return bare[0], bare.end()
