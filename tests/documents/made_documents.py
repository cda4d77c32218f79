"""Documents of each format, made by other libraries: a heading, paragraphs, a list and a table each."""

from collections.abc import Callable
from pathlib import Path

ROWS = [["Plant", "Litres a week"], ["Fern", "2"], ["Cactus", "0.1"]]
TABLE = "| Plant | Litres a week |\n| --- | --- |\n| Fern | 2 |\n| Cactus | 0.1 |"
FIRST, SECOND = "Watering plants", "How much water"
PROSE = (
    "Plants need water, light and air. Most of them die of too much water rather than too little of it. "
    "Feel the soil with a finger before you water them; it should be dry an inch deep."
)
OTHER = "The table says how much each of them wants in a week."


def pdf(path: Path) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

    styles = getSampleStyleSheet()
    table = Table(ROWS, style=[("GRID", (0, 0), (-1, -1), 1, "black")])
    story = [
        Paragraph(FIRST, styles["Heading1"]),
        Paragraph(PROSE, styles["BodyText"]),
        PageBreak(),
        Paragraph(SECOND, styles["Heading2"]),
        Paragraph(OTHER, styles["BodyText"]),
        table,
    ]
    SimpleDocTemplate(str(path), pagesize=A4, title="Plants", author="A. Gardener").build(story)


def docx(path: Path) -> None:
    import docx as word

    document = word.Document()
    document.core_properties.title, document.core_properties.author = "Plants", "A. Gardener"
    document.add_heading(FIRST, 1)
    document.add_paragraph(PROSE)
    document.add_paragraph("Fern", style="List Bullet")
    document.add_paragraph("Cactus", style="List Bullet")
    document.add_heading(SECOND, 2)
    document.add_paragraph(OTHER)
    table = document.add_table(rows=0, cols=2)
    for row in ROWS:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def pptx(path: Path) -> None:
    import pptx as slides
    from pptx.util import Inches

    show = slides.Presentation()
    show.core_properties.title, show.core_properties.author = "Plants", "A. Gardener"
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = FIRST
    first.placeholders[1].text = PROSE
    second = show.slides.add_slide(show.slide_layouts[5])
    second.shapes.title.text = SECOND
    box = second.shapes.add_textbox(0, 0, Inches(4), Inches(1))
    box.text_frame.text = OTHER
    table = second.shapes.add_table(3, 2, 0, Inches(2), Inches(4), Inches(1)).table
    for at, row in enumerate(ROWS):
        for place, text in enumerate(row):
            table.cell(at, place).text = text
    show.save(str(path))


def html(path: Path) -> None:
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in ROWS)
    path.write_text(
        f"<!doctype html><html lang='en'><head><title>Plants</title><meta name='author' content='A. Gardener'>"
        f"<style>p {{ color: red }}</style></head><body><nav><a href='/'>Home</a></nav><main><h1>{FIRST}</h1>"
        f"<script>var plants = 1;</script><p>{PROSE}<ul><li>Fern<ul><li>Tree fern</li></ul></li><li>Cactus</li></ul>"
        f"<h2>{SECOND}</h2><p>{OTHER}</p><table>{rows}</table><pre>x = 1\n  y</pre></main></body></html>",
        "utf-8",
    )


def epub(path: Path) -> None:
    from ebooklib import epub as books

    book = books.EpubBook()
    book.set_title("Plants")
    book.set_language("en")
    book.add_author("A. Gardener")
    rows = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in ROWS)
    bodies = [f"<h1>{FIRST}</h1><p>{PROSE}</p>", f"<h2>{SECOND}</h2><p>{OTHER}</p><table>{rows}</table>"]
    chapters = []
    for number, body in enumerate(bodies, 1):
        chapter = books.EpubHtml(title=f"Chapter {number}", file_name=f"{number}.xhtml", lang="en")
        chapter.content = f"<html><body>{body}</body></html>"
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.spine = ["nav", *chapters]
    book.add_item(books.EpubNcx())
    book.add_item(books.EpubNav())
    books.write_epub(str(path), book)


MAKERS: dict[str, Callable[[Path], None]] = {"pdf": pdf, "docx": docx, "pptx": pptx, "html": html, "epub": epub}
