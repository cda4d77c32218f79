"""The blocks of a page, for whatever formats are made of such."""

import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from toolbench.documents.readers.base import iso_date, known, markdown_table
from toolbench.model import Block

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

DROPPED = frozenset("script style nav noscript template svg iframe canvas object head button select form".split())
"""Elements of which nothing is read: they are no text, or not the page's own."""

_HEADING = re.compile(r"h[1-6]")
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer h1 h2"
    " h3 h4 h5 h6 header hgroup hr html li main ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_LISTS = {"ul", "ol", "menu"}


def parsed(data: bytes) -> "BeautifulSoup":
    """Return a page, however well or badly it is written. XHTML is read as browsers do, as HTML."""
    from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(data, "lxml")


class Walk:
    """Goes through the elements of a page and collects its blocks.

    Args:
        page: number of the page, for its blocks.
    """

    def __init__(self, page: int | None = None) -> None:
        self._page = page
        self._words: list[str] = []
        self._found: list[Block] = []

    def blocks(self, root: "Tag") -> list[Block]:
        """Return the blocks of an element."""
        self._children(root)
        self._flush()
        return self._found

    def _children(self, tag: "Tag") -> None:
        from bs4.element import NavigableString, PreformattedString, Tag

        for child in tag.children:
            if isinstance(child, Tag):
                self._element(child)
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                self._words.append(re.sub(r"\s+", " ", child))

    def _element(self, tag: "Tag") -> None:
        if tag.name in DROPPED or tag.has_attr("hidden"):
            return
        if tag.name == "br":
            self._words.append("\n")
        elif tag.name not in _BLOCKS and tag.name not in _LISTS:
            self._children(tag)
        else:
            self._flush()
            self._block(tag)
            self._flush()

    def _block(self, tag: "Tag") -> None:
        if _HEADING.fullmatch(tag.name):
            self._add(inline(tag), "heading", int(tag.name[1]))
        elif tag.name == "pre":
            self._add(tag.get_text().strip("\n"), "code")
        elif tag.name in _LISTS:
            self._add("\n".join(_items(tag, "")), "list")
        elif tag.name == "table" and _is_data(tag):
            for caption in tag.find_all("caption", recursive=False):
                self._add(inline(caption))
            rows = [
                [inline(cell) for cell in row.find_all(["td", "th"], recursive=False)] for row in tag.find_all("tr")
            ]
            self._add(markdown_table(rows), "table")
        else:
            self._children(tag)

    def _flush(self) -> None:
        self._add(_tidy("".join(self._words)))
        self._words.clear()

    def _add(
        self, text: str, kind: Literal["heading", "paragraph", "list", "table", "code"] = "paragraph", level: int = 0
    ) -> None:
        if text.strip():
            self._found.append(Block(text=text, kind=kind, level=level, page=self._page))


def inline(tag: "Tag") -> str:
    """Return the text of an element on one line, without what is dropped."""
    return " ".join("".join(_texts(tag)).split())


def _texts(tag: "Tag") -> Iterator[str]:
    from bs4.element import NavigableString, PreformattedString, Tag

    for child in tag.children:
        if isinstance(child, Tag):
            if child.name not in DROPPED:
                yield " " if child.name == "br" or child.name in _BLOCKS else ""
                yield from _texts(child)
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            yield child


def _items(tag: "Tag", indent: str) -> Iterator[str]:
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        nested = [child for child in item.find_all(list(_LISTS)) if child.find_parent("li") is item]
        for child in nested:
            child.extract()
        mark = f"{number}." if tag.name == "ol" else "-"
        yield f"{indent}{mark} {inline(item)}".rstrip()
        for child in nested:
            yield from _items(child, f"{indent}  ")


def _is_data(table: "Tag") -> bool:
    """Tell whether a table holds data, and is no means of laying out a page."""
    if table.find(["table", "ul", "ol", "pre", "h1", "h2"]):
        return False
    return any(len(row.find_all(["td", "th"], recursive=False)) > 1 for row in table.find_all("tr"))


def _tidy(text: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def page_title(soup: "BeautifulSoup") -> str:
    """Return the title of a page: its own, or what it tells others, or its first heading."""
    if soup.title and (title := inline(soup.title)):
        return title
    heading = soup.find("h1")
    return _meta(soup, "og:title") or (inline(heading) if heading else "")


def page_facts(soup: "BeautifulSoup") -> dict[str, str]:
    """Return what a page says of itself: author, date, language."""
    root, moment = soup.find("html"), soup.find("time", datetime=True)
    dates: list[str] = [_meta(soup, "article:published_time", "date", "dc.date", "dcterms.created", "pubdate")]
    dates += [str(moment["datetime"])] if moment else []
    return known(
        author=_meta(soup, "author", "article:author", "dc.creator"),
        date=next((date for date in (iso_date(written) for written in dates) if date), ""),
        language=str(root.get("lang") or "") if root else "",
    )


def _meta(soup: "BeautifulSoup", *names: str) -> str:
    for name in names:
        for tag in soup.find_all("meta"):
            if name in {str(tag.get("name", "")).lower(), str(tag.get("property", "")).lower()} and tag.get("content"):
                return str(tag["content"])
    return ""
