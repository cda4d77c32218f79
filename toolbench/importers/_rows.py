"""The rows of a file: the elements of a JSON list, or JSON lines, each with the line it begins in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from toolbench.errors import TaskFileError
from toolbench.model import Json
from toolbench.model.base import DEEPEST, is_shallow
from toolbench.specs.base import parse_leniently

_SPACE = re.compile(r"[ \t\r\n]*")
_SCANNER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as read."""

    line: int
    """The line it begins in, from 1."""
    content: Json = None
    """What it holds; None where that cannot be told."""
    problem: str = ""
    """Why it cannot be read; empty where it can."""


def entries(path: Path) -> Iterator[Entry]:
    """Yield the rows of a file. After a break in a list nothing more can be read; a broken line costs only itself.

    Raises:
        TaskFileError: there is no such file, it is empty, or it is no text.
    """
    yield from entries_of(_text(path))


def entries_of(text: str) -> Iterator[Entry]:
    """Yield the rows of a file's text, as `entries` does."""
    start = _after_space(text, 0)
    if text.startswith("[", start) and not _is_line(text, start):
        yield from _elements(text, start + 1)
    elif (whole := _parsed(text)) is not None:
        yield _entry(1 + text.count("\n", 0, start), whole)
    else:
        yield from _lines(text)


def _is_line(text: str, start: int) -> bool:
    """Tell whether what begins there is a line of its own, and others follow."""
    line, _, rest = text[start:].partition("\n")
    return bool(rest.strip()) and _parsed(line) is not None


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where, hint = str(path), "Give JSON in UTF-8"
        raise TaskFileError(f"not text: byte {error.start} is not UTF-8", where=where, hint=hint) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TaskFileError(f"cannot be read: {reason}", where=str(path), hint="Check the path") from error
    if not text.strip():
        raise TaskFileError("the file is empty", where=str(path), hint="Give a JSON list, or JSON lines")
    return text


def _elements(text: str, at: int) -> Iterator[Entry]:
    """Yield the elements of a JSON list, the first of which begins behind a place in the text."""
    line, counted = 1, 0
    while True:
        at = _after_space(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text.startswith("]", at):
            return
        try:
            _, end = _SCANNER.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield Entry(line, problem="broken JSON: what follows in the list cannot be read")
            return
        yield _entry(line, _parsed(text[at:end]))
        at = _after_space(text, end)
        if text.startswith(",", at):
            at += 1
        elif not text.startswith("]", at):
            yield Entry(line + text.count("\n", counted, at), problem="the list is not closed, or a comma is missing")
            return


def _lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _entry(number, _parsed(line))


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _parsed(text: str) -> Json:
    """Return what a JSON text holds; None where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return parse_leniently(text)


def _entry(line: int, content: Json) -> Entry:
    if content is None:
        return Entry(line, problem="not JSON")
    if not is_shallow(content):
        return Entry(line, problem=f"nested deeper than {DEEPEST} levels")
    return Entry(line, content)
