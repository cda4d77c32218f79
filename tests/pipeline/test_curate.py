"""Choosing: what passes is kept once, everything else has its reason."""

import orjson
import pytest
from tiny_world import TinyReplayer, Tree, make_run, make_task, solve

from toolbench.curation import selection
from toolbench.errors import ConfigError, RunError, WorkError
from toolbench.pipeline.curate import curate
from toolbench.pipeline.evaluate import evaluate
from toolbench.pipeline.save_as import save_as


@pytest.fixture
def run(tmp_path):
    tasks = [make_task(seed) for seed in range(3)]
    first, again = (solve(tasks[0])[0].trace(5, sample=sample) for sample in range(2))
    lost = Tree(tasks[1])
    lost.say(0, "I give up.", kind="give_up")
    wrong = Tree(tasks[1])
    leaf = wrong.say(0, "No idea.")
    near = solve(tasks[2])[0].trace(5)
    traces = [first, again, lost.trace(None, "gave_up"), wrong.trace(leaf, sample=1), near]
    return make_run(tmp_path / "run", traces, tasks)


def test_the_ledger_says_what_became_of_each_trace(run):
    evaluate(run, TinyReplayer())
    summary = curate(run)
    entries = list(selection.newest(run).entries())
    assert [entry.reason for entry in entries] == ["", "duplicate", "gave_up", "goal_not_reached", "near_duplicate"]
    assert [entry.kept for entry in entries] == [True, False, False, False, False]
    assert all(entry.detail for entry in entries[1:])
    assert entries[1].detail == f"100% like {entries[0].trace}"
    assert (summary.traces, summary.kept, sum(summary.rejected.values())) == (5, 1, 4)
    assert selection.newest(run).kept() == {entries[0].trace: 5}


def test_again_gives_the_same_bytes(run):
    evaluate(run, TinyReplayer())
    folder = curate(run).path
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert curate(run).path == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == {"config.json", "kept.jsonl", "ledger.jsonl"}


def test_another_configuration_has_another_folder(run):
    evaluate(run, TinyReplayer())
    one, other = curate(run), curate(run, similarity=1.0, evaluators=["goal"])
    assert one.path != other.path
    assert selection.newest(run).path == other.path


def test_what_was_not_judged_is_not_kept(run):
    evaluate(run, TinyReplayer(), evaluators=["schema"])
    with pytest.raises(WorkError, match=r"none of 5 traces was kept: not_judged \(4\), gave_up \(1\)"):
        curate(run)
    assert [entry.kept for entry in selection.newest(run).entries()] == [False] * 5


def test_bad_input(run):
    with pytest.raises(RunError, match="toolbench evaluate"):
        curate(run)
    with pytest.raises(ConfigError, match="similarity is 0"):
        curate(run, similarity=0)
    with pytest.raises(RunError, match="toolbench curate"):
        selection.newest(run)


def test_what_rests_on_guesses_falls_before_it_makes_others_duplicates(tmp_path):
    task = make_task(0)
    sure, guessed = (solve(task)[0].trace(5, sample=sample) for sample in range(2))
    node = guessed.nodes[1]
    seen = node.step.observations[0].model_copy(update={"confidence": 0.4, "source": "simulated"})
    step = node.step.model_copy(update={"observations": (seen,)})
    nodes = (guessed.nodes[0], node.model_copy(update={"step": step}), *guessed.nodes[2:])
    unsure = make_task(1).model_copy(update={"confidence": 0.6})
    traces = [guessed.model_copy(update={"nodes": nodes}), sure, solve(unsure)[0].trace(5)]
    run = make_run(tmp_path / "run", traces, [task, unsure])
    evaluate(run, TinyReplayer())
    before = list(selection.Selection(curate(run).path).entries())
    assert [entry.reason for entry in before] == ["", "duplicate", "near_duplicate"]
    told = list(selection.Selection(curate(run, min_confidence=0.7).path).entries())
    assert [entry.reason for entry in told] == ["low_confidence", "", "low_confidence"]
    assert "call 1 (kv_get) has confidence 0.4 (simulated)" in told[0].detail
    assert "inferred with confidence 0.6" in told[2].detail
    with pytest.raises(ConfigError, match=r"least confidence is 1\.5"):
        curate(run, min_confidence=1.5)


def live(trace, tainted=False):
    """The trace as if real APIs had answered; tainted from its leaf up, if asked."""
    nodes = [node.model_copy(update={"state": "", "tainted": tainted and node.id > 0}) for node in trace.nodes]
    provenance = trace.provenance.model_copy(update={"executor": "live"})
    return trace.model_copy(update={"nodes": tuple(nodes), "provenance": provenance})


def test_live_traces_are_kept_unverified_and_tainted_ones_only_when_asked(tmp_path):
    tasks = [make_task(seed) for seed in range(2)]
    worded = tasks[1].turns[0].model_copy(update={"text": f"Nothing of this was said before. {tasks[1].turns[0].text}"})
    tasks[1] = tasks[1].model_copy(update={"turns": (worded,)})
    traces = [live(solve(tasks[0])[0].trace(5)), live(solve(tasks[1])[0].trace(5), tainted=True)]
    run = make_run(tmp_path / "run", traces, tasks)
    evaluate(run, TinyReplayer())
    summary = curate(run, similarity=1)
    assert (summary.kept, summary.unverified, summary.rejected) == (1, 1, {"tainted": 1})
    fallen = [entry for entry in selection.newest(run).entries() if not entry.kept]
    assert [entry.detail for entry in fallen] == ["another branch of its tree had written to the real backend before"]
    asked = curate(run, similarity=1, tainted=True)
    assert (asked.kept, asked.unverified) == (2, 2)
    assert asked.path != summary.path
    lines = [orjson.loads(line) for line in (save_as(run, "trl").path / "provenance.jsonl").read_text().splitlines()]
    assert [(line["live"], line["verified"], line["tainted"]) for line in lines] == [
        (True, False, False),
        (True, False, True),
    ]
