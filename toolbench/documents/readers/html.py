"""HTML: headings, lists, tables and code of a page, without scripts, styles and navigation."""

from collections.abc import Iterator
from typing import ClassVar

from toolbench.documents._html import Walk, page_facts, page_title, parsed
from toolbench.documents.readers.base import DOCS, Draft, installed, known
from toolbench.errors import DocumentError

__all__ = ["HtmlReader"]

_PLAIN = {"utf-8", "ascii", "utf-8-sig"}


class HtmlReader:
    """Reads HTML."""

    suffixes: ClassVar[tuple[str, ...]] = (".html", ".htm", ".xhtml")
    media_types: ClassVar[tuple[str, ...]] = ("text/html", "application/xhtml+xml")

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            import bs4  # noqa: F401  # pyright: ignore[reportUnusedImport]
            import lxml  # noqa: F401  # pyright: ignore[reportUnusedImport]

        if b"\0" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise DocumentError("not HTML: it holds NUL characters", where=where, hint="Which format is it?")
        soup = parsed(data)
        root = soup.find("main") or soup.body or soup
        blocks = tuple(Walk().blocks(root))
        if not blocks:
            hint = "Pages that a script fills have to be saved from a browser."
            raise DocumentError("the page holds no text", where=where, hint=hint)
        encoding = (soup.original_encoding or "").lower()
        facts = page_facts(soup) | known(encoding="" if encoding in _PLAIN else encoding)
        yield Draft(blocks, page_title(soup), facts)
