"""The open domain: the agent finds its tools by search, and all of it is executed anew."""

import json

import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.curation.rows import RowBuilder
from toolbench.llm.script import Answer, ScriptedCall, offered
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.model.discovery import SEARCH, SEARCH_TOOL, found_on
from toolbench.store import Run

MIX = "lookup=2,change=2,follow_up=1,confirm=1"


def invoke(*words, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("open") / "run"
    invoke("generate", path, "--apis", "library,orders,crm", "-n", 18, "--open-domain", "--mix", MIX)
    invoke("evaluate", path)
    return path


def traces(path):
    return list(Run(path).traces)


def test_no_tool_is_called_before_it_was_found(run):
    calls = 0
    for trace in traces(run):
        for leaf in trace.leaves():
            path = trace.path(leaf)
            for place, node in enumerate(path):
                known = {SEARCH, *found_on(path[:place])}
                for call in node.step.calls if node.step else ():
                    calls += 1
                    assert call.tool in known, (call.tool, known)
    assert calls > 50


def test_the_trace_names_the_tools_it_found_and_the_run_defines_them(run):
    defined = {tool.name: tool for tool in Run(run).tools}
    assert defined[SEARCH] == SEARCH_TOOL
    for trace in traces(run):
        assert set(trace.tools) == {SEARCH, *found_on(trace.nodes)}
        assert set(trace.tools) <= set(defined)


def test_most_reach_the_goal_and_every_search_is_executed_anew(run):
    verdicts = [json.loads(line) for line in (run / "verdicts.jsonl").read_text().splitlines()]
    executed = [one["label"] for one in verdicts if one["evaluator"] == "executed" and one["leaf"] >= 0]
    assert set(executed) == {"pass"}
    assert sum(one["label"] == "pass" for one in verdicts if one["evaluator"] == "goal") >= 9


def test_a_row_offers_what_its_own_path_found(run):
    tasks = {task.id: task for task in Run(run).tasks}
    builder = RowBuilder({tool.name: tool for tool in Run(run).tools})
    rows = 0
    for trace in traces(run):
        if trace.best is not None:
            row = builder.build(trace, trace.best, tasks[trace.task], {})
            assert [tool.name for tool in row.tools] == [SEARCH, *found_on(trace.path(trace.best))]
            assert builder.problems(row) == []
            rows += 1
    assert rows > 9


class Seeker(ScriptedModel):
    """Searches, then calls the first tool found, then finishes."""

    def answer(self, request):
        self.asked += 1
        names = [tool["name"] for tool in offered(request)]
        searched = [one for one in request["messages"] if one["role"] == "tool"]
        if not searched:
            assert names == [SEARCH, "Finish"]
            assert SEARCH in request["messages"][0]["content"]
            return Answer(tool_calls=(ScriptedCall(name=SEARCH, arguments={"query": "list members", "k": 1}),))
        if len(searched) == 1:
            assert names == [SEARCH, "library_listMembers", "Finish"]
            return Answer(tool_calls=(ScriptedCall(name="library_listMembers", arguments={}),))
        done = {"return_type": "give_answer", "final_answer": "Done."}
        return Answer(tool_calls=(ScriptedCall(name="Finish", arguments=done),))


def test_a_model_is_offered_the_search_and_what_it_found(tmp_path):
    with serving(Seeker()) as url:
        words = (
            "--apis",
            "library,orders",
            "-n",
            2,
            "--open-domain",
            "--model",
            "scripted",
            "--tool-calls",
            "native",
            "--base-url",
            url,
        )
        invoke("generate", tmp_path / "run", *words)
    for trace in traces(tmp_path / "run"):
        assert list(trace.tools) == [SEARCH, "library_listMembers"]
        assert trace.outcome == "answered"


def test_a_search_that_asks_for_nothing_is_told_so(tmp_path):
    class Blank(Seeker):
        def answer(self, request):
            if not [one for one in request["messages"] if one["role"] == "tool"]:
                return Answer(tool_calls=(ScriptedCall(name=SEARCH, arguments={"k": 99}),))
            done = {"return_type": "decline", "final_answer": "No."}
            return Answer(tool_calls=(ScriptedCall(name="Finish", arguments=done),))

    with serving(Blank()) as url:
        words = (
            "--apis",
            "library",
            "-n",
            1,
            "--open-domain",
            "--model",
            "scripted",
            "--tool-calls",
            "native",
            "--base-url",
            url,
        )
        invoke("generate", tmp_path / "run", *words)
    (trace,) = traces(tmp_path / "run")
    assert trace.nodes[1].step.observations[0].status == "invalid_arguments"
    assert list(trace.tools) == [SEARCH]


@pytest.mark.parametrize("kind", ["missing_tool", "late_tool", "irrelevant"])
def test_kinds_about_a_tool_that_is_withheld_are_refused(tmp_path, kind):
    words = ("--apis", "library", "-n", 2, "--open-domain", "--mix", f"lookup=1,{kind}=1")
    assert kind in invoke("generate", tmp_path / "run", *words, code=2)
