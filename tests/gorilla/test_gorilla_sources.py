"""What documents are read from: whole, in every form, and reported where not."""

import json

import pytest
from doc_sets_shown import MANUAL, MODEL_ROWS, small_doc, written_rows
from hypothesis import given
from hypothesis import strategies as st

from toolbench.documents.loading import Source, load
from toolbench.errors import InputError, WorkError
from toolbench.gorilla.sources import apibench, catalogue, reference
from toolbench.pipeline.doc_sets import read_doc_set
from toolbench.specs import open_catalogue, read_api


def docs_of(*paths, longest: int = 5000, apis=()):
    return read_doc_set(apis, paths, open_catalogue(), longest=longest)


def test_rows_of_apibench(tmp_path) -> None:
    found = docs_of(written_rows(tmp_path / "api.jsonl"))
    assert [doc.title for doc in found.docs] == ["acme/base-mask", "RESNETX", "acme/features/2"]
    assert not found.problems
    for doc, row in zip(found.docs, MODEL_ROWS, strict=True):
        assert doc.document["api_call"] == row["api_call"]
        assert doc.domain == row["domain"]
        assert row["description"] in doc.description
    assert set(found.docs[1].document["api_arguments"]) == {"repo_or_dir", "pretrained"}
    assert list(found.docs[2].document["api_arguments"]) == ["handle"]


def test_questions_of_apibench_give_their_apis_row_once(tmp_path) -> None:
    path = tmp_path / "train.json"
    lines = [
        {"code": "###Instruction: …", "api_call": row["api_call"], "provider": row["framework"], "api_data": row}
        for row in [*MODEL_ROWS, *MODEL_ROWS]
    ]
    path.write_text(json.dumps(lines), "utf-8")
    assert len(docs_of(path).docs) == len(MODEL_ROWS)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"a": "first", "b": "second"}, {"a": "first", "b": "second"}),
        ([{"a": "first"}, {"b": "second"}], {"a": "first", "b": "second"}),
        ([{"name": "a", "type": "int", "description": "first"}], {"a": "first"}),
        (["a", "b=3", "c: str", "**kwargs"], {"a": None, "b": None, "c": None}),
        ("{'a': 'first'}", {"a": "first"}),
        ("a, b", {"a": None, "b": None}),
        ("", {}),
        (None, {}),
        (7, {}),
    ],
)
def test_arguments_in_all_forms_that_rows_have(said, names, tmp_path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({**MODEL_ROWS[0], "api_arguments": said}) + "\n" + json.dumps(MODEL_ROWS[1]), "utf-8")
    doc = apibench.documents(path, longest=5000)[0][0]
    assert {one.name: one.content.get("description") for one in doc.parameters} == names


def test_rows_that_cannot_be_taken_are_reported_each_with_its_line(tmp_path) -> None:
    path = written_rows(tmp_path / "api.jsonl")
    bad = [
        '{"broken": ',
        "{}",
        json.dumps({"api_call": "f(x)(y)", "domain": "d"}),
        json.dumps({"api_call": "no call"}),
        "[1]",
    ]
    path.write_text(path.read_text("utf-8") + "\n".join(bad), "utf-8")
    found = docs_of(path)
    assert len(found.docs) == len(MODEL_ROWS)
    assert [problem.where for problem in found.problems] == [f"api.jsonl, line {line}" for line in range(4, 9)]
    assert {problem.done for problem in found.problems} == {"left out"}
    assert "empty" in found.problems[1].what


def test_documents_that_are_too_long_are_shortened_or_reported(tmp_path) -> None:
    path = tmp_path / "api.jsonl"
    long_row = {**MODEL_ROWS[0], "api_name": "long", "performance": "x" * 3000}
    endless = {**MODEL_ROWS[0], "api_name": "y" * 3000}
    path.write_text("\n".join(map(json.dumps, [long_row, endless, MODEL_ROWS[1]])), "utf-8")
    found = docs_of(path, longest=1000)
    assert [doc.title for doc in found.docs] == ["long", "RESNETX"]
    assert all(len(doc.text) <= 1000 for doc in found.docs)
    assert [problem.done for problem in found.problems] == ["shortened", "left out"]


@pytest.mark.parametrize(("encoding", "reported"), [("cp1252", True), ("utf-16", False), ("utf-8-sig", False)])
def test_other_encodings_are_read_and_reported(encoding: str, reported: bool, tmp_path) -> None:
    path = tmp_path / "api.jsonl"
    row = {**MODEL_ROWS[0], "description": "Findet das versteckte Wört."}
    path.write_bytes("\n".join(json.dumps(one, ensure_ascii=False) for one in (row, MODEL_ROWS[1])).encode(encoding))
    found = docs_of(path)
    assert "Wört" in found.docs[0].description
    assert [problem.done for problem in found.problems] == (["read as Windows-1252"] if reported else [])


@pytest.mark.parametrize("data", [b"", b"  \n", b"\x00\x01\x02"])
def test_files_that_are_nothing_are_refused(data: bytes, tmp_path) -> None:
    path = tmp_path / "api.jsonl"
    path.write_bytes(data)
    with pytest.raises(InputError) as raised:
        docs_of(path)
    assert "api.jsonl" in str(raised.value)


def test_in_a_folder_what_cannot_be_read_is_reported_and_the_rest_taken(tmp_path) -> None:
    written_rows(tmp_path / "good.jsonl")
    (tmp_path / "bad.json").write_bytes(b"")
    (tmp_path / "picture.png").write_bytes(b"\x00")
    found = docs_of(tmp_path)
    assert len(found.docs) == len(MODEL_ROWS)
    assert [problem.done for problem in found.problems] == ["left out"]


def test_a_source_without_documents_says_so(tmp_path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\nNothing is called here.\n", "utf-8")
    with pytest.raises(WorkError, match="no section shows a call"):
        docs_of(tmp_path / "notes.md")


def test_sections_of_a_manual(tmp_path) -> None:
    (tmp_path / "shapes.md").write_text(MANUAL, "utf-8")
    docs, problems = reference.documents(load(Source(str(tmp_path / "shapes.md")))[0], longest=5000)
    assert [doc.name for doc in docs] == ["shapes.volume", "shapes.paint", "shapes.unfold"]
    assert [problem.what for problem in problems] == ["the section is empty"]
    volume, paint, unfold = docs
    assert [(one.name, one.required, one.content.get("default")) for one in volume.parameters] == [
        ("kind", True, None),
        ("edge", True, None),
        ("density", False, 1.5),
    ]
    assert volume.parameters[1].content == {"type": "number", "description": "Length of an edge, in metres."}
    assert volume.domain == "Solids"
    assert (paint.deprecated, paint.successor) == (True, "shapes.colour")
    assert [(one.name, one.required, one.content.get("default")) for one in unfold.parameters] == [
        ("solid", True, None),
        ("gap", False, 2),
    ]
    assert unfold.description == "Lays the faces of a solid out flat."


def test_the_same_manual_as_a_page(tmp_path) -> None:
    page = "<h1>Shapes</h1><h2>shapes.turn(solid, degrees=90)</h2><p>Turns a solid round.</p>"
    (tmp_path / "shapes.html").write_text(page, "utf-8")
    (doc,) = docs_of(tmp_path / "shapes.html").docs
    assert doc.form == "shapes.turn(solid, degrees=90)"
    assert doc.description == "Turns a solid round."


@given(st.text(alphabet="ab[](),=.*{}'\"` ", max_size=40))
def test_whatever_stands_in_a_heading_is_read_or_passed_over(inside: str) -> None:
    from toolbench.model import Block, Document

    blocks = (Block(text=f"f({inside})", kind="heading", level=1), Block(text="Does something."))
    docs, _ = reference.documents(Document(id="d", source="d", name="d", blocks=blocks), longest=5000)
    assert len(docs) <= 1


def test_functions_of_python_are_called_by_their_own_name() -> None:
    docs, _ = catalogue.documents(read_api("textwrap"), longest=5000)
    assert "textwrap.shorten" in [doc.name for doc in docs]


def test_an_operation_without_words_and_arguments_is_an_empty_document() -> None:
    api = open_catalogue().api("library")
    bare = api.tools[0].model_copy(update={"description": "", "parameters": {"type": "object", "properties": {}}})
    docs, problems = catalogue.documents(api.model_copy(update={"tools": (bare, api.tools[1])}), longest=5000)
    assert len(docs) == 1
    assert [(problem.what, problem.done) for problem in problems] == [("the document says nothing", "left out")]


def test_headers_are_the_clients_business() -> None:
    api = open_catalogue().api("crm")
    tool = next(tool for tool in api.tools if "Idempotency-Key" in tool.parameters["properties"])
    doc = next(doc for doc in catalogue.documents(api, longest=5000)[0] if doc.id == tool.name)
    assert {one.name for one in doc.parameters} == set(tool.parameters["properties"]) - {"Idempotency-Key"}


def test_odd_names_stand_in_a_form_that_can_be_read() -> None:
    assert "'X-Key'" in small_doc(parameters=({"name": "X-Key", "required": True},)).form
