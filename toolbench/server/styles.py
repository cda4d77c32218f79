"""The ways in which OpenAPI writes arrays and objects into parameters, read back as text in lists and mappings."""

import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import quote, unquote

from toolbench.server.messages import Pairs

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
"""Text as it stands in a request, in lists and mappings, before types are known."""

MARKS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
"""What stands between items, by style; a comma in all others."""

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 32


def split(raw: str, mark: str = ",") -> list[str]:
    """Return the items of a percent-encoded list, decoded.

    Delimiters may be percent-encoded, as many clients do, unless there are bare ones: then those encoded are text.
    """
    if not raw:
        return []
    if mark in raw:
        return [unquote(part) for part in raw.split(mark)]
    return [unquote(part) for part in re.split(re.escape(quote(mark, safe="")), raw, flags=re.IGNORECASE)]


def alternating(items: list[str]) -> dict[str, Tree]:
    """Return the object that `key,value,key,value` stands for."""
    return dict(zip(items[::2], items[1::2], strict=False))


def assigned(items: Iterable[str]) -> dict[str, Tree]:
    """Return the object that `key=value` items stand for."""
    parts = (item.partition("=") for item in items)
    return {name: value for name, _, value in parts}


def nested(pairs: Pairs) -> dict[str, Tree]:
    """Return what names with brackets stand for: `a[b]=1`, `a[]=1`, `a[0][b]=1`; equal names make a list."""
    root: dict[str, Tree] = {}
    for name, raw in pairs:
        head, bracket, rest = name.partition("[")
        inner = _BRACKETS.findall(bracket + rest)
        if "".join(f"[{key}]" for key in inner) != bracket + rest or len(inner) > _DEEPEST:
            head, inner = name, []
        _place(root, [head, *inner], unquote(raw))
    return root


def _place(node: dict[str, Tree], keys: list[str], text: str) -> None:
    for key in keys[:-1]:
        below = node.get(_numbered(node, key))
        if not isinstance(below, dict):
            below = node[_numbered(node, key)] = {}
        node = below
    last = _numbered(node, keys[-1])
    known = node.get(last)
    if known is None:
        node[last] = text
    else:
        node[last] = [*known, text] if isinstance(known, list) else [known, text]


def _numbered(node: dict[str, Tree], key: str) -> str:
    """Return the key that empty brackets stand for: the next number."""
    return key or str(len(node))


def simple(raw: str, kind: str, *, explode: bool) -> Tree:
    """Return what a path segment or a header stands for in the style `simple`.

    Args:
        raw: the text, percent-encoded.
        kind: `array`, `object`, or anything else for one value.
        explode: whether an object is written as `key=value`.
    """
    if kind == "array":
        return [*split(raw)]
    if kind == "object":
        return assigned(split(raw)) if explode else alternating(split(raw))
    return unquote(raw)


def label(raw: str, kind: str, *, explode: bool) -> Tree:
    """Return what a path segment stands for in the style `label`: `.a.b`, `.a,b`."""
    text = raw.removeprefix(".")
    if explode and kind == "array":
        return [*split(text, ".")]
    if explode and kind == "object":
        return assigned(split(text, "."))
    return simple(text, kind, explode=False)


def matrix(raw: str, key: str, kind: str, *, explode: bool) -> Tree:
    """Return what a path segment stands for in the style `matrix`: `;key=a,b`, `;key=a;key=b`."""
    parts = [part.partition("=") for part in raw.removeprefix(";").split(";")]
    if explode and kind == "array":
        return [unquote(value) for _, _, value in parts]
    if explode and kind == "object":
        return {unquote(name): unquote(value) for name, _, value in parts}
    named = {unquote(name): value for name, _, value in parts}
    return simple(named.get(key, raw), kind, explode=False)


def form(values: list[str], kind: str, mark: str, *, explode: bool) -> Tree:
    """Return what the values of one name stand for in the style `form` and its kin.

    Args:
        values: the values, percent-encoded; at least one.
        kind: `array`, `object`, or anything else for one value.
        mark: what stands between items that are not exploded.
        explode: whether each item has a value of its own.
    """
    if kind == "array":
        if explode or len(values) > 1:
            return [unquote(value) for value in values]
        return [*split(values[0], mark)]
    if kind == "object":
        return alternating(split(values[-1], mark))
    return unquote(values[-1])
