"""The command line as a whole: light, quiet, and clear about what is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.model import RECORDS

runner = CliRunner()

SPEC = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOOLBENCH_HOME", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def bomb() -> str:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(["openapi: 3.1.0", *layers])


def with_reference(target: str) -> str:
    answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": target}}}}
    return json.dumps({**SPEC, "paths": {"/a": {"get": {"operationId": "getA", "responses": {"200": answer}}}}})


BAD_SPECS = {
    "no description": (json.dumps({"hello": "world"}), "spec.json"),
    "alias bomb": (bomb(), "alias"),
    "dangling reference": (with_reference("#/components/schemas/Nowhere"), "#/components/schemas/Nowhere"),
    "remote reference": (with_reference("https://example.com/x.json#/A"), "https://example.com/x.json"),
}


def one_line(*words: str) -> str:
    result = runner.invoke(app, list(words))
    assert result.exit_code == 2, result.output
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_missing_file():
    assert "nowhere.json" in one_line("specs", "add", "nowhere.json")


@pytest.mark.parametrize("name", BAD_SPECS)
def test_a_bad_description(name: str):
    text, said = BAD_SPECS[name]
    Path("spec.json").write_text(text)
    line = one_line("specs", "add", "spec.json")
    assert "spec.json" in line
    assert said in line
    assert not Path(".toolbench").exists()


def test_an_unknown_api_suggests_near_ones():
    assert "library" in one_line("generate", "run", "--apis", "libary", "-n", "3")


def test_an_unreachable_endpoint():
    words = ("--model", "x", "--base-url", "http://127.0.0.1:9/v1")
    assert "http://127.0.0.1:9/v1" in one_line("generate", "run", "--apis", "library", "-n", "2", *words)


def test_a_run_made_with_another_config():
    assert runner.invoke(app, ["tasks", "run", "--apis", "library", "-n", "2"]).exit_code == 0
    assert "seed" in one_line("generate", "run", "--seed", "9", "-n", "2")


def test_a_count_of_nothing():
    assert "count" in one_line("generate", "run", "--apis", "library", "-n", "0")


@pytest.mark.parametrize("place", ["file/run", "/proc/run"])
def test_a_folder_that_cannot_be_written(place: str):
    Path("file").write_text("")
    assert place in one_line("generate", place, "--apis", "library", "-n", "2")


def test_commands_on_a_folder_without_a_run():
    for command in (["evaluate", "."], ["curate", "."], ["save-as", ".", "-f", "trl"], ["report", "."]):
        assert "no run is here" in one_line(*command)


def test_a_bad_settings_file():
    Path("settings.yaml").write_text("colour: red")
    line = one_line("generate", "run", "-c", "settings.yaml")
    assert "settings.yaml" in line
    assert "colour" in line


def test_a_run_yaml_makes_the_same_run_elsewhere():
    assert runner.invoke(app, ["tasks", "one", "--apis", "library", "-n", "3", "--seed", "5"]).exit_code == 0
    assert runner.invoke(app, ["tasks", "two", "-c", "one/run.yaml"]).exit_code == 0
    assert Path("one/tasks.jsonl").read_bytes() == Path("two/tasks.jsonl").read_bytes()
    assert yaml.safe_load(Path("one/run.yaml").read_text()) == yaml.safe_load(Path("two/run.yaml").read_text())


def test_help_is_light_and_creates_nothing():
    code = (
        "import sys, toolbench.cli.main as m\n"
        "try: m.app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'langgraph', 'mcp', 'openai', 'pydantic', 'networkx', 'httpx2'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list(Path.cwd().iterdir())


def test_every_command_has_help():
    listed = runner.invoke(app, ["--help"]).output
    for command in (
        "specs",
        "tasks",
        "generate",
        "evaluate",
        "curate",
        "save-as",
        "report",
        "view",
        "mock",
        "scripted",
        "doctor",
        "ingest",
        "create",
        "recipes",
    ):
        assert command in listed
        assert runner.invoke(app, [command, "--help"]).exit_code == 0


def test_debug_shows_the_traceback():
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "toolbench.cli", "--debug", "specs", "add", "nowhere.json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "Traceback" in done.stderr


def test_the_doctor_finds_this_installation_sound_and_writes_schemas():
    result = runner.invoke(app, ["doctor", "--schemas", "schemas", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["clashes"] == []
    assert {Path(path).name for path in found["schemas"]} == {f"{name}.schema.json" for name in RECORDS}
    trace = json.loads(Path("schemas/trace.schema.json").read_text())
    assert trace["properties"]["nodes"]["description"]


def test_the_mix_asked_for_is_made_and_kept():
    mix = ["--mix", "confirm=0.5,lookup=0.25,missing_parameter=0.25", "-n", "8"]
    result = runner.invoke(app, ["tasks", "run", "--apis", "library", *mix, "--json"])
    told = json.loads(result.stdout)
    assert told["kinds"] == {"confirm": 4, "lookup": 2, "missing_parameter": 2}
    assert told["missing"] == {}
    assert runner.invoke(app, ["tasks", "run", "-n", "9"]).exit_code == 0
    other = runner.invoke(app, ["tasks", "run", "--mix", "lookup=1"])
    assert other.exit_code == 2
    assert "this run was made with mix" in other.stderr


@pytest.mark.parametrize("mix", ["confirm", "confirm=a", "nothing=1", "lookup=1,lookup=2", "lookup=0", ""])
def test_a_mix_that_makes_no_sense_is_one_line(mix):
    result = runner.invoke(app, ["tasks", "run", "--apis", "library", "--mix", mix])
    assert result.exit_code == 2
    assert "mix" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
