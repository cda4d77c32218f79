"""Slides (.pptx): a page is a slide; its title, texts, tables and notes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, ClassVar

from toolbench.documents._zips import open_zip
from toolbench.documents.readers.base import DOCS, Draft, installed, iso_date, known, markdown_table
from toolbench.errors import DocumentError
from toolbench.model import Block

__all__ = ["PptxReader"]


class PptxReader:
    """Reads .pptx files."""

    suffixes: ClassVar[tuple[str, ...]] = (".pptx", ".pptm")
    media_types: ClassVar[tuple[str, ...]] = (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    )

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the one document. See `Reader.read`."""
        with installed(DOCS):
            import pptx

        open_zip(data, where).close()
        try:
            show: Any = pptx.Presentation(BytesIO(data))
            blocks = [block for page, slide in enumerate(show.slides, 1) for block in _slide(slide, page)]
            facts: Any = show.core_properties
            title = facts.title if facts.title != "PowerPoint Presentation" else ""
            metadata = known(author=facts.author, date=iso_date(facts.created), language=facts.language)
        except Exception as error:  # the library lets whatever goes wrong inside through
            hint = "Does PowerPoint open it?"
            raise DocumentError(f"not a presentation: {error}", where=where, hint=hint) from error
        title = title or next((block.text for block in blocks if block.level == 1), "")
        yield Draft(tuple(blocks), " ".join(title.split()), metadata)


def _slide(slide: Any, page: int) -> Iterator[Block]:
    title: Any = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield Block(text=" ".join(title.text_frame.text.split()), kind="heading", level=1, page=page)
    for shape in _shapes(slide.shapes):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        yield from _shape(shape, page)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        if notes:
            yield Block(text=notes, page=page)


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield all shapes, those of groups too."""
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shape(shape: Any, page: int) -> Iterator[Block]:
    if shape.has_text_frame:
        lines = [(part.level, " ".join(part.text.split())) for part in shape.text_frame.paragraphs]
        lines = [(level, text) for level, text in lines if text]
        if len(lines) > 1:
            text = "\n".join(f"{'  ' * level}- {text}" for level, text in lines)
            yield Block(text=text, kind="list", page=page)
        elif lines:
            yield Block(text=lines[0][1], page=page)
    elif shape.has_table:
        text = markdown_table([cell.text for cell in row.cells] for row in shape.table.rows)
        if text:
            yield Block(text=text, kind="table", page=page)
