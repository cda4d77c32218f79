"""ReAct@N: independent chains from the root, one after the other, that share one budget."""

from dataclasses import dataclass

from searchers._bounds import Bounds
from searchers.base import Expand, Move, Stop, Tree

__all__ = ["ReactN"]


@dataclass(frozen=True, kw_only=True)
class ReactN(Bounds):
    """Several chains of ReAct, after the baseline ReACT@N of Qin et al., "ToolLLM" (2023).

    There chains are run until they cost what a tree search does; here there are at most `width` of them, and the budget
    is shared. Each chain begins at the root without knowing of the others: their first steps are not shown, and may be
    the same. Within a chain all is as in `react`: a step that could not be used is asked for again from the same place.
    At the root that would be a chain of its own, so there such a step just ends its chain.

    Raises:
        ValueError: a bound is below 1, or `retries` or `solutions` below 0.
    """

    width: int = 5
    """Most chains."""
    retries: int = 2
    """How often an unusable step may be asked for again at one place."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in constant time."""
        if stop := self.stop(tree):
            return stop
        newest, root = tree.nodes[-1], tree.nodes[0]
        if newest.parent is not None and self.may_deepen(newest):
            return Expand(newest.id)
        if newest.status in ("failed", "pruned") and newest.parent:
            parent = tree.nodes[newest.parent]
            if len(parent.children) <= self.retries:
                return Expand(parent.id)
        return Expand(root.id, apart=True) if len(root.children) < self.width else Stop("exhausted")
