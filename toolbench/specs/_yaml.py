"""Reading YAML into JSON values, by the rules OpenAPI recommends (YAML 1.2, JSON-compatible).

Scalars follow the YAML 1.2 core schema, so `on`, `no` and dates stay strings; mapping keys are always strings. The
event stream is read with a stack of our own: nesting and alias expansion are limited before they can do harm.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from toolbench.model import Json, JsonObject, is_array, is_object

MAX_DEPTH = 500
"""Levels of nesting that are read."""

MAX_EXPANSION = 1_000_000
"""Nodes that aliases may add to what is written out."""

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{f"{sign}{word}": None for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), None),
}
_STRING_TAG = "tag:yaml.org,2002:str"


class YamlError(ValueError):
    """The text is not YAML we can read. The message says why, with the line where it is known."""


@dataclass(slots=True)
class _Frame:
    """A collection that is being read."""

    content: Json
    anchor: str | None
    start: int
    key: str | None = None
    merged: list[JsonObject] = field(default_factory=list[JsonObject])


def read_yaml(text: str) -> Json:
    """Return the one document of a YAML text as a JSON value.

    Raises:
        YamlError: not YAML; more than one document; nested too deeply; aliases expand beyond measure.
    """
    try:
        events = cast("Iterator[Any]", yaml.parse(text, Loader=yaml.CSafeLoader))
        return _Builder(len(text)).build(events)
    except yaml.YAMLError as error:
        raise YamlError(_explain(error)) from error


def _explain(error: yaml.YAMLError) -> str:
    mark: Any = getattr(error, "problem_mark", None)
    problem: Any = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)


class _Builder:
    def __init__(self, written: int) -> None:
        self._limit = written + MAX_EXPANSION
        self._nodes = 0
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Json, int]] = {}
        self._documents: list[Json] = []

    def build(self, events: Iterator[Any]) -> Json:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                self._open({}, event)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open([], event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
        if len(self._documents) != 1:
            raise YamlError(f"one document is expected, here are {len(self._documents)}")
        return self._documents[0]

    def _scalar(self, event: Any) -> None:
        self._nodes += 1
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.content, dict) and frame.key is None:
            frame.key = event.value
        else:
            self._put(scalar(event.value) if _is_plain(event) else event.value)
        if event.anchor:
            self._anchors[event.anchor] = (scalar(event.value) if _is_plain(event) else event.value, 1)

    def _open(self, content: Json, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise YamlError(f"line {event.start_mark.line + 1}: nested deeper than {MAX_DEPTH} levels")
        self._expect_value(event)
        self._stack.append(_Frame(content, event.anchor, self._nodes))
        self._nodes += 1

    def _close(self) -> None:
        frame = self._stack.pop()
        for merged in frame.merged:
            frame.content = {**merged, **frame.content}
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.content, self._nodes - frame.start)
        self._put(frame.content)

    def _alias(self, event: Any) -> None:
        self._expect_value(event)
        if event.anchor not in self._anchors:
            raise YamlError(f"line {event.start_mark.line + 1}: alias *{event.anchor} has no anchor before it")
        value, size = self._anchors[event.anchor]
        self._nodes += size
        if self._nodes > self._limit:
            raise YamlError(f"line {event.start_mark.line + 1}: aliases expand to more than {MAX_EXPANSION:,} nodes")
        self._put(value)

    def _expect_value(self, event: Any) -> None:
        if self._stack and isinstance(self._stack[-1].content, dict) and self._stack[-1].key is None:
            raise YamlError(f"line {event.start_mark.line + 1}: a key must be plain text")

    def _put(self, value: Json) -> None:
        if not self._stack:
            self._documents.append(value)
            return
        frame = self._stack[-1]
        if isinstance(frame.content, list):
            frame.content.append(value)
        elif frame.key == "<<" and (sources := _merge_sources(value)):
            frame.merged += sources
            frame.key = None
        else:
            frame.content[frame.key] = value
            frame.key = None


def _is_plain(event: Any) -> bool:
    return not event.style and event.tag != _STRING_TAG


def _merge_sources(value: Json) -> list[JsonObject]:
    sources = value if is_array(value) else [value]
    return sources if all(is_object(source) for source in sources) else []


def scalar(text: str) -> Json:
    """Return what a plain scalar means in the YAML 1.2 core schema; what JSON cannot hold becomes null or a float."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    return text


def _integer(text: str) -> int | float | None:
    if len(text) > 300:
        return None
    number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return number if -(2**63) <= number < 2**64 else float(number)
