"""Documents: what was read from a file or a page, its structure kept, and the pieces it is cut into."""

from functools import cached_property
from itertools import accumulate
from typing import Literal

from pydantic import Field

from toolbench.model.base import Part, Record

BETWEEN = "\n\n"
"""What stands between two blocks of a document's text."""


class Block(Part):
    """A piece of a document that belongs together."""

    text: str
    """Its text. A table is Markdown, a heading has no marks."""
    kind: Literal["heading", "paragraph", "list", "table", "code"] = "paragraph"
    """What it is."""
    level: int = 0
    """For a heading: 1 for the highest. 0 for all else."""
    page: int | None = None
    """Page, slide or chapter it begins on, from 1; None where the format has none."""


class Document(Record):
    """A text with its structure."""

    id: str
    """Made from its source and its content."""
    source: str
    """Where it comes from: a path as it was named, or a URL."""
    name: str
    """Name for the files made of it; no two documents ingested together share one."""
    title: str = ""
    """Its title; empty where it has none."""
    media: str = ""
    """Format it was read from: `pdf`, `html`, …"""
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    """What else is known of it: `author`, `date` (ISO 8601), `language`, …"""
    blocks: tuple[Block, ...]
    """Its pieces, in order."""

    @cached_property
    def text(self) -> str:
        """All of it, blocks apart by an empty line."""
        return BETWEEN.join(block.text for block in self.blocks)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where in `text` each block begins, in characters."""
        sizes = (len(block.text) + len(BETWEEN) for block in self.blocks)
        return tuple(accumulate(sizes, initial=0))[: len(self.blocks)]


class Chunk(Part):
    """A piece of a document, small enough for what reads it. `document.text[start:end] == text`."""

    document: str
    """The document's id."""
    ordinal: int
    """Its place among the document's chunks, from 0."""
    text: str
    """Its text."""
    start: int
    """Where in the document's text it begins, in characters."""
    end: int
    """Where it ends."""
    headings: tuple[str, ...] = ()
    """The headings it stands under, highest first."""
    page: int | None = None
    """Page it begins on; None where the format has none."""
