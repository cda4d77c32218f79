"""Depth-first search with ranking (ToolLLM): ask for several steps, deepen the best first."""

from dataclasses import dataclass
from typing import ClassVar

from searchers._bounds import Bounds, rank
from searchers.base import Expand, Move, Stop, Tree

__all__ = ["Dfs"]


@dataclass(frozen=True, kw_only=True)
class Dfs(Bounds):
    """Depth-first search over ranked children, after the variant with a filter of Qin et al., "ToolLLM" (2023).

    All `width` children of a node are asked for before any of them is deepened. Then the best is, with all below it,
    and after it the next best. There a model compares the children pair by pair; here each has its value, and equal
    values go by age. There an answer or a give-up passes its siblings over; here they are deepened, for they are paid
    for already.

    Raises:
        ValueError: a bound is below 1, or `solutions` below 0.
    """

    needs_value: ClassVar[bool] = True

    width: int = 2
    """Children of a node."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the depth of the newest node times the width."""
        if stop := self.stop(tree):
            return stop
        at = tree.nodes[-1].parent
        if at is None:
            return Expand(0)
        if len(tree.nodes[at].children) < self.width:
            return Expand(at)
        while at is not None:
            # Of the children on the way back, those that have children are done with.
            children = [tree.nodes[child] for child in tree.nodes[at].children]
            fresh = [child for child in children if not child.children and self.may_deepen(child)]
            if fresh:
                return Expand(min(fresh, key=rank).id)
            at = tree.nodes[at].parent
        return Stop("exhausted")
