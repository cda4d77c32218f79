"""What stands over a Markdown text: YAML between two lines of dashes."""

import re

import yaml

from toolbench.model import Json, JsonObject, is_object

_FRONT = re.compile(r"---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def split_front(text: str) -> tuple[JsonObject, str]:
    """Return what stands in front of a text, and the text without it. What is no YAML mapping belongs to the text."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    try:
        front: Json = yaml.load(match["yaml"], Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return {}, text
    return (front, text[match.end() :]) if is_object(front) else ({}, text)
