"""`toolbench evaluate --judge`: exit codes, one line on errors, JSON."""

import json
import shutil

import pytest
from speaking import said
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving

GENERATE = ["-n", "4", "--apis", "library", "--seed", "3"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("judged") / "run"
    assert CliRunner().invoke(app, ["generate", str(path), *GENERATE]).exit_code == 0
    return path


@pytest.fixture
def fresh(run, tmp_path):
    """Return a copy of the run: a journal keeps what a judge said, however foolish."""
    return shutil.copytree(run, tmp_path / "fresh")


def judge(run, content, *arguments):
    script = parse_script([{"when": {}, "answer": {"content": content}}])
    with serving(ScriptedModel(script)) as url:
        options = ["--judge", "scripted", "--base-url", url, "--votes", "2", *arguments]
        return CliRunner().invoke(app, ["evaluate", str(run), *options])


def test_nothing_readable_is_exit_1(fresh):
    told = judge(fresh, "Lovely weather.")
    assert told.exit_code == 1
    assert "scripted judged none of 4 traces: 8 unparseable" in told.stderr


def test_its_opinion_is_told_and_counted_apart(fresh):
    told = judge(fresh, said("Solved"), "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert found["opinion"]["evaluator"] == "tooleval:scripted"
    assert found["opinion"]["pass_rate"]["standard_error"] == 0
    alone = CliRunner().invoke(app, ["evaluate", str(fresh), "--json"])
    assert json.loads(alone.stdout)["passed"] == found["passed"]
    assert "What scripted thinks, by ToolEval's rules (2 votes):" in judge(fresh, said("Solved")).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--votes", "3"], "`--votes` is for a judge. Name one: `--judge NAME`"),
        (["--judge", "x", "--votes", "0"], "`votes` is 0"),
        (["--judge", "x", "--judge-timeout", "0"], "a judge is given 0 seconds"),
        (["--judge", "x", "--base-url", "http://127.0.0.1:9/v1"], "127.0.0.1:9"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(run, arguments, message, monkeypatch):
    monkeypatch.setattr("toolbench.llm.client.PATIENT", type("", (), {"attempts": 1, "base": 0, "cap": 0, "seed": 0})())
    told = CliRunner().invoke(app, ["evaluate", str(run), *arguments])
    assert told.exit_code == 2
    assert message in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
