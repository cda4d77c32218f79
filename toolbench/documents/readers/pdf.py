"""PDF: text by lines and columns of a page, headings by the size of letters, tables that are drawn."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

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

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom edge, in points."""

_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of text, or a table, on a page."""

    text: str
    top: float
    """Points from the top of the page."""
    size: float = 0.0
    """Size of its letters, in points; 0 for a table."""
    page: int = 1


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
                pieces = [piece for page in pdf.pages for piece in _pieces(page)]
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
    """Return the lines and tables of a page, from its top."""
    number: int = page.page_number
    tables = [(table, markdown_table(table.extract())) for table in page.find_tables()]
    tables = [(table, text) for table, text in tables if _is_data(text)]
    boxes: list[Box] = [table.bbox for table, _ in tables]
    rest = page.filter(partial(_is_outside, boxes))
    lines: list[Any] = rest.extract_text_lines(return_chars=True)
    found = [_Piece(line["text"].strip(), line["top"], _size(line["chars"]), number) for line in lines]
    found += [_Piece(text, table.bbox[1], 0.0, number) for table, text in tables]
    page.close()
    return sorted((piece for piece in found if piece.text), key=lambda piece: piece.top)


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
        else:
            yield Block(text=_flow([piece.text for piece in group]), page=first.page)


def _is_heading(piece: _Piece, body: float) -> bool:
    return piece.size >= body * LARGER and len(piece.text) <= LONGEST and any(map(str.isalnum, piece.text))


def _groups(pieces: list[_Piece], body: float) -> Iterator[list[_Piece]]:
    """Yield the pieces that belong together: lines of one paragraph or heading, or a table."""
    group = pieces[:1]
    for one, other in pairwise(pieces):
        if _go_together(one, other, body):
            group.append(other)
        else:
            yield group
            group = [other]
    if group:
        yield group


def _go_together(one: _Piece, other: _Piece, body: float) -> bool:
    if not (one.size and other.size) or one.page != other.page:
        return False
    headings = _is_heading(one, body), _is_heading(other, body)
    if any(headings) and (not all(headings) or one.size != other.size):
        return False
    return other.top - one.top <= APART * max(one.size, other.size)


def _flow(lines: list[str]) -> str:
    """Return lines as running text; a word that was parted at a line's end is joined."""
    text = lines[0]
    for line in lines[1:]:
        if text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}"
    return text
