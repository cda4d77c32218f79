"""Depth-first search decision tree (ToolLLM): go deeper; after a dead end, branch at the nearest ancestor."""

from searchers.base import Expand, Move, Stop, Tree, TreeNode

__all__ = ["Dfsdt"]


class Dfsdt:
    """Pre-order depth-first search, after Qin et al., "ToolLLM" (2023).

    - The newest node is deepened as long as it is open and above the depth bound.
    - Any other newest node is a dead end: the search goes on from the nearest ancestor with fewer than `width`
      children.
    - The state a leaf gave up in, or was answered in, is passed over: its other children would start from the same
      knowledge. The root alone is never passed over, for nothing is above it.

    A reply that was paid for is always in the tree before the budget is looked at.

    Args:
        width: most children of a node.
        max_depth: steps from the root after which a node is not deepened.
        max_queries: model queries after which the search ends.
        solutions: answers after which the search ends.

    Raises:
        ValueError: a parameter is below 1.
    """

    def __init__(self, *, width: int = 2, max_depth: int = 12, max_queries: int = 60, solutions: int = 1) -> None:
        if min(width, max_depth, max_queries, solutions) < 1:
            raise ValueError("width, max_depth, max_queries and solutions must be at least 1")
        self.width = width
        self.max_depth = max_depth
        self.max_queries = max_queries
        self.solutions = solutions

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the depth of the newest node."""
        if len(tree.solutions) >= self.solutions:
            return Stop("solved")
        if tree.queries >= self.max_queries:
            return Stop("budget")
        newest = tree.nodes[-1]
        if newest.status == "open" and newest.depth < self.max_depth:
            return Expand(newest.id)
        return self._branch(tree, newest)

    def best(self, tree: Tree) -> int | None:
        """Return the first answer, else the open leaf of the highest value, then depth, then age; None without one."""
        if tree.solutions:
            return tree.solutions[0]
        leaves = [node for node in tree.nodes[1:] if not node.children and node.status in ("open", "exhausted")]
        return max(leaves, key=_promise).id if leaves else None

    def _branch(self, tree: Tree, dead: TreeNode) -> Move:
        at = dead.parent
        if at and dead.status in ("gave_up", "answered"):
            at = tree.nodes[at].parent
        while at is not None:
            node = tree.nodes[at]
            if len(node.children) < self.width:
                return Expand(at)
            at = node.parent
        return Stop("exhausted")


def _promise(node: TreeNode) -> tuple[float, int, int]:
    return (float("-inf") if node.value is None else node.value, node.depth, -node.id)
