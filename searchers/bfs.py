"""Breadth-first search: every node of a level before any of the next."""

from dataclasses import dataclass

from searchers._bounds import Bounds, unfinished
from searchers.base import Expand, Move, Stop, Tree

__all__ = ["Bfs"]


@dataclass(frozen=True, kw_only=True)
class Bfs(Bounds):
    """Level by level, as in any textbook; it finds the answers of the fewest steps first.

    Yao et al., "Tree of Thoughts" (2023), call breadth-first what keeps only the best of each level: that is `beam`.
    Here nothing is left out, and no node is valued.

    Raises:
        ValueError: a bound is below 1, or `solutions` below 0.
    """

    width: int = 2
    """Children of a node."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, over a whole search in constant time: every node is looked at once."""
        if move := self.stop(tree) or unfinished(tree, self.width):
            return move
        at = tree.nodes[-1].parent or 0
        for later in range(at + 1, len(tree.nodes)):
            if self.may_deepen(tree.nodes[later]):
                return Expand(later)
        return Stop("exhausted")
