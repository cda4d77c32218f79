"""Beam search: of every level the best nodes alone are expanded."""

from dataclasses import dataclass
from typing import ClassVar

from searchers._bounds import Bounds, rank
from searchers.base import Expand, Move, Prune, Stop, Tree, TreeNode

__all__ = ["Beam"]


@dataclass(frozen=True, kw_only=True)
class Beam(Bounds):
    """Level by level, the best kept, after the breadth-first search of Yao et al., "Tree of Thoughts" (2023).

    There the steps asked for at a node and the nodes kept of a level are two numbers; here both are `width`. The others
    are pruned, equal values by age. Answers and dead ends take no place in the beam.

    Raises:
        ValueError: a bound is below 1, or `solutions` below 0.
    """

    needs_value: ClassVar[bool] = True

    width: int = 2
    """Nodes kept of a level, and children of each."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the square of the width."""
        if stop := self.stop(tree):
            return stop
        kept, candidates = self._levels(tree)
        for node in kept:
            if len(node.children) < self.width:
                return Expand(node.id)
        if len(candidates) > self.width:
            worst = sorted(candidates, key=rank)[self.width :]
            return Prune(sorted(node.id for node in worst))
        return Expand(candidates[0].id) if candidates else Stop("exhausted")

    def _levels(self, tree: Tree) -> tuple[list[TreeNode], list[TreeNode]]:
        """Return the nodes that may be deepened of the level being expanded, and of the one below, by age."""
        lowest = max(1, tree.nodes[-1].depth)
        kept: list[TreeNode] = []
        candidates: list[TreeNode] = []
        for node in reversed(tree.nodes):
            if node.depth < lowest - 1:
                break
            if self.may_deepen(node):
                (kept if node.depth < lowest else candidates).append(node)
        return kept[::-1], candidates[::-1]
