"""Plain text: paragraphs stand apart by empty lines."""

import re
from collections.abc import Iterator
from typing import ClassVar

from toolbench.documents._decoding import decode
from toolbench.documents.readers.base import Draft, known
from toolbench.model import Block

__all__ = ["TextReader"]

_GAP = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class TextReader:
    """Reads plain text."""

    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".text", ".log")
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        text, encoding = decode(data, where)
        pieces = (piece.strip("\n").rstrip() for piece in _GAP.split(text))
        yield Draft(tuple(Block(text=piece) for piece in pieces if piece), metadata=known(encoding=encoding))
