"""Verdicts brought together, and the interval of a rate."""

import math

import pytest
from tiny_world import make_task, solve

from toolbench.curation.judgements import Judgements, wilson
from toolbench.model import Verdict


def verdict(evaluator, label, kind="", trace="r1", leaf=5):
    return Verdict(
        evaluator=evaluator, evaluator_version="1", trace=trace, leaf=leaf, label=label, kind=kind, reason=f"{kind}!"
    )


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [(0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (8, 10, 0.49016, 0.94332), (50, 100, 0.40383, 0.59617)],
)
def test_wilson_has_the_published_values(passed, total, low, high):
    found = wilson(passed, total)
    assert math.isclose(found[0], low, abs_tol=1e-4)
    assert math.isclose(found[1], high, abs_tol=1e-4)


def test_wilson_of_nothing_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_first_fault_counts_and_later_verdicts_replace_earlier_ones():
    tree, leaf = solve(make_task(1))
    trace = tree.trace(leaf)
    said = [verdict("schema", "pass", trace=trace.id), verdict("goal", "fail", "fact_missing", trace=trace.id)]
    judgements = Judgements(said)
    assert judgements.fault(trace, ("schema",)) is None
    assert judgements.fault(trace, ("schema", "goal")).kind == "fact_missing"
    assert judgements.fault(trace, ("schema", "executed", "goal")).kind == "not_judged"
    judgements.add(verdict("goal", "unscored", trace=trace.id))
    assert judgements.fault(trace, ("schema", "goal")).kind == "unscored"
    judgements.add(verdict("goal", "pass", trace=trace.id))
    assert judgements.fault(trace, ("schema", "goal")) is None


def test_a_trace_without_a_path_falls_for_how_it_ended():
    tree, _ = solve(make_task(1))
    assert Judgements([]).fault(tree.trace(None, outcome="exhausted")).kind == "exhausted"


def test_an_evaluator_that_judges_only_where_something_is_known_counts_where_it_fails():
    tree, leaf = solve(make_task(1))
    trace = tree.trace(leaf)
    judgements = Judgements([verdict("schema", "pass", trace=trace.id, leaf=leaf)])
    assert judgements.fault(trace, ("schema",)) is None
    judgements.add(verdict("calls", "unscored", "no_accepted_calls", trace=trace.id, leaf=leaf))
    assert judgements.fault(trace, ("schema",)) is None
    judgements.add(verdict("calls", "fail", "wrong_value", trace=trace.id, leaf=leaf))
    fault = judgements.fault(trace, ("schema",))
    assert (fault.kind, fault.evaluator) == ("wrong_value", "calls")
