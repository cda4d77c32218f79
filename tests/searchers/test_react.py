import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchers.base import Expand, Stop, Tree
from searchers.react import React


def reference(outcomes, max_depth, max_queries, retries):
    """Depth reached and queries spent by one chain, written as a loop over the outcomes."""
    depth = tries = 0
    for queries, outcome in enumerate(outcomes):
        if queries == max_queries:
            return depth, queries, "budget"
        if depth == max_depth or tries > retries:
            return depth, queries, "exhausted"
        if outcome == "open":
            depth, tries = depth + 1, 0
        elif outcome == "answered":
            return depth + 1, queries + 1, "solved"
        elif outcome == "gave_up":
            return depth + 1, queries + 1, "budget" if queries + 1 == max_queries else "exhausted"
        else:
            tries += 1
    raise AssertionError("more outcomes are needed")


@given(
    outcomes=st.lists(
        st.sampled_from(["open"] * 6 + ["failed", "failed", "pruned", "gave_up", "answered"]), max_size=60
    ),
    max_depth=st.integers(1, 15),
    max_queries=st.integers(1, 25),
    retries=st.integers(0, 3),
)
def test_one_chain(outcomes, max_depth, max_queries, retries):
    outcomes += ["gave_up"]
    searcher, tree, left = React(max_depth=max_depth, max_queries=max_queries, retries=retries), Tree(), iter(outcomes)
    while isinstance(move := searcher.next(tree), Expand):
        tree.queries += 1
        tree.add(move.node, next(left))
    assert isinstance(move, Stop)
    last = tree.nodes[-1]
    depth = last.depth - (last.status in ("failed", "pruned"))
    assert (depth, tree.queries, move.reason) == reference([*outcomes, "gave_up"], max_depth, max_queries, retries)
    for node in tree.nodes:
        assert sum(tree.nodes[child].status not in ("failed", "pruned") for child in node.children) <= 1


def test_best():
    searcher, tree = React(), Tree()
    assert searcher.best(tree) is None
    first = tree.add(0, "open")
    assert searcher.best(tree) == first.id
    tree.add(first.id, "failed")
    assert searcher.best(tree) is None
    answer = tree.add(first.id, "answered")
    assert searcher.best(tree) == answer.id


@pytest.mark.parametrize("wrong", [{"max_depth": 0}, {"max_queries": 0}, {"retries": -1}])
def test_bad_parameters(wrong):
    with pytest.raises(ValueError, match="at least"):
        React(**wrong)


def test_a_move_takes_constant_time():
    """Only the newest node and its parent are looked at."""
    tree, luck = Tree(), random.Random(0)
    at = tree.nodes[0]
    for _ in range(luck.randint(50, 60)):
        at = tree.add(at.id, "open")
    tree.nodes[:-1] = [None] * (len(tree.nodes) - 1)  # type: ignore[list-item]
    assert React(max_depth=100).next(tree) == Expand(at.id)
