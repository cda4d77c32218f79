"""ReAct: one chain of steps, no backtracking."""

from dataclasses import dataclass

from searchers._bounds import Budget
from searchers.base import Expand, Move, Stop, Tree

__all__ = ["React"]


@dataclass(frozen=True, kw_only=True)
class React(Budget):
    """A single chain, after Yao et al., "ReAct" (2022).

    A tool call that went wrong does not end it: the error is an observation, and the model goes on from there. A step
    that could not be used at all (`failed`, or `pruned` as a repetition) is asked for again from the same place.

    Raises:
        ValueError: a bound is below 1, or `retries` below 0.
    """

    max_depth: int = 12
    """Steps from the root after which the chain ends."""
    retries: int = 2
    """How often an unusable step may be asked for again at one place."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in constant time."""
        if tree.solutions:
            return Stop("solved")
        if self.is_spent(tree):
            return Stop("budget")
        newest = tree.nodes[-1]
        if newest.status == "open" and newest.depth < self.max_depth:
            return Expand(newest.id)
        if newest.status in ("failed", "pruned") and newest.parent is not None:
            parent = tree.nodes[newest.parent]
            if len(parent.children) <= self.retries:
                return Expand(parent.id)
        return Stop("exhausted")

    def best(self, tree: Tree) -> int | None:
        """Return the answer, else the end of the chain if it is a usable step, else None."""
        if tree.solutions:
            return tree.solutions[0]
        newest = tree.nodes[-1]
        return newest.id if newest.parent is not None and newest.status in ("open", "exhausted") else None
