"""What whole trees teach: every pair is confirmed by executing both sides anew, and every line is read back."""

import json

import pytest
from typer.testing import CliRunner

from toolbench import plugins
from toolbench.cli.main import app
from toolbench.exporters.base import TreeExporter
from toolbench.model import Case, Replay
from toolbench.pipeline.replayer import open_replayer
from toolbench.store import Run

FORMATS = sorted(
    name for name in plugins.names("exporters") if issubclass(plugins.load("exporters", name), TreeExporter)
)


def invoke(*words, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("trees") / "run"
    words = ("--apis", "library,orders,crm,support", "-n", 40, "--seed", 3, "--width", 3)
    invoke("generate", path, *words, "--errors", "high", "--mix", "change=2,lookup=1,confirm=1")
    invoke("evaluate", path)
    return path


def lines(path, name):
    folder = path / "datasets" / name
    texts = [(folder / file).read_text().splitlines() for file in ("train.jsonl", "provenance.jsonl")]
    read = [[json.loads(line) for line in text] for text in texts]
    assert len(read[0]) == len(read[1])
    return list(zip(*read, strict=True))


def test_the_formats():
    assert FORMATS == ["dpo", "kto", "stepwise"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_dataset_of_trees(run, name):
    told = json.loads(invoke("save-as", run, "-f", name, "--json"))
    assert told["traces"] == 40
    assert told["lines"] == len(lines(run, name)) > 0
    card = (run / "datasets" / name / "README.md").read_text()
    assert f"{told['examples']} examples" in card
    assert str(told["right"]) in card


def outcome(run, replayer, trace, leaf):
    """Whether a path reaches the goal when it is executed anew, judged apart from the verdicts on record."""
    task = next(one for one in run.tasks if one.id == trace.task)
    path = trace.path(leaf)
    calls = [call for node in path if node.step for call in node.step.calls]
    replay = replayer.replay(task, calls)
    assert isinstance(replay, Replay)
    tools = {tool.name: tool for tool in run.tools}
    case = Case(task, trace.id, leaf, path, tools, replay)
    return plugins.load("evaluators", "goal")().evaluate(case).label


def test_every_pair_is_confirmed_by_execution(run):
    invoke("save-as", run, "-f", "dpo")
    opened = Run(run)
    traces, replayer = {trace.id: trace for trace in opened.traces}, open_replayer(opened)
    pairs = lines(run, "dpo")
    for line, origin in pairs:
        trace = traces[origin["trace"]]
        chosen, rejected = trace.nodes[origin["chosen"]], trace.nodes[origin["rejected"]]
        assert chosen.parent == rejected.parent
        assert chosen in trace.path(origin["leaf"])
        assert outcome(opened, replayer, trace, origin["leaf"]) == "pass"
        below = [leaf for leaf in trace.leaves() if rejected in trace.path(leaf)]
        if origin["fault"] == "invalid_arguments":
            assert any(seen.status == "invalid_arguments" for seen in rejected.step.observations)
        else:
            assert all(outcome(opened, replayer, trace, leaf) == "fail" for leaf in below)
        assert line["prompt"][-1]["role"] in ("user", "tool")
        assert line["chosen"] != line["rejected"]
    assert pairs


def test_labels_of_steps_agree_with_the_pairs(run):
    for name in ("dpo", "kto"):
        invoke("save-as", run, "-f", name)
    said = {}
    for line, _ in lines(run, "kto"):
        said.setdefault(json.dumps([line["prompt"], line["completion"]], sort_keys=True), set()).add(line["label"])
    assert all(len(labels) == 1 for labels in said.values())
    assert {True, False} <= set.union(*said.values())
    for line, _ in lines(run, "dpo"):
        assert said.get(json.dumps([line["prompt"], line["chosen"]], sort_keys=True), {True}) == {True}
        assert said.get(json.dumps([line["prompt"], line["rejected"]], sort_keys=True), {False}) == {False}


def test_a_run_that_was_not_judged_is_told_so(tmp_path):
    invoke("generate", tmp_path / "run", "--apis", "library", "-n", 1)
    assert "evaluate" in invoke("save-as", tmp_path / "run", "-f", "dpo", code=2)
