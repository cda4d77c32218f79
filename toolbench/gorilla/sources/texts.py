"""Files of documentation as text, whatever their encoding; what is not UTF-8 is read, and reported."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from toolbench.errors import InputError
from toolbench.gorilla.docset import Problem

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class ReadText:
    """A file's text."""

    text: str
    problems: tuple[Problem, ...] = ()
    """What is to be said of its encoding."""


def read_text(path: Path) -> ReadText:
    """Return the text of a file in UTF-8, UTF-16 with a mark, or, where it is neither, Windows-1252.

    Raises:
        InputError: it cannot be read, is empty, or is no text.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason}", where=str(path), hint="Check the path.") from error
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\0" in data:
        raise InputError("not text: it holds zero bytes", where=str(path), hint="Give a text file.")
    try:
        text, problems = data.decode(encoding), ()
    except UnicodeDecodeError as error:
        text = data.decode("cp1252", "replace")
        what = f"not {encoding.upper()} (byte {error.start})"
        problems = (Problem(str(path), what, "read as Windows-1252"),)
    if not text.strip():
        raise InputError("the file is empty", where=str(path), hint="Give a file of API documents.")
    return ReadText(text.replace("\r\n", "\n"), problems)
