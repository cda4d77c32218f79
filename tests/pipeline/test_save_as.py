"""Writing a dataset: what was kept, read back, with a card that adds up."""

import orjson
import pytest
import yaml
from tiny_world import TinyReplayer, Tree, in_other_words, make_run, make_task, solve

from toolbench import plugins
from toolbench.curation import selection
from toolbench.errors import ConfigError, PluginError, RunError, WorkError
from toolbench.exporters.base import Exporter
from toolbench.exporters.openai import OpenAIExporter
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.save_as import save_as

ROWS = sorted(name for name in plugins.names("exporters") if issubclass(plugins.load("exporters", name), Exporter))


@pytest.fixture
def run(tmp_path):
    tasks = [make_task(seed) for seed in range(3)]
    recovered = Tree(tasks[0])
    at = recovered.call(0, ("kv_put", {"amount": 1}))
    _, leaf = solve(tasks[0], recovered, at)
    lost = Tree(tasks[1])
    lost.say(0, "I give up.", kind="give_up")
    tasks[2] = in_other_words(tasks[2])
    other = solve(tasks[2])[0].trace(5)
    traces = [recovered.trace(leaf), lost.trace(None, "gave_up"), other]
    run = make_run(tmp_path / "run", traces, tasks)
    evaluate(run, TinyReplayer())
    return run


@pytest.mark.parametrize("name", ROWS)
def test_a_dataset(run, name):
    curate(run)
    summary = save_as(run, name)
    figures = summary.figures
    assert summary.path == run.path / "datasets" / name
    lines = [orjson.loads(line) for line in (summary.path / "train.jsonl").read_bytes().splitlines()]
    origins = [orjson.loads(line) for line in (summary.path / "provenance.jsonl").read_bytes().splitlines()]
    assert len(lines) == len(origins) == figures.rows == figures.verified == 2
    assert sum(len(line["messages"]) for line in lines) == figures.messages
    assert (figures.trained, figures.masked) == (10, 1)
    assert origins[0]["teacher"] == "planner"
    assert {origin["trace"]: origin["leaf"] for origin in origins} == selection.newest(run).kept()


def test_the_card(run):
    curate(run)
    card = (save_as(run, "trl", name="demo").path / "README.md").read_text()
    _, head, body = card.split("---\n", 2)
    front = yaml.safe_load(head)
    assert front["configs"][0]["data_files"] == [{"split": "train", "path": "train.jsonl"}]
    assert front["size_categories"] == ["n<1K"]
    assert body.startswith("\n# demo\n")
    for part in (
        "2 conversations",
        "2 of 2 rows (100 %)",
        "| planner | 2 |",
        "| gave_up | 1 |",
        "| kv | `0000",
        "Seeds: 0.",
    ):
        assert part in body, part
    assert "| messages of the assistant's that are not to be trained on | 1 |" in body
    assert "stateful simulation of the APIs (2 rows)" in body
    assert "\n\n\n" not in body


def test_again_gives_the_same_bytes(run):
    curate(run)
    first = {path.name: path.read_bytes() for path in save_as(run, "openai").path.iterdir()}
    assert {path.name: path.read_bytes() for path in save_as(run, "openai").path.iterdir()} == first
    assert set(first) == {"train.jsonl", "provenance.jsonl", "README.md"}


def test_a_row_that_does_not_survive_stops_the_work(run, monkeypatch):
    curate(run)
    rows = OpenAIExporter.rows
    monkeypatch.setattr(
        OpenAIExporter,
        "rows",
        lambda self, row: [{**line, "messages": line["messages"][:-1]} for line in rows(self, row)],
    )
    with pytest.raises(WorkError, match="did not survive the format: message 13 differs"):
        save_as(run, "openai")
    assert not (run.path / "datasets" / "openai" / "train.jsonl").exists()


def test_bad_input(run):
    with pytest.raises(RunError, match="toolbench curate"):
        save_as(run, "openai")
    curate(run)
    with pytest.raises(PluginError, match="did you mean 'openai'"):
        save_as(run, "opanai")
    with pytest.raises(ConfigError, match="cannot name a dataset"):
        save_as(run, "openai", name="../up")
    run.traces.path.write_bytes(b"")
    with pytest.raises(RunError, match="does not hold"):
        save_as(run, "openai")


def test_no_rows_is_no_success(run):
    kept = curate(run).path / "kept.jsonl"
    kept.write_bytes(b"")
    with pytest.raises(WorkError, match="nothing to write"):
        save_as(run, "openai")
