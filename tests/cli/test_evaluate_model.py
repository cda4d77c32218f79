"""`toolbench evaluate --model`: a model on tasks that are there."""

import orjson
import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.pipeline.config import make_config
from toolbench.pipeline.generate import generate


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLBENCH_HOME", str(tmp_path / "home"))


def run(*arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_a_model_works_on_a_runs_tasks_and_is_told_by_kind(tmp_path):
    generate(tmp_path / "ours", make_config({"apis": ("library",), "count": 4, "mix": {"lookup": 1, "impossible": 1}}))
    with serving(ScriptedModel(seed=3)) as url:
        wanted = [tmp_path / "exam", "--model", "scripted", "--base-url", url]
        told = run(*wanted, "--tasks", tmp_path / "ours")
        again = run(*wanted, "--json")
    assert told.exit_code == 0, told.output
    assert "scripted, by kind of task" in told.stdout
    assert again.exit_code == 0, again.output
    found = orjson.loads(again.stdout)
    assert found["tasks"] == 4
    assert {kind: one["tasks"] for kind, one in found["by_kind"].items()} == {"impossible": 2, "lookup": 2}
    for kind, one in found["by_kind"].items():
        (line,) = (line for line in told.stdout.splitlines() if line.split()[:1] == [kind])
        assert f"{one['passed']} of 2" in line


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "m", "--from", "bfcl"], "`--model` works in one run"),
        (["--tasks", "x"], "`--tasks` is for a model"),
        (["--base-url", "http://127.0.0.1:9/v1"], "`--base-url` is for a model"),
        (["--model", "m", "--base-url", "http://127.0.0.1:9/v1"], "holds no imported tasks"),
        (["--model", "m", "--tasks", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path, options, message):
    result = run(tmp_path / "exam", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
