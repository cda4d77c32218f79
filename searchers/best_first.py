"""Best-first search: expand the node of the highest value, less what its steps cost."""

from dataclasses import dataclass
from typing import ClassVar

from searchers._bounds import Bounds, estimate, unfinished
from searchers.base import Expand, Move, Stop, Tree, TreeNode

__all__ = ["BestFirst"]


@dataclass(frozen=True, kw_only=True)
class BestFirst(Bounds):
    """The best node of the whole tree first, after Koh et al., "Tree Search for Language Model Agents" (2024).

    They go by the value alone; here each step from the root takes `step_cost` off it, as in A* (Hart et al., 1968),
    with the value in place of the estimate of what is left. That estimate is not known to be optimistic, so the first
    answer need not be the cheapest. A node is expanded into all its `width` children at once; equal nodes go by age.

    Raises:
        ValueError: a bound is below 1, or `solutions` or `step_cost` below 0.
    """

    needs_value: ClassVar[bool] = True

    width: int = 2
    """Children of a node."""
    step_cost: float = 0.05
    """What a step takes off the value."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the size of the tree."""
        if move := self.stop(tree) or unfinished(tree, self.width):
            return move
        frontier = [node for node in tree.nodes if not node.children and self.may_deepen(node)]
        return Expand(min(frontier, key=self._rank).id) if frontier else Stop("exhausted")

    def _rank(self, node: TreeNode) -> tuple[float, int]:
        return (self.step_cost * node.depth - estimate(node), node.id)
