"""PDF: text by lines and columns of a page, headings by the size of letters, tables that are drawn."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from operator import itemgetter
from typing import Any, ClassVar, TypeAlias

from toolbench.documents._columns import Columns
from toolbench.documents.readers.base import DOCS, Draft, installed, iso_date, known, markdown_table
from toolbench.errors import DocumentError
from toolbench.model import Block

__all__ = ["PdfReader"]

LARGER = 1.15
"""Size of a heading's letters, as a multiple of the size that most letters have."""

LONGEST = 200
"""Characters of a heading."""

APART = 1.6
"""Distance between two lines of different paragraphs, as a multiple of the letters' size."""

ITEMS_APART = 3.0
"""The same of two items of one list."""

SPACE = 0.15
"""Width of the narrowest space between two words, as a multiple of the letters' size."""

MARGIN = 0.09
"""Share of a page's height, at its top and at its bottom, where headers and footers are looked for."""

ROW = 3.0
"""Points between the tops of two lines of one row, at most."""

REPEATED = 3
"""Pages on which a header or footer stands, at least."""

_TYPEWRITER = re.compile(r"mono|courier|typewriter|consol|cmtt|menlo|fixed", re.IGNORECASE)
_ITEM = re.compile(r"(?:[•◦‣▪●–*-]|\(?\d{1,2}[.)])\s+(?=\S)")  # noqa: RUF001  (dashes begin items, too)
_UNKNOWN = re.compile(r"\(cid:\d+\)")
_NUMBER = re.compile(r"\d+|\b[ivxl]+\b")

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom edge, in points."""

_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of text, or a table, on a page."""

    text: str
    top: float
    """Points from the top of the page."""
    left: float
    """Points from its left edge."""
    size: float = 0.0
    """Size of its letters, in points; 0 for a table."""
    page: int = 1
    is_margin: bool = False
    """Whether it stands where pages have headers and footers."""
    is_code: bool = False
    """Whether all of its letters are as wide as each other."""

    @property
    def is_item(self) -> bool:
        """Whether an item of a list begins here."""
        return bool(_ITEM.match(self.text)) and not self.is_code


class PdfReader:
    """Reads PDF. Scanned pages hold no text."""

    suffixes: ClassVar[tuple[str, ...]] = (".pdf",)
    media_types: ClassVar[tuple[str, ...]] = ("application/pdf", "application/x-pdf")

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            import pdfplumber
            from pdfminer.pdfdocument import PDFPasswordIncorrect

        try:
            with pdfplumber.open(BytesIO(data)) as pdf:
                facts: dict[str, Any] = pdf.metadata
                pieces = _without_margins([_pieces(page) for page in pdf.pages])
        except Exception as error:  # the library lets whatever goes wrong inside through
            causes = (error, error.__cause__, error.__context__, *error.args)
            if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
                raise DocumentError("protected by a password", where=where, hint="Save it without one.") from error
            reason = " ".join(str(error).split()) or type(error).__name__
            raise DocumentError(f"not a readable PDF: {reason}", where=where, hint="Is it whole?") from error
        blocks = tuple(_blocks(pieces))
        if not blocks:
            raise DocumentError("its pages hold no text", where=where, hint="Scanned pages need OCR first.")
        title = known(title=facts.get("Title")).get("title", "")
        heading = next((block.text for block in blocks if block.level == 1), "")
        named = title if title.lower() not in {"untitled", "(anonymous)"} else ""
        yield Draft(blocks, named or heading, _facts(facts))


def _facts(facts: dict[str, Any]) -> dict[str, str]:
    date = _DATE.match(str(facts.get("CreationDate", "")))
    author = str(facts.get("Author") or "")
    return known(
        author="" if author.lower() in {"anonymous", "(anonymous)"} else author,
        date=iso_date("-".join(date.groups())) if date else "",
    )


def _pieces(page: Any) -> list[_Piece]:
    """Return the lines and tables of a page, in the order in which it is read."""
    tables = [(table, markdown_table(table.extract())) for table in page.find_tables()]
    tables = [(table, text) for table, text in tables if _is_data(text)]
    boxes: list[Box] = [table.bbox for table, _ in tables]
    rest = page.filter(partial(_is_outside, boxes))
    columns = Columns(rest.extract_words(x_tolerance_ratio=SPACE), page.width)
    lines = [
        line
        for part in columns.parts(rest)
        for line in part.extract_text_lines(return_chars=True, x_tolerance_ratio=SPACE)
    ]
    edges = [choose((line["top"] for line in lines), default=0.0) for choose in (min, max)]
    found = [
        (columns.place(line["x0"], line["x1"], line["top"], line["bottom"]), _line(line, page, edges)) for line in lines
    ]
    for table, text in tables:
        left, top, right, bottom = table.bbox
        found.append((columns.place(left, right, top, bottom), _Piece(text, top, left, page=page.page_number)))
    page.close()
    return [piece for _, piece in sorted(found, key=itemgetter(0)) if piece.text]


def _line(line: Any, page: Any, edges: list[float]) -> _Piece:
    """Return a line of a page whose first and last one begin at these edges."""
    letters = [one for one in line["chars"] if not _UNKNOWN.match(one["text"])] or line["chars"]
    typewriter = sum(bool(_TYPEWRITER.search(letter["fontname"])) for letter in letters)
    is_outermost = min(abs(line["top"] - edge) for edge in edges) < ROW
    return _Piece(
        text=_readable(line["text"]),
        top=line["top"],
        left=line["x0"],
        size=_size(letters),
        page=page.page_number,
        is_margin=is_outermost and not MARGIN * page.height < line["top"] < (1 - MARGIN) * page.height,
        is_code=typewriter > 0.9 * len(letters),
    )


def _readable(text: str) -> str:
    """Return a line without letters that nobody knows; the first of a line mostly is the mark of an item."""
    marked = re.sub(rf"^\s*(?:{_UNKNOWN.pattern}\s*)+", "• ", text)
    return _UNKNOWN.sub("", marked).strip()


def _without_margins(pages: list[list[_Piece]]) -> list[_Piece]:
    """Return the pieces of all pages without headers and footers: lines there that most pages share, or numbers."""
    seen = Counter(text for page in pages for text in {_masked(piece) for piece in page if piece.is_margin})
    often = {text for text, count in seen.items() if count >= max(REPEATED, len(pages) / 2)} | {"#"}
    return [piece for page in pages for piece in page if not (piece.is_margin and _masked(piece) in often)]


def _masked(piece: _Piece) -> str:
    return _NUMBER.sub("#", piece.text)


def _is_outside(boxes: list[Box], item: Any) -> bool:
    """Tell whether the middle of something lies in none of the boxes; letters may stick out over a table's edge."""
    across, down = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
    return not any(box[0] <= across <= box[2] and box[1] <= down <= box[3] for box in boxes)


def _is_data(table: str) -> bool:
    """Tell whether what is drawn like a table has several cells, and is no frame around a text."""
    return table.count("\n") > 1 and "| --- | --- |" in table


def _size(letters: list[Any]) -> float:
    return Counter(round(letter["size"], 1) for letter in letters).most_common(1)[0][0]


def _blocks(pieces: list[_Piece]) -> Iterator[Block]:
    letters: Counter[float] = Counter()
    for piece in pieces:
        letters[piece.size] += len(piece.text) if piece.size else 0
    body = letters.most_common(1)[0][0] if letters else 0.0
    larger = sorted({piece.size for piece in pieces if _is_heading(piece, body)}, reverse=True)
    levels = {size: min(level, 6) for level, size in enumerate(larger, 1)}
    for group in _groups(pieces, body):
        first = group[0]
        if not first.size:
            yield Block(text=first.text, kind="table", page=first.page)
        elif _is_heading(first, body):
            text = " ".join(piece.text for piece in group)
            yield Block(text=text, kind="heading", level=levels[first.size], page=first.page)
        elif first.is_code:
            yield Block(text=_indented(group), kind="code", page=first.page)
        elif first.is_item:
            yield Block(text=_items(group), kind="list", page=first.page)
        else:
            yield Block(text=_flow([piece.text for piece in group]), page=first.page)


def _is_heading(piece: _Piece, body: float) -> bool:
    return piece.size >= body * LARGER and len(piece.text) <= LONGEST and any(map(str.isalnum, piece.text))


def _groups(pieces: list[_Piece], body: float) -> Iterator[list[_Piece]]:
    """Yield the pieces that belong together: lines of one paragraph or heading, or a table."""
    group = pieces[:1]
    for one, other in pairwise(pieces):
        if _go_together(one, other, body, in_list=group[0].is_item):
            group.append(other)
        else:
            yield group
            group = [other]
    if group:
        yield group


def _go_together(one: _Piece, other: _Piece, body: float, *, in_list: bool) -> bool:
    if not (one.size and other.size):
        return False
    headings = _is_heading(one, body), _is_heading(other, body)
    if any(headings) and (not all(headings) or one.size != other.size):
        return False
    if one.is_code != other.is_code or (other.is_item and not in_list):
        return False
    if one.page != other.page or other.top < one.top:
        # The next page, or column: a sentence may go on there.
        return not any(headings) and not one.text.endswith((".", "!", "?", ":")) and not other.text[:1].isupper()
    apart = ITEMS_APART if in_list and other.is_item else APART
    return other.top - one.top <= apart * max(one.size, other.size)


def _indented(group: list[_Piece]) -> str:
    """Return lines of code, moved in as they are on the page; a letter is as wide as six tenths of its size."""
    left = min(piece.left for piece in group)
    return "\n".join(" " * round((piece.left - left) / (0.6 * piece.size)) + piece.text for piece in group)


def _items(group: list[_Piece]) -> str:
    """Return the items of a list, a line each."""
    starts = [at for at, piece in enumerate(group) if piece.is_item]
    items = [_flow([piece.text for piece in group[a:b]]) for a, b in pairwise([*starts, len(group)])]
    return "\n".join(item if item[0].isdigit() or item[0] == "(" else f"- {_ITEM.sub('', item)}" for item in items)


def _flow(lines: list[str]) -> str:
    """Return lines as running text; a word that was parted at a line's end is joined."""
    text = lines[0]
    for line in lines[1:]:
        if text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}"
    return text
