"""How fast documents are read, and how much of them comes through in its order: `python -m benchmarks.ingest [N]`.

For each format a document of N numbered paragraphs under headings is made by another library. Told are the CPU seconds
for a million characters, and the share of paragraphs that come back whole, as blocks of their own, in order.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from toolbench.documents.chunking import chunks
from toolbench.documents.loading import Source, load

EVERY = 10
"""Paragraphs between two headings."""


def paragraphs(count: int) -> list[str]:
    """Return paragraphs of several lines each, no two the same."""
    said = "which {0} people have told in {1} words, on {2} pages, for as long as anybody can remember"
    return [f"Paragraph {at} tells of a thing, {said.format(at * 7, at * 3 + 5, at + 2)}. " * 3 for at in range(count)]


def pdf(path: Path, texts: list[str]) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles = getSampleStyleSheet()
    story = []
    for at, text in enumerate(texts):
        story += [Paragraph(f"Section {at}", styles["Heading1"])] if at % EVERY == 0 else []
        story.append(Paragraph(text, styles["BodyText"]))
    SimpleDocTemplate(str(path)).build(story)


def docx(path: Path, texts: list[str]) -> None:
    import docx as word

    document = word.Document()
    for at, text in enumerate(texts):
        if at % EVERY == 0:
            document.add_heading(f"Section {at}", 1)
        document.add_paragraph(text)
    document.save(str(path))


def html(path: Path, texts: list[str]) -> None:
    parts = [f"<h1>Section {at}</h1>" * (at % EVERY == 0) + f"<p>{text}</p>" for at, text in enumerate(texts)]
    path.write_text(f"<title>t</title><body>{''.join(parts)}")


def epub(path: Path, texts: list[str]) -> None:
    from ebooklib import epub as books

    book = books.EpubBook()
    book.set_title("t")
    for start in range(0, len(texts), EVERY):
        chapter = books.EpubHtml(title=f"{start}", file_name=f"{start}.xhtml")
        chapter.content = f"<h1>Section {start}</h1>" + "".join(
            f"<p>{text}</p>" for text in texts[start : start + EVERY]
        )
        book.add_item(chapter)
        book.spine.append(chapter)
    book.add_item(books.EpubNcx())
    book.add_item(books.EpubNav())
    books.write_epub(str(path), book)


def md(path: Path, texts: list[str]) -> None:
    path.write_text("\n\n".join(f"# Section {at}\n\n" * (at % EVERY == 0) + text for at, text in enumerate(texts)))


MAKERS: dict[str, Callable[[Path, list[str]], None]] = {
    "pdf": pdf,
    "docx": docx,
    "html": html,
    "epub": epub,
    "md": md,
    "txt": lambda path, texts: path.write_text("\n\n".join(texts)) and None,
}


def main(count: int = 200) -> None:
    """Print a line for each format, and one for cutting chunks."""
    texts = paragraphs(count)
    print(f"{count} paragraphs, {sum(map(len, texts)):,} characters")
    for name, make in MAKERS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"a.{name}"
            make(path, texts)
            load(Source(str(path)))  # imports do not count
            start = time.process_time()
            (document,) = load(Source(str(path)))
            seconds = time.process_time() - start
        found = [" ".join(block.text.split()) for block in document.blocks]
        places = [found.index(text.strip()) for text in texts if text.strip() in found]
        whole = len(places) / count if places == sorted(places) else 0.0
        print(
            f"{name:5} {seconds / len(document.text) * 1e6:8.2f} CPU s per MB of text; {whole:6.1%} of paragraphs whole"
        )
    start = time.process_time()
    made = chunks(document, size=1000, overlap=100)
    spent = (time.process_time() - start) / len(document.text) * 1e6
    print(f"{len(made)} chunks: {spent:.2f} CPU s per MB of text")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
