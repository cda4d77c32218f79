"""Dfsdt against a plain recursion written without looking at it."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchers.base import Expand, Status, Stop, Tree
from searchers.dfsdt import Dfsdt

Place = tuple[int, ...]
Script = Callable[[Place], Status]


def script(seed: int, weights: tuple[int, int, int, int, int]) -> Script:
    """What becomes of the node at a place, the same whoever asks."""
    kinds: list[Status] = ["open", "gave_up", "failed", "answered", "pruned"]
    return lambda place: random.Random(f"{seed}{place}").choices(kinds, weights)[0]


class EnoughError(Exception):
    pass


def reference(outcome: Script, width: int, max_depth: int, max_queries: int, solutions: int):
    """The places expanded, in order, and why it ended: ToolLLM's recursion, its faults mended."""
    expanded: list[Place] = []
    found: list[Place] = []

    def descend(at: Place) -> None:
        for branch in range(width):
            if len(expanded) == max_queries:
                raise EnoughError("budget")
            child = (*at, branch)
            expanded.append(at)
            became = outcome(child)
            if became == "answered":
                found.append(child)
                if len(found) == solutions:
                    raise EnoughError("solved")
            if became in ("answered", "gave_up") and at:
                return
            if became == "open" and len(child) < max_depth:
                descend(child)

    try:
        descend(())
    except EnoughError as end:
        return expanded, found, str(end)
    # Where the budget goes with the last branch there is, the budget is the reason.
    return expanded, found, "budget" if len(expanded) == max_queries else "exhausted"


def searched(searcher: Dfsdt, outcome: Script):
    tree, places, expanded = Tree(), {0: ()}, []
    while isinstance(move := searcher.next(tree), Expand):
        assert move.n == 1
        at = places[move.node]
        child = (*at, len(tree.nodes[move.node].children))
        tree.queries += 1
        places[tree.add(move.node, outcome(child)).id] = child
        expanded.append(at)
    assert isinstance(move, Stop)
    return expanded, [places[i] for i in tree.solutions], move.reason, tree


@given(
    seed=st.integers(0, 2**32),
    weights=st.tuples(st.integers(1, 9), st.integers(0, 4), st.integers(0, 4), st.integers(0, 2), st.integers(0, 2)),
    width=st.integers(1, 4),
    max_depth=st.integers(1, 7),
    max_queries=st.integers(1, 120),
    solutions=st.integers(1, 4),
)
def test_same_as_recursion(seed, weights, width, max_depth, max_queries, solutions):
    outcome = script(seed, weights)
    searcher = Dfsdt(width=width, max_depth=max_depth, max_queries=max_queries, solutions=solutions)
    expanded, found, reason, _ = searched(searcher, outcome)
    assert (expanded, found, reason) == reference(outcome, width, max_depth, max_queries, solutions)


def test_same_as_recursion_on_thousands_of_trees():
    reasons: dict[str, int] = {}
    for seed in range(4000):
        luck = random.Random(seed)
        sizes = (luck.randint(1, 4), luck.randint(1, 6), luck.randint(1, 80), luck.randint(1, 3))
        outcome = script(seed, (4, luck.randint(0, 3), luck.randint(0, 3), luck.randint(0, 1), luck.randint(0, 1)))
        width, depth, queries, solutions = sizes
        searcher = Dfsdt(width=width, max_depth=depth, max_queries=queries, solutions=solutions)
        expanded, found, reason, _ = searched(searcher, outcome)
        assert (expanded, found, reason) == reference(outcome, *sizes), (seed, sizes)
        reasons[reason] = reasons.get(reason, 0) + 1
    assert min(reasons.values()) > 300, reasons
    assert reasons.keys() == {"solved", "budget", "exhausted"}


def test_a_give_up_at_the_root_does_not_end_the_search():
    tree = Tree()
    tree.add(0, "gave_up")
    assert Dfsdt(width=2).next(tree) == Expand(0)
    tree.add(0, "gave_up")
    assert Dfsdt(width=2).next(tree) == Stop("exhausted")
    assert Dfsdt(width=3).next(tree) == Expand(0)


def test_the_state_given_up_in_is_passed_over():
    tree = Tree()
    first = tree.add(0, "open")
    second = tree.add(first.id, "open")
    tree.add(second.id, "gave_up")
    assert Dfsdt().next(tree) == Expand(first.id)


def test_a_failed_step_is_asked_for_again_at_its_parent():
    tree = Tree()
    first = tree.add(0, "open")
    tree.add(first.id, "failed")
    assert Dfsdt().next(tree) == Expand(first.id)


def test_the_last_paid_reply_counts():
    tree = Tree(queries=5)
    tree.add(0, "answered")
    assert Dfsdt(max_queries=5).next(tree) == Stop("solved")


def test_the_cost_of_a_move_is_bounded_by_the_depth():
    """Nodes far from the newest are not looked at: they may even be missing."""
    tree = Tree()
    for _ in range(500):
        tree.add(0, "failed")
    newest = tree.add(tree.add(0, "open").id, "failed")
    tree.nodes[1:500] = [None] * 499  # type: ignore[list-item]
    assert Dfsdt(width=2).next(tree) == Expand(newest.parent or 0)


def test_best():
    searcher, tree = Dfsdt(), Tree()
    assert searcher.best(tree) is None
    shallow = tree.add(0, "open")
    assert searcher.best(tree) == shallow.id
    deep = tree.add(tree.add(0, "open").id, "exhausted")
    assert searcher.best(tree) == deep.id
    promising = tree.add(0, "open", value=0.2)
    assert searcher.best(tree) == promising.id
    tree.add(deep.id, "gave_up")
    answer = tree.add(0, "answered")
    tree.add(0, "answered")
    assert searcher.best(tree) == answer.id


def test_best_is_no_dead_leaf():
    tree = Tree()
    tree.add(0, "failed")
    tree.add(0, "gave_up")
    assert Dfsdt().best(tree) is None


@pytest.mark.parametrize("name", ["width", "max_depth", "max_queries"])
def test_bad_parameters(name):
    with pytest.raises(ValueError, match="at least 1"):
        Dfsdt(**{name: 0})
