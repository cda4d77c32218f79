"""The run directory: whole lines or none, whatever happened before."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import make_run, make_task, solve

from toolbench.errors import RunError
from toolbench.model import Verdict
from toolbench.store import Lines, Run, Table, write_whole

VERDICT = Verdict(evaluator="goal", evaluator_version="1", trace="r1", leaf=3, label="pass")


@given(lines=st.lists(st.binary(max_size=200).filter(lambda line: b"\n" not in line)), cut=st.integers(0, 4000))
def test_opening_cuts_what_a_crash_left_of_the_last_line(tmp_path_factory, lines, cut):
    path = tmp_path_factory.mktemp("lines") / "x.jsonl"
    whole = b"".join(line + b"\n" for line in lines)
    path.write_bytes(whole[:cut])
    Lines(path).close()
    assert path.read_bytes() == whole[: whole[:cut].rfind(b"\n") + 1]


def test_a_long_torn_line_is_cut_too(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"{}\n" + b"x" * 300_000)
    Lines(path).close()
    assert path.read_bytes() == b"{}\n"


def test_records_come_back_as_written_and_a_torn_tail_is_passed_over(tmp_path: Path):
    table = Table(tmp_path / "verdicts.jsonl", Verdict)
    with table.writer() as writer:
        writer.add(VERDICT)
        writer.add(VERDICT.model_copy(update={"leaf": 4}))
    with table.path.open("ab") as file:
        file.write(b'{"evaluator": "go')
    assert [verdict.leaf for verdict in table] == [3, 4]
    assert table.ids("trace") == ["r1", "r1"]


def test_a_line_that_is_no_record_is_named_with_its_number(tmp_path: Path):
    table = Table(tmp_path / "verdicts.jsonl", Verdict)
    table.path.write_bytes(VERDICT.model_dump_json().encode() + b'\n{"label": "maybe"}\n')
    with pytest.raises(RunError, match=r"verdicts\.jsonl, line 2"):
        list(table)


def test_an_unknown_version_is_refused(tmp_path: Path):
    table = Table(tmp_path / "verdicts.jsonl", Verdict)
    table.path.write_bytes(VERDICT.model_dump_json().replace('"version":1', '"version":2').encode() + b"\n")
    with pytest.raises(RunError, match="version"):
        list(table)


def test_write_whole_leaves_no_draft_and_replaces(tmp_path: Path):
    path = tmp_path / "deep" / "x"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in path.parent.iterdir()] == ["x"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write here"):
        Run(tmp_path / "file" / "run").make()


def test_a_folder_without_a_run_is_said(tmp_path: Path):
    with pytest.raises(RunError, match="no run is here"):
        Run(tmp_path).require()


@pytest.mark.parametrize("content", ["- a list", "key: [unclosed", ""])
def test_a_broken_run_yaml_is_said(tmp_path: Path, content: str):
    (tmp_path / "run.yaml").write_text(content)
    with pytest.raises(RunError, match=r"run\.yaml"):
        Run(tmp_path).read_config()


def test_a_record_is_read_from_its_place(tmp_path):
    task = make_task(1)
    traces = [solve(task)[0].trace(5, sample=sample) for sample in range(3)]
    run = make_run(tmp_path / "run", traces, [task])
    with run.traces.path.open("ab") as file:
        file.write(b'{"torn')
    placed = list(run.traces.placed())
    assert [record for _, record in placed] == traces == list(run.traces)
    assert [run.traces.at(begin) for begin, _ in placed] == traces
    with pytest.raises(RunError, match="not a trace record"):
        run.traces.at(placed[1][0] + 1)
