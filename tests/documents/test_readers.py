"""Readers: real documents keep their structure; broken ones give one clear line, and the others go on."""

import io
import sys
import zipfile

import pytest
from made_documents import FIRST, MAKERS, OTHER, PROSE, SECOND, TABLE

from toolbench import plugins
from toolbench.documents import _zips, loading
from toolbench.documents.loading import Names, Source, find, load, read_documents
from toolbench.errors import DocumentError, InputError
from toolbench.model import Block, Document

PAGED = {"pdf": (1, 2), "pptx": (1, 2), "epub": (1, 2), "docx": (None, None), "html": (None, None)}


def read(path) -> Document:
    (document,) = load(Source(str(path)))
    return document


def written(folder, name: str, content: str | bytes):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_real_document_keeps_its_structure(name, tmp_path):
    MAKERS[name](tmp_path / f"plants.{name}")
    document = read(tmp_path / f"plants.{name}")
    first, second = PAGED[name]
    assert (document.title, document.media, document.name) == ("Plants", name, "plants")
    assert document.metadata["author"] == "A. Gardener"
    headings = [block for block in document.blocks if block.kind == "heading"]
    assert [(block.text, block.page) for block in headings] == [(FIRST, first), (SECOND, second)]
    assert headings[0].level == 1
    assert headings[1].level == (1 if name == "pptx" else 2)
    assert Block(text=PROSE, page=first) in document.blocks
    assert Block(text=OTHER, page=second) in document.blocks
    assert Block(text=TABLE, kind="table", page=second) in document.blocks
    assert document.text.count("Cactus") == document.text.count("\n- Cactus") + 1


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_a_broken_document_gives_one_clear_line_and_the_others_go_on(name, tmp_path):
    MAKERS[name](tmp_path / f"whole.{name}")
    data = (tmp_path / f"whole.{name}").read_bytes()
    written(tmp_path, f"cut.{name}", b"<html><script>1</script>" if name == "html" else data[: len(data) // 3])
    errors: list[DocumentError] = []
    documents = list(read_documents([tmp_path], on_error=errors.append))
    assert [document.name for document in documents] == ["whole"]
    (error,) = errors
    assert str(error).startswith(str(tmp_path / f"cut.{name}"))
    assert "\n" not in str(error)
    assert len(str(error)) < 600
    with pytest.raises(DocumentError):
        list(read_documents([tmp_path]))


def test_markdown_keeps_headings_lists_tables_code_and_what_stands_over_it(tmp_path):
    text = (
        "---\ntitle: Tea\nauthor: Me\ndate: 2024-05-01\n---\n"
        "# Mak*ing* `tea`\n\nBoil\nwater, [then](http://x) wait.\n\n"
        "1. cup\n2. leaf\n   - green\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n<!-- no -->\n"
    )
    document = read(written(tmp_path, "tea.md", text))
    assert (document.title, document.metadata) == ("Tea", {"author": "Me", "date": "2024-05-01"})
    assert document.blocks == (
        Block(text="Making tea", kind="heading", level=1),
        Block(text="Boil water, then wait."),
        Block(text="1. cup\n2. leaf\n  - green", kind="list"),
        Block(text="| a | b |\n| --- | --- |\n| 1 | 2 |", kind="table"),
        Block(text="x = 1", kind="code"),
    )


def test_another_encoding_is_detected_and_said(tmp_path):
    text = "Der Käse schmeckt süß. Über den Bäumen grüßt die Höhe. Façade, naïve, garçon, où et déjà.\n" * 4
    document = read(written(tmp_path, "a.txt", text.encode("cp1252")))
    assert document.text.splitlines() == text.splitlines()
    assert document.metadata["encoding"] == "cp1252"
    polish = "Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni.\n" * 3
    assert read(written(tmp_path, "p.txt", polish.encode("cp1250"))).text.splitlines() == polish.splitlines()
    assert read(written(tmp_path, "b.txt", text.encode("utf-16"))).metadata == {"encoding": "utf-16"}
    assert read(written(tmp_path, "c.txt", text)).metadata == {}
    with pytest.raises(DocumentError, match="not a text"):
        read(written(tmp_path, "d.txt", b"\x00\x01\x02\xff" * 50))


def test_tables_and_data_keep_their_structure(tmp_path):
    assert read(written(tmp_path, "a.csv", 'x;y\n"1;2";3\n')).text == "| x | y |\n| --- | --- |\n| 1;2 | 3 |"
    assert read(written(tmp_path, "a.json", '{"a":[1,{"b":null}]}')).text.splitlines()[1] == '  "a": ['
    assert read(written(tmp_path, "a.yaml", "a: &x [1]\nb: *x\n")).text == "a: &x [1]\nb: *x"
    lines = written(tmp_path, "b.jsonl", '{"a": "x", "b": [1]}\n\n{"a": "y", "b": null}\n')
    assert [block.text for block in read(lines).blocks] == ["a: x\nb: [1]", "a: y"]
    for name, content in {"c.json": "{", "c.jsonl": '{"a":1}\n{', "c.yaml": "a: [", "c.csv": 'a,"b'}.items():
        with pytest.raises(DocumentError, match=name):
            read(written(tmp_path, name, content))


def test_rows_with_a_text_are_documents(tmp_path):
    import datasets

    rows = [{"title": "A", "text": "One.\n\nTwo.", "n": 1}, {"title": "B", "text": "Three.", "n": 2}]
    data = datasets.Dataset.from_list(rows)
    data.save_to_disk(str(tmp_path / "saved"))
    data.to_parquet(str(tmp_path / "rows.parquet"))
    written(tmp_path, "rows.jsonl", "\n".join(f'{{"title": "{row["title"]}", "text": "{row["n"]}"}}' for row in rows))
    documents = list(read_documents([tmp_path]))
    assert [document.media for document in documents] == ["jsonl", "jsonl", "parquet", "parquet", "arrow", "arrow"]
    for document in documents[2:]:
        assert (document.title, document.metadata) in [("A", {"n": "1"}), ("B", {"n": "2"})]
    assert documents[2].blocks == documents[4].blocks == (Block(text="One."), Block(text="Two."))
    assert len({document.name for document in documents}) == 6
    with pytest.raises(DocumentError, match="not readable"):
        read(written(tmp_path, "bad.parquet", b"PAR1 and no more"))


def test_protected_and_exploding_files_are_refused(tmp_path, monkeypatch):
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "locked.pdf"), encrypt=StandardEncryption("secret"))
    canvas.drawString(100, 700, "Hidden")
    canvas.save()
    with pytest.raises(DocumentError, match=r"locked\.pdf: protected by a password"):
        read(tmp_path / "locked.pdf")
    with pytest.raises(DocumentError, match="protected by a password"):
        read(written(tmp_path, "locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    monkeypatch.setattr(_zips, "LARGEST", 10_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(10_001))
    for name in ("bomb.docx", "bomb.pptx", "bomb.epub"):
        with pytest.raises(DocumentError, match="would unpack to"):
            read(written(tmp_path, name, bomb.getvalue()))
    monkeypatch.setattr(loading, "LARGEST", 10)
    with pytest.raises(DocumentError, match="larger than"):
        read(written(tmp_path, "long.txt", "x" * 11))


def test_pages_nested_beyond_reason_are_read_or_refused(tmp_path):
    document = written(tmp_path, "deep.html", "<div>" * 20_000 + "deep")
    errors: list[DocumentError] = []
    texts = [document.text for document in read_documents([document], on_error=errors.append)]
    assert texts == ["deep"] or [str(document) in str(error) for error in errors] == [True]


def test_what_is_not_installed_is_named_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    with pytest.raises(InputError, match=r"pdfplumber.*toolbench-traces\[docs\]"):
        read(written(tmp_path, "a.pdf", b"%PDF-1.7"))


def test_names_are_told_apart_whatever_the_case():
    names = Names()

    def named(name: str, source: str, media: str = "text") -> str:
        return names.take(Document(id="i", source=source, name=name, media=media, blocks=()))

    assert named("a", "/x/a.txt") == "a"
    assert named("A", "/y/A.txt") == "y-A"
    assert named("a", "/y/a.md", "markdown") == "a-markdown"
    assert named("a", "https://host/a", "html") == "host-a"
    assert len({named("a", "/y/a.txt").casefold() for _ in range(9)}) == 9


def test_folders_are_searched_in_order_without_what_is_hidden(tmp_path):
    for name in ("b/2.txt", "b/1.md", "a/3.txt", ".git/4.txt", ".5.txt", "c/6.bin", "z.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, name, "x")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [source.place.removeprefix(f"{tmp_path}/") for source in find([tmp_path])]
    assert found == ["z.txt", "a/3.txt", "b/1.md", "b/2.txt"]
    with pytest.raises(DocumentError, match="no such file"):
        list(find([tmp_path / "none"]))


def test_every_reader_is_a_plugin_with_endings_of_its_own():
    endings = [suffix for name in plugins.names("readers") for suffix in plugins.load("readers", name).suffixes]
    assert len(endings) == len(set(endings)) > 20
