"""Paths held against templates: static segments before parameters, `{id}.json` and `{id}:verb` between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A template that a path fits."""

    values: tuple[str, ...]
    """What stands in the path for each parameter, as sent: percent-encoded."""
    things: list[T]
    """What was put under the template."""


class _Node(Generic[T]):
    __slots__ = ("mixed", "parameter", "static", "things")

    def __init__(self) -> None:
        self.static: dict[str, _Node[T]] = {}
        self.mixed: list[tuple[re.Pattern[str], _Node[T]]] = []
        self.parameter: _Node[T] | None = None
        self.things: list[T] = []


class Paths(Generic[T]):
    """A tree of path templates, each with the things put under it."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def put(self, template: str, thing: T) -> None:
        """Put a thing under a template. Names of parameters do not matter: `/a/{x}` and `/a/{y}` are one place."""
        node = self._root
        for segment in _segments(template):
            node = _below(node, segment)
        node.things.append(thing)

    def find(self, path: str) -> Found[T] | None:
        """Return the template that a path fits best, or None; a slash at the end may be there or not.

        Args:
            path: a path as sent, percent-encoded.
        """
        segments = _segments(path)
        other = segments[:-1] if segments[-1] == "" else [*segments, ""]
        return next(_search(self._root, segments, 0, ()), None) or next(_search(self._root, other, 0, ()), None)


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _below(node: _Node[T], segment: str) -> _Node[T]:
    """Return the node of a template's segment below a node, made where there is none."""
    if "{" not in segment:
        return node.static.setdefault(unquote(segment), _Node())
    if _PARAMETER.fullmatch(segment):
        node.parameter = node.parameter or _Node()
        return node.parameter
    pattern = re.compile("(.+)".join(re.escape(literal) for literal in _PARAMETER.split(segment)))
    for known, below in node.mixed:
        if known == pattern:
            return below
    node.mixed.append((pattern, _Node()))
    # The more is fixed, the earlier it is tried.
    node.mixed.sort(key=lambda each: -len(each[0].pattern))
    return next(below for known, below in node.mixed if known == pattern)


def _search(node: _Node[T], segments: list[str], at: int, values: tuple[str, ...]) -> Iterator[Found[T]]:
    if at == len(segments):
        if node.things:
            yield Found(values, node.things)
        return
    segment = segments[at]
    below = node.static.get(unquote(segment) if "%" in segment else segment)
    if below is not None:
        yield from _search(below, segments, at + 1, values)
    for pattern, mixed in node.mixed:
        if match := pattern.fullmatch(segment):
            yield from _search(mixed, segments, at + 1, (*values, *match.groups()))
    if node.parameter is not None and segment:
        yield from _search(node.parameter, segments, at + 1, (*values, segment))
