"""The contract of a reader, and what readers share."""

import datetime
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from toolbench.errors import InputError
from toolbench.model import Block

DOCS, HF = "docs", "hf"
"""The extras that bring what readers need."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read of one document."""

    blocks: tuple[Block, ...]
    """Its pieces, in order."""
    title: str = ""
    """Its title; empty where it has none."""
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    """What else is known of it."""
    media: str = ""
    """The format, where it is another one than the reader's name says."""


class Reader(Protocol):
    """Reads one format. A reader is a plugin: its file's name is the format's."""

    suffixes: ClassVar[tuple[str, ...]]
    """Endings of the names of such files, in lower case, the dot with them."""
    media_types: ClassVar[tuple[str, ...]]
    """What a server calls it."""

    def read(self, data: bytes, where: str) -> Iterable[Draft]:
        """Yield the documents of a file, mostly one.

        Args:
            data: the file's content.
            where: its name, for messages.

        Raises:
            DocumentError: it is broken, protected, too large, or something else.
            InputError: what reads such files is not installed.
        """
        ...


@contextmanager
def installed(extra: str) -> Generator[None]:
    """Turn a failed import within the block into an error that says what to install.

    Raises:
        InputError: a package is missing.
    """
    try:
        yield
    except ImportError as error:
        hint = f"Install it: pip install 'toolbench-traces[{extra}]'"
        raise InputError(f"the package {error.name} is not installed", hint=hint) from error


def known(**facts: object) -> dict[str, str]:
    """Return those facts that are known, as texts on one line."""
    texts = {name: " ".join(str(fact or "").split()) for name, fact in facts.items()}
    return {name: text for name, text in texts.items() if text}


def iso_date(written: object) -> str:
    """Return a date or moment in the form of ISO 8601; empty where what is given is none."""
    if isinstance(written, datetime.date):
        return written.isoformat()
    try:
        return datetime.datetime.fromisoformat(str(written).strip()).isoformat().removesuffix("T00:00:00")
    except ValueError:
        return ""


def markdown_table(rows: Iterable[Iterable[str | None]]) -> str:
    """Return rows of cells as a Markdown table; the first row is its head. Empty where no cell holds anything."""
    cells = [[_cell(text) for text in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max(map(len, cells), default=0)
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in cells]
    return "\n".join([*lines[:1], "|" + " --- |" * width, *lines[1:]]) if lines else ""


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
