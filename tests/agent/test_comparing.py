"""The machinery behind the table of searchers and the count of backtracks, on a small sample."""

import re
from pathlib import Path

import pytest
import searchers_table
from backtracking import SEARCHERS as BRANCHING
from backtracking import compare, trees, writing
from scenery import Scripted, call
from searchers_table import (
    ALL,
    BEGIN,
    COLLECTING,
    END,
    FIRST,
    SEARCHERS,
    UNRESTORED,
    Bench,
    Watched,
    counted,
    ends_of,
    made,
    put,
)
from searching import Ground, Teacher, Unrestored, provenance

from searchers.dfsdt import Dfsdt
from toolbench.agent.explore import Attempt, explore
from toolbench.executors.mock import MockExecutor
from toolbench.model import Step

SEED = 5


@pytest.fixture(scope="module")
def ground():
    return Ground()


@pytest.fixture(scope="module")
def change(ground):
    """A task of one turn that asks for a single creation, with its gold."""
    made_one = (
        task
        for task in writing(ground, SEED)
        if len(task.turns) == 1 and [one.kind for one in task.goal.changes] == ["created"]
    )
    return next(made_one)


@pytest.mark.parametrize("name", SEARCHERS)
async def test_searches_watched_end_where_they_end_on_their_own(ground, name):
    budgets, searched = (3, 7, 12), 0
    for task in ground.tasks(1, SEED):
        executor, teacher = MockExecutor(ground.landscape, task), Teacher("high", SEED)
        keys = [(answers, budget) for answers in (FIRST, ALL) for budget in budgets]
        watched = Watched(made(name, ALL, 12), {key: made(name, *key) for key in keys})
        ends = ends_of(await teacher.search(ground, task, watched, executor))
        assert set(watched.ends) == set(keys)
        for key, end in watched.ends.items():
            alone = await teacher.search(ground, task, made(name, *key), executor)
            assert alone.best == (None if end.best is None else ends[end.best])
            assert alone.usage.queries == end.queries
            assert sum(node.status == "answered" for node in alone.nodes) == len(end.answers)
            searched += 1
    assert searched == 6


async def test_a_backend_that_does_not_go_back_keeps_what_a_dead_branch_wrote(ground, change):
    """The dead branch makes what is wanted and gives up; the next makes it again, and its path alone looks right."""
    backend = Unrestored(MockExecutor(ground.landscape, change))

    def step(view):
        done = [one for node in view.path if node.step for one in node.step.calls]
        if view.siblings and not done:
            return call(*((one.call.tool, one.call.arguments) for one in change.gold))
        if len(done) < len(change.gold):
            gold = change.gold[len(done)].call
            return call((gold.tool, gold.arguments))
        first = len(view.path) > 2
        return Step(kind="give_up") if first else Step(kind="finish", text=change.answer)

    async def searched(executor):
        attempt = Attempt(
            task=change,
            tools=ground.offered(change),
            policy=Scripted(step),
            searcher=Dfsdt(),
            executor=executor,
            provenance=provenance(SEED, executor),
        )
        trace = await explore(attempt)
        assert trace.best is not None
        return trace

    restored = MockExecutor(ground.landscape, change)
    trace = await searched(restored)
    calls = [one for node in trace.path(trace.best) if node.step for one in node.step.calls]
    assert ground.reaches_goal(ground.case(change, trace, trace.best, restored.replay(calls)))

    trace = await searched(backend)
    path = trace.path(trace.best)
    alone = restored.replay([one for node in path if node.step for one in node.step.calls])
    really = backend.really(path, backend.latest)
    assert ground.reaches_goal(ground.case(change, trace, trace.best, alone)), "it looks right"
    assert not ground.reaches_goal(ground.case(change, trace, trace.best, really)), "there are two now"
    assert (len(alone.changes), len(really.changes)) == (1, 2)


async def test_every_node_holds_the_state_of_its_own_path(ground):
    found = await trees(ground, len(BRANCHING), SEED)
    every = [one for some in found.values() for one in some]
    assert len(every) == 7
    assert not [one.mismatches for one in every if one.mismatches]
    assert all(any(one.backtracks for one in some) for some in found.values())
    assert sum(one.across_writes for one in every) > 5


async def test_a_state_that_was_not_restored_is_noticed(ground):
    task = next(writing(ground, SEED))
    backend = Unrestored(MockExecutor(ground.landscape, task))
    searcher = Dfsdt(max_queries=24, solutions=0)
    trace = await Teacher("high", SEED).search(ground, task, searcher, backend)
    assert compare(ground, task, trace).mismatches


def test_the_tables(monkeypatch, tmp_path: Path, ground):
    monkeypatch.setattr(searchers_table, "BUDGETS", (4, 12))
    tasks = ground.tasks(1, SEED)
    counts = counted(list(enumerate(tasks)), SEED)
    assert counts["all", "tasks"] == 1
    for level in ("low", "middle", "high"):
        for name in SEARCHERS:
            few, many = (counts["all", level, name, FIRST, budget, "queries"] for budget in (4, 12))
            assert 0 < few <= 4
            assert few <= many <= 12
            answers = ALL if name in COLLECTING else FIRST
            some, passed = (counts["all", level, name, answers, 12, measure] for measure in ("some", "passed"))
            assert passed <= some <= 1
        assert 0 < counts["all", level, UNRESTORED, FIRST, 12, "queries"] <= 12

    file = tmp_path / "table.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    lines = list(searchers_table.report(counts, tasks, SEED))
    put(file, lines)
    text = file.read_text()
    assert text.startswith(f"before\n{BEGIN}\n- Command: `python benchmarks/searchers_table.py 1 5")
    assert text.endswith(f"{END}\nafter\n")
    assert "\nold\n" not in text
    rows = [line for line in lines if line.startswith("|")]
    assert all(line.count("|") in (4, 7, 9, 10) for line in rows)
    assert f"| {UNRESTORED} |" in text
    put(file, lines)
    assert file.read_text() == text


def test_a_file_without_markers_is_left_as_it_is(tmp_path: Path):
    file = tmp_path / "table.md"
    file.write_text("no place here\n")
    with pytest.raises(SystemExit, match=re.escape(str(file))):
        put(file, ["new"])
    assert file.read_text() == "no place here\n"


async def test_pairs_are_confirmed_by_execution(ground):
    bench = Bench(SEED)
    for task in ground.tasks(2, SEED):
        executor, world = MockExecutor(ground.landscape, task), ground.world(task)
        trace = await Teacher("high", SEED).search(ground, task, made("mcts", ALL, 24), executor)
        bench.count_tree(task, trace, "high", "mcts", ALL, searchers_table.Court(ground, world, task, trace))
    at = ("trees", "high", "mcts", ALL)
    assert bench.counts[*at, "pairs"] > 0
    assert bench.counts[*at, "beaten"] == bench.counts[*at, "pairs"]
