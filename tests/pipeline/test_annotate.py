"""Annotating a corpus: files in, data sets out, resumed and refused; on a toy model."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from ngram import Ngram
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.errors import ConfigError, InputError, RunError
from toolbench.events import Event, ItemDone, StageStarted
from toolbench.model import Tokens
from toolbench.pipeline import annotate as stage
from toolbench.pipeline.annotate import annotate, explain_one
from toolbench.pipeline.annotating import AnnotateConfig
from toolbench.pipeline.corpus import count, documents, files
from toolbench.toolformer.base import Annotation, Options
from toolbench.toolformer.merge import original

TEXTS = [
    "The sum of 3 and 4 is equal to 7, said <API> the man.",
    "Nothing is reckoned here.",
    "",
    "There were 12 rows of 12 chairs, 144 in all.",
    "It is equal to 9, é 日.",
]


class Sums(Ngram):
    """A toy that writes sums."""

    async def sample(self, parts: Any, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        return ["Calculator(3 + 4)", "Calculator(1 / 0)", "Calculator(3 + 4", None, "Calculator(12 * 12)"][:count]


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def opened(config: AnnotateConfig, journal: Path) -> AsyncIterator[list[Ngram]]:
        yield [Sums() for _ in range(config.concurrency or 1)]

    monkeypatch.setattr(stage, "open_models", opened)


def config(**more: Any) -> AnnotateConfig:
    values = {"tools": ("calculator",), "model": "toy", "tau_f": 0.0, "k": 4, **more}
    return AnnotateConfig(**values)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": text, "date": "2021-01-29"}) + "\n" for text in TEXTS))
    return path


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_corpus_is_annotated(corpus: Path, tmp_path: Path) -> None:
    said: list[Event] = []
    found = annotate([corpus], tmp_path / "out", config(options=Options(in_place=True)), said.append)
    kept = read(tmp_path / "out" / "annotations.jsonl")
    assert [one["text"] for one in kept] == TEXTS
    ledger = read(tmp_path / "out" / "ledger.jsonl")
    assert len(ledger) == sum(len(one["candidates"]) for one in kept) == found.figures.tools["calculator"].candidates
    assert {one["call"] for one in ledger} == {"Calculator(3 + 4)", "Calculator(1 / 0)", "Calculator(12 * 12)"}
    assert {one["failure"] for one in ledger if one["call"] == "Calculator(1 / 0)"} == {"it divides by nothing"}
    assert all((one["losses"] is None) == (one["result"] is None) == (one["in_place"] is None) for one in ledger)
    texts = read(tmp_path / "out" / "annotated.jsonl")
    with_calls = [one["text"] for one in kept if any(call["kept"] for call in one["candidates"])]
    assert with_calls
    assert [
        original(one["text"], [(call["start"], call["end"]) for call in one["calls"]]) for one in texts
    ] == with_calls
    assert found.written == len(texts) == len(read(tmp_path / "out" / "rows.jsonl"))
    assert found.calls == sum(len(one["calls"]) for one in texts)
    assert isinstance(said[0], StageStarted)
    assert said[0].total == len(TEXTS)
    assert sum(isinstance(one, ItemDone) for one in said) == len(TEXTS)


def test_what_is_there_is_not_done_again_and_comes_out_the_same(corpus: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    annotate([corpus], whole, config())
    cut = tmp_path / "cut"
    annotate([corpus], cut, config(concurrency=3))
    path = cut / "annotations.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    # Killed: some lines, the last one torn, and no data sets yet.
    path.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    for name in ("annotated.jsonl", "rows.jsonl", "ledger.jsonl"):
        (cut / name).unlink()
    (cut / ".rows.jsonl.draft").write_text("left behind")
    assert annotate([corpus], cut, config()).new == len(TEXTS) - 2
    assert annotate([corpus], cut, config()).new == 0
    for name in ("annotations.jsonl", "annotated.jsonl", "rows.jsonl", "ledger.jsonl", "annotate.yaml"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes()


def test_plain_texts_are_dropped_but_for_a_share(corpus: Path, tmp_path: Path) -> None:
    some = annotate([corpus], tmp_path / "none", config(tau_f=99.0))
    assert (some.written, some.calls) == (0, 0)
    every = annotate([corpus], tmp_path / "all", config(tau_f=99.0, keep_plain=1.0))
    assert every.written == sum(bool(text) for text in TEXTS)
    assert all(not one["calls"] for one in read(tmp_path / "all" / "annotated.jsonl"))


@pytest.mark.parametrize("more", [{"seed": 1}, {"tau_f": 0.5}, {"tools": ("calculator", "calendar")}, {"m": 1}])
def test_other_settings_are_refused_in_the_same_folder(more: dict[str, Any], corpus: Path, tmp_path: Path) -> None:
    annotate([corpus], tmp_path / "out", config())
    with pytest.raises(RunError, match="made with another"):
        annotate([corpus], tmp_path / "out", config(**more))


def test_most_calls_bounds_what_is_put_in(corpus: Path, tmp_path: Path) -> None:
    every = annotate([corpus], tmp_path / "all", config(tau_f=-9.0))
    one = annotate([corpus], tmp_path / "one", config(tau_f=-9.0, options=Options(most_calls=1)))
    assert every.calls > one.calls == one.written == every.written


class Dull(Sums):
    """A toy that reads little."""

    async def split(self, text: str) -> Tokens:
        if "chairs" in text:
            from toolbench.errors import EndpointError

            raise EndpointError("this text is beyond me")
        return await super().split(text)


def test_a_text_that_cannot_be_scored_says_why(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def opened(config: AnnotateConfig, journal: Path) -> AsyncIterator[list[Ngram]]:
        yield [Dull()]

    monkeypatch.setattr(stage, "open_models", opened)
    monkeypatch.setattr("toolbench.toolformer.prompting.head", lambda tool, markers: "head")
    monkeypatch.setattr("toolbench.toolformer.annotate.head", lambda tool, markers: "head")
    found = annotate([corpus], tmp_path / "out", config(keep_plain=1.0))
    assert found.figures.failures == {"this text is beyond me": 1}
    kept = [Annotation.model_validate(one) for one in read(tmp_path / "out" / "annotations.jsonl")]
    assert [bool(one.failure) for one in kept] == ["chairs" in text for text in TEXTS]
    assert found.written == sum(bool(text) and "chairs" not in text for text in TEXTS)
    # Whatever was in its way is gone: it is tried again, and it alone.
    monkeypatch.setattr(Dull, "split", Sums.split)
    annotate([corpus], tmp_path / "whole", config(keep_plain=1.0))
    again = annotate([corpus], tmp_path / "out", config(keep_plain=1.0))
    assert (again.new, again.figures.failures) == (1, {})
    for name in ("annotations.jsonl", "annotated.jsonl", "ledger.jsonl", "rows.jsonl"):
        assert sorted(read(tmp_path / "out" / name), key=str) == sorted(read(tmp_path / "whole" / name), key=str)


def test_one_text_is_explained_and_nothing_is_written(corpus: Path, tmp_path: Path) -> None:
    told = explain_one([corpus], config(), "in-4", tmp_path / "out")
    assert "Calculator(12 * 12) → 144" in told
    assert "L- minus L+" in told
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(InputError, match="no document is 'in-99'"):
        explain_one([corpus], config(), "in-99", tmp_path / "out")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"tools": ()}, "no tool is named"),
        ({"tools": ("nonsense",)}, "there is no tool 'nonsense'"),
        ({"tools": ("library_cancelHold",)}, "say nothing that a text could"),
        ({"tools": ("qa",)}, "the tool qa needs something"),
        ({"tools": ("translate",)}, "the tool translate needs something"),
        ({"k": 0}, "`k` is 0"),
        ({"keep_plain": 2.0}, "from 0 to 1"),
        ({"patience": 0.0}, "Give them some"),
        ({"options": Options(most_calls=0)}, "`most_calls` is 0"),
    ],
)
def test_settings_that_make_no_sense(more: dict[str, Any], why: str, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        annotate([corpus], tmp_path / "out", config(**more))
    assert caught.value.exit_code == 2


def test_texts_rows_and_folders_are_read(tmp_path: Path) -> None:
    from pyarrow import Table
    from pyarrow.parquet import write_table

    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.md").write_text("# Two", "utf-8")
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone")
    (tmp_path / "c.jsonl").write_text('{"text": "three", "title": "T", "date": "2020-01-01", "n": 3}\n\n"four"\n')
    write_table(Table.from_pylist([{"text": "five"}, {"text": "six"}]), tmp_path / "d.parquet")
    (tmp_path / "e.html").write_text("<html><body><p>seven</p></body></html>", "utf-8")
    (tmp_path / "ignored.bin").write_bytes(b"\x00")
    (tmp_path / "empty.txt").write_bytes(b"")
    found = files([tmp_path])
    read = list(documents(found))
    assert [one.text for one in read] == ["one", "three", "four", "five", "six", "seven", "Two"]
    assert count(found) == 8
    assert (read[1].title, read[1].metadata["date"], read[1].metadata["n"]) == ("T", "2020-01-01", "3")
    assert len({one.id for one in read}) == 7
    assert [one.name for one in read] == ["a", "c-1", "c-3", "d-1", "d-2", "e", "two"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"a\x00b", r"a\.txt: "),
        ("a.jsonl", b'{"text": "x"}\n{"text": "caf\xe9"}\n', r"a\.jsonl, line 2: not UTF-8"),
        ("a.jsonl", b'{"text": \n', r"a\.jsonl, line 1: not JSON"),
        ("a.jsonl", b'{"words": "x"}\n', r"a\.jsonl, line 1: no text under 'text'"),
        ("a.parquet", b"no parquet", r"a\.parquet: not a Parquet file"),
    ],
)
def test_bad_input_is_a_line_that_names_the_place(name: str, content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        annotate([path], tmp_path / "out", config())
    with pytest.raises(InputError, match="no such file"):
        files([tmp_path / "nowhere.txt"])


def test_the_command_tells_what_came_of_it(corpus: Path, tmp_path: Path) -> None:
    asked = ["annotate", str(corpus), "--tools", "calculator", "--tau-f", "0", "--k", "3", "-o", str(tmp_path / "out")]
    asked += ["--model", "toy"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "texts have calls" in done.output
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Just rejected" in page
    assert "Calculator(12 * 12)" in page
    assert "&lt;API&gt; the man" in page or "said <API>" not in page
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert told["documents"] == len(TEXTS)
    assert told["new"] == 0
    assert set(told["tools"]["calculator"]["kept_at"]) == {"0", "0.25", "0.5", "1", "1.5", "2"}
    explained = CliRunner().invoke(app, [*asked, "--explain", "in-4"])
    assert "Calculator(12 * 12) → 144" in explained.output
    refused = CliRunner().invoke(app, [*asked, "--seed", "3"])
    assert refused.exit_code == 2
    assert "made with another `seed`" in refused.output
