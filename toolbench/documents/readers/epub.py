"""E-books (.epub): a page is a chapter, in the order in which they are read."""

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from toolbench.documents._html import Walk, parsed
from toolbench.documents._zips import open_zip
from toolbench.documents.readers.base import DOCS, Draft, installed, iso_date, known
from toolbench.errors import DocumentError
from toolbench.model import Block

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

__all__ = ["EpubReader"]

_PAGES = {"application/xhtml+xml", "text/html"}


class EpubReader:
    """Reads .epub files."""

    suffixes: ClassVar[tuple[str, ...]] = (".epub",)
    media_types: ClassVar[tuple[str, ...]] = ("application/epub+zip",)

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            import bs4  # noqa: F401  # pyright: ignore[reportUnusedImport]
            import lxml  # noqa: F401  # pyright: ignore[reportUnusedImport]

        with open_zip(data, where) as archive:
            try:
                package, folder = _package(archive)
                chapters = _chapters(archive, package, folder)
            except (KeyError, BadZipFile, OSError, ValueError, EOFError) as error:
                raise DocumentError(f"not an e-book: {error}", where=where, hint="Does a reader open it?") from error
        blocks: list[Block] = []
        for page, chapter in enumerate(chapters, 1):
            blocks += Walk(page).blocks(chapter.body or chapter)
        if not blocks:
            hint = "Protected books cannot be read."
            raise DocumentError("no chapter holds any text", where=where, hint=hint)
        yield Draft(tuple(blocks), _said(package, "title"), _facts(package))


def _package(archive: ZipFile) -> tuple["BeautifulSoup", str]:
    """Return the book's package document, and the folder that its paths start from."""
    root = _xml(archive, "META-INF/container.xml").find("rootfile")
    if root is None:
        raise ValueError("META-INF/container.xml names no package")
    path = str(root["full-path"])
    return _xml(archive, path), posixpath.dirname(path)


def _chapters(archive: ZipFile, package: "BeautifulSoup", folder: str) -> list["BeautifulSoup"]:
    items: dict[str, Any] = {str(item.get("id")): item for item in package.find_all("item")}
    read: list[BeautifulSoup] = []
    for place in package.find_all("itemref"):
        item = items[str(place.get("idref"))]
        is_contents = "nav" in str(item.get("properties") or "").split()
        if str(item.get("media-type")) in _PAGES and not is_contents:
            path = posixpath.normpath(posixpath.join(folder, unquote(str(item["href"]))))
            read.append(parsed(archive.read(path)))
    return read


def _xml(archive: ZipFile, path: str) -> "BeautifulSoup":
    from bs4 import BeautifulSoup

    return BeautifulSoup(archive.read(path), "xml")


def _facts(package: "BeautifulSoup") -> dict[str, str]:
    return known(
        author=_said(package, "creator"), date=iso_date(_said(package, "date")), language=_said(package, "language")
    )


def _said(package: "BeautifulSoup", name: str) -> str:
    tag = package.find(name)
    return " ".join(tag.get_text().split()) if tag else ""
