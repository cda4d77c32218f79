"""Depth-first search decision tree (ToolLLM): go deeper; after a dead end, branch at the nearest ancestor."""

from dataclasses import dataclass
from typing import Literal

from searchers._bounds import Bounds
from searchers.base import Expand, Move, Prune, Stop, Tree, TreeNode

__all__ = ["Dfsdt"]


@dataclass(frozen=True, kw_only=True)
class Dfsdt(Bounds):
    """Pre-order depth-first search, after Qin et al., "ToolLLM" (2023).

    - The newest node is deepened as long as it is open and above the depth bound.
    - Any other newest node is a dead end: the search goes on from the nearest ancestor with fewer than `width`
      children.
    - The state a leaf gave up in, or was answered in, is passed over: its other children would start from the same
      knowledge. The root alone is never passed over, for nothing is above it.

    A reply that was paid for is always in the tree before the budget is looked at.

    `compat="toolbench"` returns from dead ends as ToolBench's own `DFS_woFilter` does, faults included:

    - A final answer and a give-up go two levels back (its `final_answer_back_length` and `prune_back_length`), at the
      root too: an answer or a give-up one step below it ends the whole search, whatever breadth and budget are left.
    - Every other dead end (a reply that cannot be used, a repetition, the depth bound) goes one level back.
    - A level come back to asks for its next child until it has `width` of them.
    - The reply that uses the last query is dropped, even if it is the answer: it stays in the tree, which keeps all
      that was paid for, as `pruned`, and is no solution.

    Not reproduced: there depth counts a reply's thought, function and arguments as a step each, a repeated sibling is
    deepened like any other, and queries are the only budget (here a reply is dropped whichever bound it reaches).

    Raises:
        ValueError: a bound is below 1, or `solutions` below 0, or there is no such `compat`.
    """

    width: int = 2
    """Most children of a node."""
    compat: Literal["toolbench"] | None = None
    """Whose way of returning from dead ends to reproduce; None for ours."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.compat not in (None, "toolbench"):
            raise ValueError(f"compat must be toolbench, not {self.compat!r}")

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the depth of the newest node."""
        newest = tree.nodes[-1]
        if self.compat and self.is_spent(tree) and newest.parent is not None and newest.status != "pruned":
            return Prune([newest.id])
        if stop := self.stop(tree):
            return stop
        return Expand(newest.id) if self.may_deepen(newest) else self._branch(tree, newest)

    def _branch(self, tree: Tree, dead: TreeNode) -> Move:
        at = dead.parent
        if dead.status in ("gave_up", "answered") and at is not None and (at or self.compat):
            at = tree.nodes[at].parent
        while at is not None:
            node = tree.nodes[at]
            if len(node.children) < self.width:
                return Expand(at)
            at = node.parent
        return Stop("exhausted")
