"""Runs whose instructions and users are a model's: journalled, taken up without asking, verified all the same."""

import json

import pytest
from typer.testing import CliRunner
from user.wording_model import OPENINGS, Served

from toolbench.cli.main import app
from toolbench.llm.scripted import serving
from toolbench.store import Run

MIX = "ambiguous=1,missing_parameter=1,confirm=1,lookup=1"


def invoke(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def model():
    return Served()


def test_a_run_is_written_spoken_judged_and_taken_up(tmp_path, model):
    run = tmp_path / "run"
    with serving(model) as url:
        words = (
            "--apis",
            "library,orders",
            "--mix",
            MIX,
            "--writer",
            "scripted",
            "--user",
            "scripted",
            "--user-url",
            url,
        )
        told = json.loads(invoke("generate", run, *words, "-n", 8, "--json"))
        asked = model.asked
        before = (run / "traces.jsonl").read_bytes()
        (run / "traces.jsonl").unlink()
        invoke("generate", run, *words, "-n", 8)
        assert model.asked == asked, "what is on record is not asked again"
        assert (run / "traces.jsonl").read_bytes() == before
    assert told["traces"] == 8
    tasks, traces = list(Run(run).tasks), list(Run(run).traces)
    assert {task.writer for task in tasks} == {"scripted"}
    assert all(task.turns[0].text.startswith(OPENINGS) for task in tasks)
    assert {trace.provenance.user for trace in traces} == {"scripted"}
    spoken = [node.step.text for trace in traces for node in trace.nodes if node.step and node.step.kind == "user"]
    assert any(text.startswith(OPENINGS) for text in spoken)
    invoke("evaluate", run)
    kept = json.loads(invoke("curate", run, "--json"))
    assert kept["kept"] >= 4, kept


def test_tasks_says_how_many_are_in_whose_words(tmp_path):
    seen = []

    def spoil_one(words):
        seen.append(words)
        return words + " All 7391." if words == seen[0] else words

    with serving(Served(spoil=spoil_one)) as url:
        told = invoke(
            "tasks", tmp_path / "run", "--apis", "library", "-n", 4, "--writer", "scripted", "--user-url", url
        )
    assert "3 of 4 tasks are in the words of scripted; 1 kept the grammar's" in told
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    reasons = [event["unwritten"] for event in events if event["event"] == "TaskSampled"]
    assert sorted(map(bool, reasons)) == [False, False, False, True]


def test_a_writer_that_is_not_there_is_said_at_once(tmp_path):
    done = CliRunner().invoke(
        app,
        ["tasks", str(tmp_path / "run"), "--apis", "library", "--writer", "x", "--user-url", "http://127.0.0.1:9/v1"],
    )
    assert done.exit_code == 2
    assert "nothing answers there" in done.output
