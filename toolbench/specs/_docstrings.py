"""Docstrings, in the styles of Google, NumPy and reStructuredText: what a function does, and what its arguments are."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SECTION = re.compile(
    r"(?P<name>args|arguments|parameters|params|other parameters|keyword args|keyword arguments|returns?|yields?"
    r"|raises?|examples?|notes?|references|see also|attributes|warns|warnings?|todo)\s*:?\s*",
    re.IGNORECASE,
)
_OF_ARGUMENTS = ("arg", "param", "keyword", "other param")
_TOLD_ELSEWHERE = ("return", "yield", "raise", *_OF_ARGUMENTS)
_GOOGLE = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:(?:\s+(?P<text>.*))?$")
_NUMPY = re.compile(r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")
_FIELD = re.compile(r":(?P<kind>\w+)(?:\s+(?P<about>[^:]*))?:\s*(?P<text>.*)$")
_OF_FIELDS = ("arg", "argument", "key", "keyword", "kwarg", "param", "parameter")


@dataclass(slots=True)
class Docs:
    """What a docstring says."""

    description: str = ""
    """What the function does: all but what is said of arguments, results and errors."""
    arguments: dict[str, str] = field(default_factory=dict[str, str])
    """What each argument is."""


def parsed(docstring: str) -> Docs:
    """Return what a docstring says."""
    docs = Docs()
    kept: list[str] = []
    for head, lines in _sections(inspect.cleandoc(docstring).splitlines()):
        if head.lower().startswith(_OF_ARGUMENTS):
            docs.arguments |= _arguments(lines)
        elif not head.lower().startswith(_TOLD_ELSEWHERE):
            kept += [f"{head}:", *lines] if head else _without_fields(lines, docs)
    docs.description = "\n".join(kept).strip()
    return docs


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the sections of a docstring, each with its head; what stands before them has an empty one."""
    head, body = "", list[str]()
    for place, line in enumerate(lines):
        below = lines[place + 1] if place + 1 < len(lines) else ""
        match = _SECTION.fullmatch(line)
        if match and (line.rstrip().endswith(":") or _is_underline(below)):
            yield head, body
            head, body = match["name"], []
        elif not (head and not body and _is_underline(line)):
            body.append(line)
    yield head, body


def _is_underline(line: str) -> bool:
    return len(line.strip()) > 2 and not line.strip().strip("-=")


def _arguments(lines: list[str]) -> dict[str, str]:
    """Return what a section says of each argument; what is indented deeper goes on with it."""
    indents = [_indent(line) for line in lines if line.strip()]
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in lines:
        match = _entry(line) if _indent(line) == min(indents, default=0) else None
        if match:
            names, text = match
            found |= {name: [text] for name in names}
        else:
            for name in names:
                found[name].append(line.strip())
    return {name: " ".join(filter(None, texts)) for name, texts in found.items()}


def _entry(line: str) -> tuple[list[str], str] | None:
    """Return the arguments that a line begins to describe, and what it says of them."""
    # NumPy's entries are not indented, and their lines give the type, not a description.
    if _indent(line):
        match = _GOOGLE.match(line.strip())
        return ([match["name"]], match["text"] or "") if match else None
    match = _NUMPY.match(line.strip())
    return ([name.strip().lstrip("*") for name in match["names"].split(",")], "") if match else None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _without_fields(lines: list[str], docs: Docs) -> list[str]:
    """Return the lines that belong to no field (`:param name: …`); what fields say of arguments goes into `docs`."""
    kept: list[str] = []
    inside, name = False, ""
    for line in lines:
        match = _FIELD.match(line)
        if match:
            words = (match["about"] or "").split()
            inside, name = True, words[-1].lstrip("*") if words and match["kind"] in _OF_FIELDS else ""
            if name:
                docs.arguments[name] = match["text"]
        elif inside and (_indent(line) or not line.strip()):
            if name and line.strip():
                docs.arguments[name] += f" {line.strip()}"
        else:
            inside = False
            kept.append(line)
    return kept
