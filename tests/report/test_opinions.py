"""Opinions stand apart from what was executed, each with how good its judge is known to be."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_world import TinyReplayer, make_run, make_task, solve

from toolbench.model import Verdict
from toolbench.model.verdict import Vote
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.html import page
from toolbench.report.markdown import as_markdown
from toolbench.report.opinions import FILE, Opinions, read_calibrations
from toolbench.report.statistics import measure
from toolbench.report.text import as_text
from toolbench.store import Run


def opinion(trace, label, *votes, judge="tooleval"):
    return Verdict(
        evaluator=judge,
        evaluator_version="1",
        trace=trace.id,
        leaf=trace.best,
        label=label,
        score=None if label == "unscored" else float(label == "pass"),
        reason="so it seems",
        votes=tuple(Vote(label=vote, reason="why") for vote in votes),
    )


@pytest.fixture
def run(tmp_path):
    tasks = [make_task(seed) for seed in range(3)]
    traces = [solve(task)[0].trace(5) for task in tasks]
    run = make_run(tmp_path / "run", traces, tasks)
    evaluate(run, TinyReplayer())
    with run.verdicts.writer() as writer:
        writer.add(opinion(traces[0], "pass", "pass", "pass", "fail", "pass"))
        writer.add(opinion(traces[1], "fail", "fail", "fail"))
        writer.add(opinion(traces[2], "unscored"))
    return run


def test_opinions_change_no_fact(run):
    found = measure(run)
    assert found.overall.passed == 3
    assert set(found.checks) == {"schema", "executed", "goal", "grounded"}
    (judge,) = found.judges
    assert (judge.name, judge.passed.passed, judge.passed.total, judge.unscored) == ("tooleval", 1, 2, 1)
    assert (judge.agrees.passed, judge.agrees.total) == (1, 2)
    assert judge.votes == pytest.approx((0.75 + 1) / 2)
    assert judge.calibration is None


def test_who_casts_votes_holds_an_opinion(run):
    trace = next(iter(run.traces))
    with run.verdicts.writer() as writer:
        writer.add(opinion(trace, "fail", "fail", judge="somebody"))
        writer.add(opinion(trace, "fail", judge="minimal"))
    found = measure(run)
    assert [judge.name for judge in found.judges] == ["somebody", "tooleval"]
    assert found.checks["minimal"][0].total == 1


def test_the_calibration_stands_beside_the_opinion(run):
    for shown in (page(run, measure(run)), as_text(measure(run)), as_markdown(measure(run))):
        assert "never calibrated" in shown or "Nobody has measured how good this judge is" in shown
    figures = {"auc": 0.91, "kappa": 0.42, "swap_consistency": 0.8, "vote_agreement": 0.7, "cases": 500}
    (run.path / FILE).write_bytes(orjson.dumps({"tooleval": figures}))
    found = measure(run)
    assert found.judges[0].calibration.model_dump() == {"judge": "tooleval", **figures}
    assert found.as_json()["opinions"][0]["calibration"]["kappa"] == 0.42
    for shown in (page(run, found), as_text(found), as_markdown(found)):
        assert "0.91" in shown
        assert "0.42" in shown


@pytest.mark.parametrize(
    "written",
    [
        {"tooleval": {"auc": 0.9}},
        {"judges": {"tooleval": {"auc": 0.9}}},
        {"judges": [{"evaluator": "tooleval", "auc": 0.9}]},
        [{"judge": "tooleval", "auc": 0.9, "more": {"of": "it"}}],
        {"judge": "tooleval", "auc": 0.9},
        {"name": "tooleval", "auc": 0.9, "kappa": None},
    ],
)
def test_calibrations_are_read_in_any_of_these_forms(tmp_path, written):
    run = Run(tmp_path)
    (tmp_path / FILE).write_bytes(orjson.dumps(written))
    ((found,), problem) = read_calibrations(run)
    assert (found.judge, found.auc, problem) == ("tooleval", 0.9, "")
    assert Opinions(run).calibration("tooleval") == found


@given(st.one_of(st.binary(), st.recursive(st.none() | st.text(), lambda inner: st.lists(inner)).map(orjson.dumps)))
def test_what_is_no_calibration_is_said_to_be_none(tmp_path_factory, written):
    folder = tmp_path_factory.mktemp("run")
    (folder / FILE).write_bytes(written)
    found, problem = read_calibrations(Run(folder))
    assert all(not held.figures for held in found)
    assert problem.startswith(FILE) or not problem


def test_a_spoilt_calibration_does_not_spoil_the_report(run):
    (run.path / FILE).write_bytes(b'{"tooleval": {"auc": "high"}}')
    found = measure(run)
    assert "calibration.json cannot be read" in found.problem
    assert "calibration.json cannot be read" in page(run, found)
