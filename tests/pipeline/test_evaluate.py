"""Judging a run: everything once, resumable, and counted right."""

import pytest
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from evaluators.goal import GoalEvaluator
from toolbench.errors import PluginError, RunError, WorkError
from toolbench.events import TraceJudged
from toolbench.pipeline.evaluate import evaluate


class Counting(TinyReplayer):
    def __init__(self):
        self.replays = 0

    def replay(self, task, calls):
        self.replays += 1
        return super().replay(task, calls)


def traces():
    """Return tasks and traces: two good, one that gave up, one with a wrong answer and a right one beside it."""
    tasks = [make_task(seed) for seed in range(4)]
    good = [tree.trace(leaf) for tree, leaf in map(solve, tasks[:2])]
    lost = Tree(tasks[2])
    lost.say(lost.call(0, ("kv_list", {})), "I give up.", kind="give_up")
    two = Tree(tasks[3])
    wrong = two.say(0, "No idea.")
    solve(tasks[3], two)
    return tasks, [*good, lost.trace(None, "gave_up"), two.trace(wrong)]


@pytest.fixture
def run(tmp_path):
    tasks, made = traces()
    return make_run(tmp_path / "run", made, tasks)


def test_counts(run):
    events = []
    summary = evaluate(run, TinyReplayer(), sink=events.append)
    assert (summary.traces, summary.passed, summary.judged) == (4, 2, 5)
    assert summary.rate == 0.5
    assert summary.failures == {"gave_up": 1, "goal_not_reached": 1}
    assert summary.labels["goal"] == {"pass": 2, "fail": 2}
    assert summary.kinds["goal"] == {"gave_up": 1, "goal_not_reached": 1}
    assert summary.labels["executed"] == {"pass": 3, "fail": 1}
    assert [event.passed for event in events if isinstance(event, TraceJudged)] == [True, True, False, False]
    low, high = summary.interval
    assert low < 0.5 < high


def test_every_answered_leaf_is_judged(run):
    evaluate(run, TinyReplayer())
    (two,) = [trace for trace in run.traces if len(trace.nodes) == 7]
    verdicts = {(v.leaf, v.evaluator): v.label for v in run.verdicts if v.trace == two.id}
    assert (verdicts[1, "goal"], verdicts[6, "goal"]) == ("fail", "pass")


def test_nothing_is_judged_twice(run):
    evaluate(run, TinyReplayer())
    before = run.verdicts.path.read_bytes()
    replayer = Counting()
    summary = evaluate(run, replayer)
    assert (summary.judged, summary.passed, replayer.replays) == (0, 2, 0)
    assert run.verdicts.path.read_bytes() == before


def test_an_interrupted_run_goes_on_to_the_same_verdicts(run):
    evaluate(run, TinyReplayer())
    whole = run.verdicts.path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for kept in range(len(lines)):
        run.verdicts.path.write_bytes(b"".join(lines[:kept]) + lines[kept][:10])
        evaluate(run, TinyReplayer())
        assert run.verdicts.path.read_bytes() == whole


def test_another_version_of_an_evaluator_judges_again(run):
    evaluate(run, TinyReplayer())
    now = f'"goal","evaluator_version":"{GoalEvaluator.version}"'
    text = run.verdicts.path.read_text().replace(now, '"goal","evaluator_version":"0"')
    run.verdicts.path.write_text(text)
    assert evaluate(run, TinyReplayer()).judged == 5
    assert sum(1 for verdict in run.verdicts if verdict.evaluator == "goal") == 10


def test_live_traces_are_not_executed_anew(run):
    live = [
        trace.model_copy(update={"provenance": trace.provenance.model_copy(update={"executor": "live"})})
        for trace in run.traces
    ]
    run.traces.path.unlink()
    with run.traces.writer() as writer:
        for trace in live:
            writer.add(trace)
    replayer = Counting()
    summary = evaluate(run, replayer)
    assert (replayer.replays, summary.passed, summary.unverified) == (0, 3, 3)
    assert summary.labels["executed"]["unscored"] == summary.labels["goal"]["unscored"] == 3
    assert summary.failures == {"gave_up": 1}


def test_bad_input(run, tmp_path):
    with pytest.raises(PluginError, match="no evaluator is named 'gaol'"):
        evaluate(run, TinyReplayer(), evaluators=["gaol"])
    with pytest.raises(RunError, match="no run is here"):
        evaluate(type(run)(tmp_path / "other"), TinyReplayer())
    run.tools.path.unlink()
    with pytest.raises(RunError, match="refers to the tool kv_list"):
        evaluate(run, TinyReplayer())
    run.traces.path.unlink()
    with pytest.raises(WorkError, match="no traces"):
        evaluate(run, TinyReplayer())
