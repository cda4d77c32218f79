"""The figures of a run add up, at every stage of its life."""

from itertools import pairwise

import orjson
import pytest
from tiny_world import TinyReplayer, Tree, in_other_words, make_run, make_task, solve

from toolbench.errors import RunError, WorkError
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.statistics import Rate, measure
from toolbench.report.text import as_text, bar, sample_conversation


@pytest.fixture
def run(tmp_path):
    tasks = [make_task(seed) for seed in range(4)]
    first, again = (solve(tasks[0])[0].trace(5, sample=sample) for sample in range(2))
    lost = Tree(tasks[1])
    lost.say(lost.call(0, ("kv_list", {})), "I give up.", kind="give_up")
    lost.say(0, "I give up.", kind="give_up")
    wrong = Tree(tasks[2])
    leaf = wrong.say(0, "No idea.")
    recovered = Tree(tasks[3])
    tasks[3] = in_other_words(tasks[3])
    end = solve(tasks[3], recovered, recovered.call(0, ("kv_get", {"key": "zzz"})))[1]
    traces = [first, again, lost.trace(None, "gave_up"), wrong.trace(leaf), recovered.trace(end)]
    return make_run(tmp_path / "demo", traces, tasks)


def test_before_judging(run):
    found = measure(run)
    assert [(stage.name, stage.count) for stage in found.funnel] == [("Tasks", 4), ("Traces", 5), ("Answered", 4)]
    assert (found.judged, found.curated, found.kept) == (False, False, 0)
    assert [state.fate for state in found.traces] == ["unjudged", "unjudged", "lost", "unjudged", "unjudged"]
    assert [failure.kind for failure in found.failures] == ["gave_up"]
    assert "Not judged yet" in as_text(found)


def test_after_curating(run):
    evaluate(run, TinyReplayer())
    curate(run)
    found = measure(run)
    assert [(stage.name, stage.count, dict(stage.lost)) for stage in found.funnel] == [
        ("Tasks", 4, {}),
        ("Traces", 5, {}),
        ("Answered", 4, {"gave_up": 1}),
        ("Calls are valid", 4, {}),
        ("Executed anew alike", 4, {}),
        ("Goal reached", 3, {"goal_not_reached": 1}),
        ("Answer grounded", 3, {}),
        ("Arguments traceable", 3, {}),
        ("Kept", 2, {"duplicate": 1}),
    ]
    assert (found.overall.passed, found.overall.total) == (3, 5)
    assert [state.fate for state in found.traces] == ["kept", "passed", "lost", "failed", "kept"]
    assert {name: (rate.passed, rate.total) for name, rate in found.rates["kind"].items()} == {"change": (3, 5)}
    assert {name: (rate.passed, rate.total) for name, rate in found.rates["calls"].items()} == {"4": (3, 5)}
    assert {name: (rate.passed, rate.total) for name, rate in found.rates["api"].items()} == {"kv": (3, 5)}
    assert (found.kept, found.recovered) == (2, 1)
    assert [(failure.kind, failure.count) for failure in found.failures] == [("gave_up", 1), ("goal_not_reached", 1)]
    assert found.usage.cost == pytest.approx(0.05)
    assert found.shape("nodes") == ((6 + 6 + 4 + 2 + 7) / 5, 7)
    assert found.shape("backtracks") == (0.2, 1)
    assert found.shape("depth")[1] == 6


def test_every_stage_loses_what_it_says(run):
    evaluate(run, TinyReplayer())
    curate(run)
    _, *stages = measure(run).funnel
    for before, after in pairwise(stages):
        assert before.count - after.count == after.lost.total()


def test_as_json_is_json(run):
    evaluate(run, TinyReplayer())
    found = orjson.loads(orjson.dumps(measure(run).as_json()))
    assert found["pass_rate"]["rate"] == 0.6
    assert found["funnel"][-1] == {
        "name": "Arguments traceable",
        "count": 3,
        "lost": {},
        "unscored": 0,
        "unit": "traces",
    }
    assert found["trees"]["nodes"]["max"] == 7
    assert len(found["traces"]) == 5
    assert found["asked"]["by_kind"] == {"change": 4}
    assert found["traces"][0]["answers"] == {"mock": 4}
    assert found["by_searcher"]["dfsdt"]["passed"] == 3
    assert found["checks"]["goal"] == {**found["pass_rate"], "passed": 3, "total": 4, "rate": 0.75, "unscored": 0} | {
        "interval": found["checks"]["goal"]["interval"]
    }
    assert [failure["title"] for failure in found["failures"]] == ["Gave up", "Goal not reached"]
    assert [len(failure["examples"]) for failure in found["failures"]] == [1, 1]
    assert found["asked"]["diversity"]["texts"] == 4


def test_text_has_every_figure(run):
    evaluate(run, TinyReplayer())
    curate(run)
    text = as_text(measure(run))
    assert text.startswith(
        "demo: 5 traces of 4 tasks by planner\nPass rate 60.0% (3 of 5; 95% interval 23.1% to 88.2%)"
    )
    assert "-1 goal not reached" in text
    assert "$0.05" in text
    assert "  by calls           4 4\n" in text
    assert "openings in 4 texts" in text
    assert text.endswith("\n")


@pytest.mark.parametrize(("share", "blocks"), [(0, ""), (1, "█" * 28), (0.5, "█" * 14), (1 / 224, "▏")])
def test_bars(share, blocks):
    assert bar(share) == blocks.ljust(28)


def test_rate_of_nothing():
    assert (Rate(0, 0).value, Rate(0, 0).low, Rate(0, 0).high) == (0.0, 0.0, 1.0)


def test_bad_input(run, tmp_path):
    with pytest.raises(RunError, match="no run is here"):
        measure(type(run)(tmp_path / "other"))
    run.tasks.path.write_bytes(b"")
    with pytest.raises(RunError, match="belongs to no task"):
        measure(run)
    run.traces.path.unlink()
    with pytest.raises(WorkError, match="no traces"):
        measure(run)


def test_a_conversation_is_shown_from_question_to_answer(run):
    assert sample_conversation(run, measure(run)) == ""
    evaluate(run, TinyReplayer())
    curate(run)
    lines = sample_conversation(run, measure(run)).splitlines()
    assert lines[0] == "A conversation"
    assert lines[1].startswith("  user ")
    assert lines[-1].startswith("  assistant ")
    assert any(line.startswith("  call ") for line in lines)
