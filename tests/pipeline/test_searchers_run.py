"""Runs with each searcher: their bounds, their values, and states that are right wherever they go back to."""

import re
from pathlib import Path

import pytest

from toolbench import plugins
from toolbench.errors import ConfigError
from toolbench.llm.script import parse_script
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.pipeline.config import make_config
from toolbench.pipeline.generate import generate
from toolbench.pipeline.opening import make_searcher
from toolbench.pipeline.replayer import open_replayer
from toolbench.store import Run

NAMES = sorted(plugins.names("searchers"))
GIVE_UP = {"return_type": "give_up_and_restart"}
SCRIPT = parse_script(
    [
        {"when": {"contains": "How promising"}, "answer": {"content": "It goes on.\nScore: 8"}},
        {"when": {"contains": "say what went wrong"}, "answer": {"content": "LOOK-FIRST"}},
        {"when": {"last_role": "tool"}, "answer": {"tool_calls": [{"name": "Finish", "arguments": GIVE_UP}]}},
        {"when": {}, "answer": {"tool_calls": [{"name": "look"}]}},
    ]
)


def config(**given):
    return make_config({"apis": ("library", "orders"), "count": 5, **given})


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_what_its_path_makes_of_a_fresh_world(tmp_path: Path, name):
    more = {} if name == "react" else {"solutions": 3}
    asked = config(searcher=name, max_queries=20, mix={"change": 1}, **more)
    assert generate(tmp_path, asked).traces == 5
    run = Run(tmp_path)
    replayer, tasks = open_replayer(run), {task.id: task for task in run.tasks}
    branched = wrote = 0
    for trace in run.traces:
        parents = [node.parent for node in trace.nodes]
        branched += len(set(parents)) < len(parents)
        for node in trace.nodes:
            calls = [call for on in trace.path(node.id) if on.step for call in on.step.calls]
            replay = replayer.replay(tasks[trace.task], calls)
            assert node.state == replay.states[-1], (trace.id, node.id)
            wrote += any(replay.wrote)
        assert trace.usage.queries <= 20
    assert wrote
    assert branched or name == "react"
    values = {node.value is not None for trace in run.traces for node in trace.nodes[1:]}
    assert (True in values) == hasattr(plugins.load("searchers", name), "needs_value")


def test_bounds_reach_the_searcher():
    bounds = {"width": 3, "max_depth": 4, "max_queries": 5, "max_calls": 6, "max_tokens": 7, "max_cost": 0.5}
    made = make_searcher(config(searcher="dfsdt", solutions=0, compat="toolbench", **bounds))
    assert {name: getattr(made, name) for name in bounds} == bounds
    assert (made.solutions, made.compat) == (0, "toolbench")
    plain, kind = make_searcher(config(searcher="react@n")), plugins.load("searchers", "react_n")
    assert plain == kind()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"searcher": "react", "width": 1}, r"react does not know `--width`. It knows: `--max-depth`, `--max-queries`"),
        ({"searcher": "react", "solutions": 2}, "does not know `--solutions`"),
        ({"searcher": "beam", "compat": "toolbench"}, r"`--compat`. It knows: `--width`.*`--solutions`$"),
        ({"model": "some", "base_url": "http://127.0.0.1:1", "errors": "high"}, "`--errors` is the planner's"),
        ({"price": (1.0, 2.0)}, "`--price` is a model's"),
        ({"valuer": "llm"}, "`--valuer llm` asks the teacher's model"),
    ],
)
def test_what_a_searcher_does_not_know_is_refused_before_anything_is_made(tmp_path: Path, given, message):
    with pytest.raises(ConfigError) as caught:
        generate(tmp_path / "run", config(**given))
    assert re.search(message, str(caught.value))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "searcher", "width"),
    [
        ({"searcher": "react@n"}, "react_n", None),
        ({"searcher": "ReAct@N", "width": 3}, "react_n", 3),
        ({"searcher": "react@7"}, "react_n", 7),
        ({"searcher": "react@7", "width": 7}, "react_n", 7),
        ({"searcher": "react"}, "react", None),
    ],
)
def test_the_papers_name_of_several_chains(given, searcher, width):
    made = config(**given)
    assert (made.searcher, made.width) == (searcher, width)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"searcher": "react@7", "width": 2}, "^react@7 has 7 chains, and width is 2"),
        ({"max_cost": 0}, "max_cost: .* greater than 0"),
        ({"solutions": -1}, "solutions"),
        ({"compat": "langchain"}, "compat: .*'toolbench'"),
        ({"errors": "some"}, "errors: .*'low', 'middle' or 'high'"),
        ({"valuer": "oracle"}, "valuer: .*'heuristic' or 'llm'"),
    ],
)
def test_bad_bounds(given, message):
    with pytest.raises(ConfigError, match=message):
        config(**given)


def test_a_more_fallible_planner_errs_more(tmp_path: Path):
    summaries = {
        errors: generate(tmp_path / errors, config(errors=errors, count=40, searcher="react"))
        for errors in ("low", "middle", "high")
    }
    solved = [summary.solved for summary in summaries.values()]
    assert solved == sorted(solved, reverse=True)
    assert solved[0] > solved[2] + 5


@pytest.mark.parametrize(
    "given", [{"errors": "high"}, {"solutions": 2}, {"max_calls": 9}, {"max_cost": 1.0}, {"compat": "toolbench"}]
)
def test_bounds_are_part_of_the_identity(given):
    assert config(**given).digest() != config().digest()


def test_a_model_values_and_reflects(tmp_path: Path):
    model = ScriptedModel(SCRIPT)
    with serving(model) as url:
        asked = config(
            model="scripted", base_url=url, count=2, searcher="mcts", valuer="llm", max_depth=2, mix={"lookup": 1}
        )
        generate(tmp_path, asked)
        before = model.asked
        (tmp_path / "traces.jsonl").rename(tmp_path / "first.jsonl")
        generate(tmp_path, asked)
    assert model.asked == before, "values and reflections are journalled, too"
    assert (tmp_path / "traces.jsonl").read_bytes() == (tmp_path / "first.jsonl").read_bytes()
    for trace in Run(tmp_path).traces:
        assert "LOOK-FIRST" in {node.reflection for node in trace.nodes}
        assert {node.value for node in trace.nodes} == {None, 0.8}
