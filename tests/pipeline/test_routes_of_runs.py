"""How a run's teacher calls tools: found out once, written down, part of what the run is; and the embedded model."""

import json

import pytest
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.llm.script import Answer
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.store import Run

STEP = {"tool": "Finish", "arguments": {"return_type": "decline", "final_answer": "I would rather not."}}
LOOK = {"tool": "get_weather", "arguments": {"city": "Paris"}}


class Writing(ScriptedModel):
    """A model that has no tool calls: it writes JSON, to whoever asks for it, and to others words."""

    def answer(self, request):
        self.asked += 1
        asked = json.dumps(request["messages"])
        if "You call a function by writing it" not in asked:
            return Answer(content="It is sunny.")
        return Answer(content=json.dumps(LOOK if "get_weather" in asked else STEP))


def generate(run, url, *more):
    words = ["generate", run, "--apis", "library", "-n", 2, "--model", "scripted", "--base-url", url, *more]
    return CliRunner().invoke(app, [str(word) for word in words])


def routes(run):
    lines = (json.loads(line) for line in (run / "events.jsonl").read_text().splitlines())
    return [line["route"] for line in lines if line["event"] == "RouteChosen"]


def test_the_route_is_found_once_and_written_down(tmp_path):
    run, model = tmp_path / "run", Writing()
    with serving(model) as url:
        done = generate(run, url)
        assert done.exit_code == 0, done.output
        asked = model.asked
        before = (run / "traces.jsonl").read_bytes()
        (run / "traces.jsonl").unlink()
        assert generate(run, url).exit_code == 0
        assert model.asked == asked, "the route and the answers are on record"
        refused = generate(run, url, "--tool-calls", "native")
    assert (run / "traces.jsonl").read_bytes() == before
    assert routes(run) == ["json_schema"]
    assert {trace.provenance.tool_calls for trace in Run(run).traces} == {"json_schema"}
    assert [trace.nodes[-1].step.kind for trace in Run(run).traces] == ["decline", "decline"]
    assert refused.exit_code == 2
    assert "made with tool_calls 'auto', not 'native'" in refused.output


def test_native_calls_are_taken_where_there_are_any(tmp_path):
    run = tmp_path / "run"
    with serving(ScriptedModel()) as url:
        assert generate(run, url).exit_code == 0
    assert routes(run) == ["native"]


def test_a_model_that_calls_no_tools_is_refused_before_anything_is_explored(tmp_path):
    class Talking(ScriptedModel):
        def answer(self, request):
            return Answer(content="Nice weather.")

    with serving(Talking()) as url:
        done = generate(tmp_path / "run", url)
    assert done.exit_code == 2
    assert "scripted calls no tools" in done.output
    assert not (tmp_path / "run" / "traces.jsonl").exists()


@pytest.mark.slow
@pytest.mark.embedded
def test_a_run_with_the_embedded_model(tmp_path):
    run = tmp_path / "run"
    words = ["generate", run, "--apis", "library", "-n", 1, "--model", "embedded", "--context", 900, "--max-queries", 2]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    (trace,) = Run(run).traces
    assert trace.provenance.weights.startswith("SmolLM2-135M-Instruct.Q4_1.gguf sha256:b179c952")
    assert trace.provenance.tool_calls == "json_schema"
    assert trace.usage.queries <= 2
    assert all(node.step.kind != "invalid" or node.step.problem for node in trace.nodes if node.step)
