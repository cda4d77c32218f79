"""Word documents (.docx): headings, paragraphs, lists and tables in their order."""

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from toolbench.documents._zips import open_zip
from toolbench.documents.readers.base import DOCS, Draft, installed, iso_date, known, markdown_table
from toolbench.errors import DocumentError
from toolbench.model import Block

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

__all__ = ["DocxReader"]


class DocxReader:
    """Reads .docx files."""

    suffixes: ClassVar[tuple[str, ...]] = (".docx", ".docm")
    media_types: ClassVar[tuple[str, ...]] = (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            import docx
            from docx.table import Table

        open_zip(data, where).close()
        try:
            document = docx.Document(BytesIO(data))
            blocks = [
                Block(text=markdown_table([cell.text for cell in row.cells] for row in part.rows), kind="table")
                if isinstance(part, Table)
                else _paragraph(part)
                for part in document.iter_inner_content()
            ]
            facts = document.core_properties
            title, known_facts = facts.title, _facts(facts.author, facts.created, facts.language)
        except Exception as error:  # the library lets whatever goes wrong inside through
            hint = "Does Word open it?"
            raise DocumentError(f"not a Word document: {error}", where=where, hint=hint) from error
        title = title or next((block.text for block in blocks if block.level == 1 and block.text), "")
        yield Draft(tuple(_joined(blocks)), " ".join(title.split()), known_facts)


def _facts(author: str, created: object, language: str) -> dict[str, str]:
    return known(author=author, date=iso_date(created), language=language)


def _paragraph(paragraph: "Paragraph") -> Block:
    text, style = paragraph.text.strip(), (paragraph.style.name if paragraph.style else "") or ""
    kind, _, number = style.partition(" ")
    if kind == "Title":
        return Block(text=" ".join(text.split()), kind="heading", level=1)
    if kind == "Heading" and number.isdigit():
        return Block(text=" ".join(text.split()), kind="heading", level=int(number))
    if kind == "List":
        mark = "1." if number.startswith("Number") else "-"
        return Block(text=f"{mark} {text}" if text else "", kind="list")
    return Block(text=text)


def _joined(blocks: list[Block]) -> Iterator[Block]:
    """Yield the blocks that hold something, items of one list as one block."""
    for kind, group in groupby((block for block in blocks if block.text), key=lambda block: block.kind):
        if kind == "list":
            yield Block(text="\n".join(_numbered([block.text for block in group])), kind="list")
        else:
            yield from group


def _numbered(items: list[str]) -> Iterator[str]:
    number = 0
    for item in items:
        number = number + 1 if item.startswith("1.") else 0
        yield f"{number}.{item[2:]}" if number else item
