"""Tools that are no HTTP operations in the simulated world: nothing is known of what they do, and that is said."""

import json

import jsonschema
import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.model import Call, McpBinding, NoBinding
from toolbench.specs import read_api
from toolbench.world.replay import replay_in
from toolbench.world.world import Landscape, World

PYTHON = read_api("python_tools", "python", "py")


def bound(binding):
    return PYTHON.model_copy(
        update={"tools": tuple(tool.model_copy(update={"binding": binding}) for tool in PYTHON.tools)}
    )


@pytest.mark.parametrize(
    "api", [PYTHON, bound(NoBinding()), bound(McpBinding(server="s", tool="t"))], ids=["python", "none", "mcp"]
)
def test_what_they_do_is_unknown_and_what_they_answer_is_valid_and_stable(api):
    landscape = Landscape([api])
    assert set(landscape.operations) == {tool.name for tool in api.tools}
    assert {(operation.role, operation.confidence < 0.5) for operation in landscape.operations.values()} == {
        ("unknown", True)
    }
    point = {"x": 1, "y": 2}
    for seed in range(5):
        world = World(landscape, seed)
        calls = [
            Call(id="1", tool="py_store", arguments={"point": point}),
            Call(id="2", tool="py_get_due", arguments={"start": "2026-01-05"}),
            Call(id="3", tool="py_store", arguments={"point": dict(reversed(point.items()))}),
            Call(id="4", tool="py_get_error", arguments={"text": "a"}),
            Call(id="5", tool="py_get_error", arguments={"text": 1}),
        ]
        replay = replay_in(world, calls)
        first, due, again, nothing, wrong = replay.observations
        assert [each.status for each in (first, due, again, nothing)] == ["ok"] * 4
        assert first.body == again.body
        for seen, name in ((first, "py_store"), (due, "py_get_due")):
            jsonschema.Draft202012Validator(landscape.tool(name).returns).validate(seen.body)
        assert nothing.body is None
        assert wrong.status == "invalid_arguments"
        assert replay.changes == ()


def test_runs_say_what_they_cannot_be_made_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOOLBENCH_HOME", raising=False)
    functions = [{"name": "files.read", "description": "Read.", "parameters": {"type": "dict", "properties": {}}}]
    (tmp_path / "files.json").write_text(json.dumps(functions))
    runner = CliRunner()
    assert runner.invoke(app, ["specs", "add", "files.json"]).exit_code == 0
    assert "it can be simulated, not called" in runner.invoke(app, ["specs", "show", "files_files_read"]).stdout
    alone = runner.invoke(app, ["tasks", "a", "--apis", "files", "-n", "2"])
    assert (alone.exit_code, alone.stderr) == (1, "toolbench: no operation of files can be the aim of a task\n")
    beside = runner.invoke(app, ["generate", "b", "--apis", "files,library", "-n", "2"])
    assert beside.exit_code == 0, beside.output
    for command in (["evaluate", "b"], ["curate", "b"], ["save-as", "b", "-f", "trl"]):
        done = runner.invoke(app, command)
        assert done.exit_code == 0, done.output
