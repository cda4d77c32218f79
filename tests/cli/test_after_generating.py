"""`evaluate`, `curate`, `save-as` and `report` as a person runs them."""

import orjson
import pytest
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.pipeline import replayer


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setattr(replayer, "open_replayer", lambda run: TinyReplayer())


@pytest.fixture
def run(tmp_path):
    tasks = [make_task(seed) for seed in range(2)]
    lost = Tree(tasks[1])
    lost.say(0, "I give up.", kind="give_up")
    return make_run(tmp_path / "run", [solve(tasks[0])[0].trace(5), lost.trace(None, "gave_up")], tasks)


def toolbench(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_way_from_traces_to_a_dataset(run):
    judged = toolbench("evaluate", run.path)
    assert (judged.exit_code, judged.stdout.splitlines()[0]) == (
        0,
        "1 of 2 traces pass: 50.0%, 95% interval 9.5% to 90.5%.",
    )
    chosen = toolbench("curate", run.path)
    assert (chosen.exit_code, chosen.stdout.splitlines()[:2]) == (
        0,
        ["1 of 2 traces kept.", "       1  gave up"],
    )
    saved = toolbench("save-as", run.path, "-f", "trl", "--name", "demo")
    assert saved.exit_code == 0
    assert saved.stdout.startswith(f"1 rows in {run.path / 'datasets' / 'demo' / 'train.jsonl'}, 1 of them verified.")
    reported = toolbench("report", run.path)
    assert (reported.exit_code, (run.path / "report.html").is_file()) == (0, True)
    assert "Pass rate 50.0%" in reported.stdout


def test_json(run, tmp_path):
    found = [
        orjson.loads(toolbench(*command, "--json").stdout)
        for command in (
            ("evaluate", run.path),
            ("curate", run.path),
            ("save-as", run.path, "-f", "openai"),
            ("report", run.path, "--html", tmp_path / "page.html"),
        )
    ]
    judged, chosen, saved, reported = found
    assert (judged["passed"], judged["failures"]) == (1, {"gave_up": 1})
    assert (chosen["kept"], chosen["rejected"]) == (1, {"gave_up": 1})
    assert (saved["rows"], saved["verified"], saved["format"]) == (1, 1, "openai")
    assert reported["pass_rate"]["passed"] == 1
    assert (tmp_path / "page.html").is_file()
    assert not (run.path / "report.html").exists()


@pytest.mark.parametrize("command", [("evaluate",), ("curate",), ("save-as", "-f", "trl"), ("report",)])
def test_no_run_is_bad_input(tmp_path, command):
    name, *options = command
    result = toolbench(name, tmp_path, *options)
    assert result.exit_code == 2
    assert result.stderr == f"toolbench: {tmp_path}: no run is here. Make one with `toolbench generate`.\n"


def test_bad_input_names_the_way_out(run):
    unjudged = toolbench("curate", run.path)
    assert (unjudged.exit_code, "toolbench evaluate" in unjudged.stderr) == (2, True)
    uncurated = toolbench("save-as", run.path, "-f", "trl")
    assert (uncurated.exit_code, "toolbench curate" in uncurated.stderr) == (2, True)
    toolbench("evaluate", run.path)
    unknown = toolbench("save-as", run.path, "-f", "tlr")
    assert (unknown.exit_code, "did you mean 'trl'?" in unknown.stderr) == (2, True)


def test_nothing_produced_is_no_success(tmp_path):
    lost = Tree(make_task(1))
    lost.say(0, "I give up.", kind="give_up")
    run = make_run(tmp_path / "run", [lost.trace(None, "gave_up")], [make_task(1)])
    assert toolbench("evaluate", run.path).exit_code == 0
    chosen = toolbench("curate", run.path)
    assert (chosen.exit_code, "none of 1 traces was kept: gave_up (1)" in chosen.stderr) == (1, True)
    saved = toolbench("save-as", run.path, "-f", "trl")
    assert (saved.exit_code, "nothing to write" in saved.stderr) == (1, True)


def test_two_runs_side_by_side(run, tmp_path):
    other = make_run(tmp_path / "other", [solve(make_task(1))[0].trace(5)], [make_task(1)])
    for one in (run, other):
        toolbench("evaluate", one.path)
    summary = tmp_path / "summary.md"
    told = toolbench("report", run.path, other.path, "--markdown", summary)
    assert told.exit_code == 0
    assert "other against run: +100.0 points" in told.stdout
    assert (run.path / "comparison.html").read_text("utf-8").startswith("<!doctype html>")
    assert summary.read_text("utf-8").startswith("### run against other\n")
    found = orjson.loads(toolbench("report", run.path, other.path, "--json").stdout)
    assert [(one["name"], one["pairs"]) for one in found["against_first"]] == [("other", 1)]


def test_a_summary_for_a_pull_request(run, tmp_path):
    summary = tmp_path / "summary.md"
    assert toolbench("report", run.path, "--markdown", summary).exit_code == 0
    assert "2 traces, not judged yet." in summary.read_text("utf-8")


def test_runs_of_one_name_are_told_apart_by_their_folders(run, tmp_path):
    other = make_run(tmp_path / "else" / "run", [solve(make_task(1))[0].trace(5)], [make_task(1)])
    told = toolbench("report", run.path, other.path)
    assert f"{other.path} against {run.path}" in told.stdout


def test_a_viewer_needs_a_folder(tmp_path):
    failed = toolbench("view", tmp_path / "nowhere")
    assert failed.exit_code == 2
    assert "no folder is here" in failed.stderr
