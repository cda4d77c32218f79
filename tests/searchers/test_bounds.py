"""What the searchers have in common, and what each does that a random tree shows badly."""

import inspect
import math

import pytest

from searchers.base import Expand, Prune, Reflect, Stop, Tree
from searchers.beam import Beam
from searchers.best_first import BestFirst
from searchers.bfs import Bfs
from searchers.dfs import Dfs
from searchers.dfsdt import Dfsdt
from searchers.mcts import Mcts
from searchers.react import React
from searchers.react_n import ReactN
from toolbench import plugins

NAMES = sorted(plugins.names("searchers"))


def tree_of(*children, **spent):
    """A tree, each child given as its parent, status and value."""
    tree = Tree(**spent)
    for parent, status, *value in children:
        tree.add(parent, status, *value)
    return tree


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bound", ["queries", "calls", "tokens", "cost"])
def test_every_bound_ends_every_search(name, bound):
    kind = plugins.load("searchers", name)
    searcher = kind(**{"max_queries": None, f"max_{bound}": 5})
    assert isinstance(searcher.next(tree_of((0, "open"), **{bound: 4})), Expand)
    assert searcher.next(tree_of((0, "open"), **{bound: 5})) == Stop("budget")
    assert kind(max_queries=None).next(tree_of((0, "open"), **{bound: 10**9})) != Stop("budget")


@pytest.mark.parametrize("name", NAMES)
def test_the_last_paid_reply_counts(name):
    searcher = plugins.load("searchers", name)(max_queries=5)
    assert searcher.next(tree_of((0, "answered"), queries=5)) == Stop("solved")


@pytest.mark.parametrize("kind", [Beam, BestFirst, Bfs, Dfs, Dfsdt, Mcts, ReactN])
def test_solutions(kind):
    tree = tree_of((0, "answered"), (0, "answered"))
    assert kind(width=3, solutions=2).next(tree) == Stop("solved")
    for unbounded in (0, None, 3):
        assert isinstance(kind(width=3, solutions=unbounded).next(tree), Expand)


@pytest.mark.parametrize("name", NAMES)
def test_bad_parameters(name):
    kind = plugins.load("searchers", name)
    for bound in set(inspect.signature(kind).parameters) - {"compat"}:
        with pytest.raises(ValueError, match=f"{bound} must be (at least [01]|more than 0)"):
            kind(**{bound: -1})


def test_compat_of_nobody():
    with pytest.raises(ValueError, match="compat must be toolbench"):
        Dfsdt(compat="langchain")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [Beam, BestFirst, Dfs, Mcts])
def test_of_several_answers_the_best_is_handed_out(kind):
    assert kind.needs_value
    tree = tree_of((0, "answered"), (0, "answered", 0.25), (0, "answered", 0.75), (0, "answered", 0.75))
    assert kind().best(tree) == 3
    assert kind().best(tree_of((0, "open", 0.5), (0, "open", 0.75), (0, "gave_up"))) == 2
    assert kind().best(tree_of((0, "gave_up"), (0, "failed"))) is None


@pytest.mark.parametrize("kind", [Bfs, Dfsdt, React, ReactN])
def test_no_values_are_asked_for_in_vain(kind):
    assert not hasattr(kind, "needs_value")


def test_toolbench_ends_at_a_give_up_below_the_root():
    tree = tree_of((0, "gave_up"))
    assert Dfsdt(width=3, compat="toolbench").next(tree) == Stop("exhausted")
    assert Dfsdt(width=3).next(tree) == Expand(0)


def test_toolbench_drops_the_last_paid_reply():
    searcher, tree = Dfsdt(max_queries=5, compat="toolbench"), tree_of((0, "open"), (1, "answered"), queries=5)
    assert searcher.next(tree) == Prune([2])
    tree.prune(2)
    assert searcher.next(tree) == Stop("budget")
    assert not tree.solutions
    assert searcher.best(tree) is None


def test_chains_begin_apart_and_go_on_together():
    tree = tree_of((0, "open"), (1, "failed"))
    assert ReactN().next(Tree()) == Expand(0, apart=True)
    assert ReactN().next(tree) == Expand(1)
    assert ReactN(retries=0).next(tree) == Expand(0, apart=True)


def test_dfs_goes_into_the_best_child_first():
    tree = tree_of((0, "open", 0.25), (0, "open", 0.75))
    assert Dfs().next(tree) == Expand(2)
    for _ in range(2):
        tree.add(2, "gave_up")
    assert Dfs().next(tree) == Expand(1)


def test_beam_prunes_the_worst():
    tree = tree_of((0, "open", 0.25), (0, "answered", 0.25), (0, "open", 0.75), (0, "open"))
    tree.nodes[0].children *= 2
    assert Beam(width=2, solutions=0).next(tree) == Prune([1])


def test_steps_cost():
    tree = tree_of((0, "open", 0.5), (0, "open", 0.25), (1, "open", 0.5), (1, "gave_up"))
    assert BestFirst(step_cost=0).next(tree) == Expand(3)
    assert BestFirst(step_cost=0.25).next(tree) == Expand(2)


def test_a_round_of_mcts():
    searcher, tree = Mcts(max_depth=2, exploration=0), tree_of((0, "open", 0.5), (0, "open", 0.75))
    assert searcher.next(tree) == Expand(2), "the best is followed"
    tree.add(2, "gave_up")
    assert searcher.next(tree) == Expand(2), "the family is asked for whole"
    tree.add(2, "failed")
    assert searcher.next(tree) == Reflect(3), "the oldest of equals is where the round ended"
    tree.nodes[3].reflected = True
    assert searcher.next(tree) == Expand(1), "nothing came of the other: (0.75 + 0) / 2"


def test_exploration_prefers_what_is_rarely_visited():
    families = [(0, "open", 0.75), (0, "open", 0.25), (1, "open", 0.75), (1, "open", 0.75), (3, "answered", 0.75)]
    tree = tree_of(*families, (3, "answered", 0.75))
    assert 0.25 + 3 * math.sqrt(math.log(2)) > 0.75 + 3 * math.sqrt(math.log(2) / 2)
    assert Mcts(solutions=0, exploration=0).next(tree) == Expand(4)
    assert Mcts(solutions=0, exploration=3).next(tree) == Expand(2)
