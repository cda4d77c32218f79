"""Printed pages: columns are read one after the other, headers and footers left out, lists and code kept as such."""

import re

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    ListFlowable,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Preformatted,
    SimpleDocTemplate,
)

from toolbench.documents.loading import Source, load

WIDTH, HEIGHT = A4
STYLES = getSampleStyleSheet()


def read(path):
    (document,) = load(Source(str(path)))
    return document


def margins(canvas, document):
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, HEIGHT - 30, "Journal of Water")
    canvas.drawCentredString(WIDTH / 2, 25, f"Page {document.page}")


def test_two_columns_are_read_one_after_the_other_without_headers_and_footers(tmp_path):
    def columns(height):
        return [Frame(x, 50, WIDTH / 2 - 60, HEIGHT - height) for x in (50, WIDTH / 2 + 10)]

    document = BaseDocTemplate(str(tmp_path / "two.pdf"), pagesize=A4)
    first = [Frame(50, HEIGHT - 120, WIDTH - 100, 70), *columns(180)]
    document.addPageTemplates([PageTemplate("first", first, margins), PageTemplate("later", columns(100), margins)])
    title = Paragraph("A Study of Water and Everything That Flows Downhill", STYLES["Title"])
    story = [NextPageTemplate("later"), title, FrameBreak()]
    body = ParagraphStyle("large", STYLES["BodyText"], fontSize=15, leading=18)
    for section in range(3):
        story.append(Paragraph(f"Section {section}", STYLES["Heading1"]))
        for start in range(section * 40, section * 40 + 40, 8):
            said = (f"Sentence {start + at} tells that water flows down and never up again." for at in range(8))
            story.append(Paragraph(" ".join(said), body))
    document.build(story)
    found = read(tmp_path / "two.pdf")
    numbers = re.findall(r"Sentence (\d+) tells that water flows down and never up again\.", found.text)
    assert [int(number) for number in numbers] == list(range(120))
    assert [block.text for block in found.blocks if block.kind == "heading"][1:] == [f"Section {at}" for at in range(3)]
    assert len([block for block in found.blocks if block.kind == "paragraph"]) == 15
    assert "Journal" not in found.text
    assert "Page" not in found.text


def test_lists_and_code_are_kept_as_such(tmp_path):
    story = [
        Paragraph("There are two things to know about it, and both are simple. " * 3, STYLES["BodyText"]),
        ListFlowable(
            [Paragraph(text, STYLES["BodyText"]) for text in ("First this one. " * 12, "Then that.")],
            bulletType="bullet",
            start="•",
        ),
        Preformatted("def double(x):\n    return 2 * x", STYLES["Code"]),
    ]
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4).build(story)
    paragraph, listed, code = read(tmp_path / "a.pdf").blocks
    assert (paragraph.kind, listed.kind, code.kind) == ("paragraph", "list", "code")
    assert listed.text == "- " + ("First this one. " * 12).strip() + "\n- Then that."
    assert code.text == "def double(x):\n    return 2 * x"


def test_words_of_tightly_set_lines_stay_apart(tmp_path):
    canvas = Canvas(str(tmp_path / "tight.pdf"), pagesize=A4)
    text = canvas.beginText(72, 700)
    text.setFont("Times-Roman", 10)
    text.setWordSpace(-0.7)
    text.textLine("These words are set with less space than is usual between them.")
    canvas.drawText(text)
    canvas.save()
    assert read(tmp_path / "tight.pdf").text == "These words are set with less space than is usual between them."
