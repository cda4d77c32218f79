"""`toolbench annotate` with the embedded model, from a text to a text with a call."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm import embedded

TEXT = "Today is Friday, and <API> the hall is full."


def invoke(folder: Path, *more: str):
    corpus = folder / "in.jsonl"
    corpus.write_text(json.dumps({"text": TEXT, "date": "2021-03-05"}))
    asked = ["annotate", str(corpus), "--tools", "calendar", "-o", str(folder / "out"), "--k", "1", "--m", "2"]
    return CliRunner().invoke(app, [*asked, "--tau-s", "0", "--tau-f", "0.3", *more])


@pytest.mark.slow
@pytest.mark.embedded
def test_the_embedded_model_finds_where_the_day_helps(tmp_path: Path) -> None:
    done = invoke(tmp_path)
    assert done.exit_code == 0, done.output
    (line,) = (tmp_path / "out" / "annotated.jsonl").read_text("utf-8").splitlines()
    text = json.loads(line)["text"]
    assert text == (
        "Today is <API> Calendar() → Today is Friday, March 5, 2021. </API> Friday, and <API> the hall is full."
    )


def test_without_it_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "installed", lambda: None)
    done = invoke(tmp_path)
    assert done.exit_code == 2
    assert "make embedded" in done.output


def test_what_it_cannot_read_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["annotate", str(tmp_path / "nowhere.txt"), "--tools", "calculator"])
    assert done.exit_code == 2
    assert "nowhere.txt: no such file or folder" in done.output
