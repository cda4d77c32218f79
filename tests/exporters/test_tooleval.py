"""ToolEval's converted answers: our own reader finds in them what a judge is shown of the trace itself."""

import json

import pytest
from typer.testing import CliRunner

from toolbench.answers.base import Sources
from toolbench.answers.tooleval import ToolEvalAnswers
from toolbench.cli.main import app
from toolbench.curation.judgements import judged_leaf
from toolbench.judging.answer import answer_of
from toolbench.store import Run


def invoke(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("answers") / "run"
    mix = "change=3,lookup=2,confirm=2,known_answer=1"
    invoke("generate", path, "--apis", "library,orders", "-n", 30, "--errors", "high", "--mix", mix, "--max-queries", 6)
    return path


def spoken(lines):
    """What was said and called, without results, which a judge is shown cut."""
    return [(line.role, line.name, line.text if line.role != "tool" else line.arguments) for line in lines]


def test_what_is_read_back_is_what_a_judge_is_shown(run):
    told = json.loads(invoke("save-as", run, "-f", "tooleval", "--json"))
    assert told["answers"] == 30
    assert sum(told["without_answer"].values()) > 0
    reader = ToolEvalAnswers(Sources())
    path = run / "datasets" / "tooleval" / "answers.json"
    found = {entry.content["id"].partition("/")[2]: reader.read(entry.content, path) for entry in reader.rows(path)}
    held = Run(run)
    tools = {tool.name: tool for tool in held.tools}
    tasks = {task.id: task for task in held.tasks}
    turns = 0
    for trace in held.traces:
        task = tasks[trace.task]
        offered = {name: tools[name] for name in trace.tools}
        read = found[task.id].answer
        assert read.query == task.turns[0].text
        assert read.finished
        if trace.best is None:
            assert read.final == ""
            continue
        shown = answer_of(task, trace.path(judged_leaf(trace)), offered)
        assert spoken(read.lines) == spoken(shown.lines)
        assert (read.final, read.tools) == (shown.final, shown.tools)
        turns += sum(line.role == "user" for line in read.lines)
    assert turns > 0


def test_no_choice_is_made_among_traces(run):
    invoke("evaluate", run)
    invoke("curate", run)
    before = (run / "datasets" / "tooleval" / "answers.json").read_bytes()
    invoke("save-as", run, "-f", "tooleval")
    assert (run / "datasets" / "tooleval" / "answers.json").read_bytes() == before
