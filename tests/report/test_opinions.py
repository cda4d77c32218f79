"""Opinions stand apart from what was executed, each with how good its judge is known to be."""

import pytest
from tiny_world import TinyReplayer, make_run, make_task, solve

from toolbench.curation.judgements import DEFAULT_EVALUATORS, MEASURES
from toolbench.model import Calibration, Verdict
from toolbench.model.calibration import JudgeFigures
from toolbench.model.verdict import Vote
from toolbench.pipeline.evaluate import evaluate
from toolbench.report.html import page
from toolbench.report.markdown import as_markdown
from toolbench.report.statistics import measure
from toolbench.report.text import as_text


def opinion(trace, label, *votes, judge="tooleval:some"):
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
        writer.add(opinion(traces[2], "unscored", "unscored"))
    return run


def test_opinions_change_no_fact(run):
    found = measure(run)
    assert found.overall.passed == 3
    assert set(found.checks) == {*DEFAULT_EVALUATORS, *MEASURES}
    (judge,) = found.judges
    assert (judge.name, judge.passed.passed, judge.passed.total, judge.unscored) == ("tooleval:some", 1, 2, 1)
    assert (judge.agrees.passed, judge.agrees.total) == (1, 2)
    assert judge.votes == pytest.approx((0.75 + 1 + 1) / 3)
    assert judge.calibration is None


def test_who_casts_votes_holds_an_opinion(run):
    trace = next(iter(run.traces))
    with run.verdicts.writer() as writer:
        writer.add(opinion(trace, "fail", "fail", judge="somebody"))
        writer.add(opinion(trace, "fail", judge="another"))
    found = measure(run)
    assert [judge.name for judge in found.judges] == ["somebody", "tooleval:some"]
    assert found.checks["another"][0].total == 1


def test_the_calibration_stands_beside_the_opinion(run):
    for shown in (page(run, measure(run)), as_text(measure(run)), as_markdown(measure(run))):
        assert "never calibrated" in shown or "Nobody has measured how good this judge is" in shown
    known = {"auc": 0.91, "kappa": 0.42, "swap_consistency": 0.8, "vote_agreement": 0.7, "paths": 500}
    figures = JudgeFigures(evaluator="tooleval:some", evaluator_version="1", votes=4, seed=0, **known)
    run.write_calibration(Calibration(judges=(figures,)))
    found = measure(run)
    assert found.judges[0].calibration == figures
    assert found.as_json()["opinions"][0]["calibration"]["kappa"] == 0.42
    for shown in (page(run, found), as_text(found), as_markdown(found)):
        assert "0.91" in shown
        assert "0.42" in shown


def test_a_spoilt_calibration_does_not_spoil_the_report(run):
    (run.path / "calibration.json").write_bytes(b'{"judges": [{"auc": "high"}]}')
    found = measure(run)
    assert "not a calibration" in found.problem
    assert "not a calibration" in page(run, found)
