"""Ingest: texts with their structure beside them, the same whatever the workers, nothing lost to equal names."""

import json

import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.documents.loading import read_documents
from toolbench.errors import ConfigError, WorkError
from toolbench.pipeline.ingest import ingest


def folder(tmp_path):
    for name, text in {
        "a/x.md": "# One\n\nText.",
        "b/x.md": "# Two\n\nText.",
        "b/X.txt": "Three.",
        "b/bad.json": "{",
        "c.csv": "p,q\n1,2\n",
    }.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text)
    return tmp_path / "in"


def test_texts_keep_their_structure_until_they_are_changed(tmp_path):
    ingest([folder(tmp_path)], tmp_path / "out")
    documents = list(read_documents([tmp_path / "out"]))
    assert [document.blocks[0].kind for document in documents] == ["paragraph", "table", "heading", "heading"]
    (again,) = read_documents([tmp_path / "out" / "x.txt"])
    assert (again.title, again.media) == ("One", "markdown")
    (tmp_path / "out" / "x.txt").write_text("Changed by hand.")
    (changed,) = read_documents([tmp_path / "out" / "x.txt"])
    assert (changed.media, changed.text) == ("text", "Changed by hand.")


def test_no_name_is_given_twice_and_each_belongs_to_its_source(tmp_path):
    where = folder(tmp_path)
    done = ingest([where], tmp_path / "out")
    assert [file.name for file in done.files] == ["c.txt", "x.txt", "b-X.txt", "x-markdown.txt"]
    assert len(done.errors) == 1
    assert "bad.json: not JSON" in done.errors[0]
    again = ingest([where / "b" / "x.md"], tmp_path / "out")
    assert [file.name for file in again.files] == ["x-markdown.txt"]
    assert json.loads((tmp_path / "out" / "x.json").read_text())["source"] == str(where / "a" / "x.md")


def test_workers_change_nothing(tmp_path):
    where = folder(tmp_path)
    one, two = (ingest([where], tmp_path / str(workers), workers=workers) for workers in (1, 2))
    assert one.documents == two.documents
    assert one.errors == two.errors
    files = [sorted((file.name, file.read_bytes()) for file in (tmp_path / name).iterdir()) for name in ("1", "2")]
    assert files[0] == files[1]


def test_what_is_asked_for_must_make_sense_and_give_something(tmp_path):
    with pytest.raises(ConfigError, match="cannot ingest"):
        ingest([tmp_path], tmp_path / "out", form="doc")
    with pytest.raises(WorkError, match="no files of a known format"):
        ingest([tmp_path], tmp_path / "out")


def test_the_command_says_what_came_out_and_exits_1_where_nothing_did(tmp_path):
    where, run = folder(tmp_path), CliRunner().invoke
    done = run(app, ["ingest", str(where), "-o", str(tmp_path / "out"), "--format", "json", "--workers", "1", "--json"])
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert [row["characters"] for row in told["documents"]] == [33, 10, 6, 10]
    assert all(row["file"].endswith(".json") for row in told["documents"])
    assert len(list((tmp_path / "out").iterdir())) == 4
    assert "bad.json: not JSON" in done.stderr
    failed = run(app, ["ingest", str(where / "b" / "bad.json"), "-o", str(tmp_path / "out")])
    assert failed.exit_code == 1
    assert "nothing came out" in failed.stderr
    assert run(app, ["ingest", str(tmp_path / "none")]).exit_code == 2
