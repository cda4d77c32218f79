"""Monte Carlo tree search (LATS): select by UCT, expand, follow the best to an end, propagate back, reflect."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from searchers._bounds import Bounds, estimate, rank, unfinished
from searchers.base import Expand, Move, Reflect, Stop, Tree, TreeNode

__all__ = ["Mcts"]


@dataclass(frozen=True, kw_only=True)
class Mcts(Bounds):
    """Language agent tree search, after Zhou et al., "LATS" (2023).

    A round has these parts:

    - *Selection*: from the root down, always to the child of the highest UCT, to a node without children.
    - *Expansion*: its `width` children are asked for, and valued.
    - *Simulation*: the best child is expanded likewise, and so on, until the best is an answer, a dead end, or at the
      depth bound.
    - *Back-propagation*: what that end is worth counts for every node from it to the root.
    - *Reflection*: where the end is a give-up or the depth bound, the policy is asked what was learned.

    Where it departs: the end's worth is its value (0 for a dead end), for no environment tells us the reward. A node's
    own value counts as a first visit, so that a node not visited since is no blank. Branches with nothing left to
    expand are left out of the selection. Equal nodes go by age. A reply that cannot be used is no matter to reflect on.

    Raises:
        ValueError: a bound is below 1, or `solutions` or `exploration` below 0.
    """

    needs_value: ClassVar[bool] = True

    width: int = 2
    """Children of a node."""
    exploration: float = 1.0
    """Weight of what is rarely visited against what is worth much."""

    def next(self, tree: Tree) -> Move:
        """Return the next move, in time proportional to the width; at a round's end, to the sum of all depths."""
        if move := self.stop(tree) or unfinished(tree, self.width):
            return move
        at = tree.nodes[-1].parent or 0
        end = self._favourite(tree, tree.nodes[at])
        if self.may_deepen(end):
            return Expand(end.id)
        if end.status in ("gave_up", "open") and not end.reflected:
            return Reflect(end.id)
        return self._select(tree)

    def _favourite(self, tree: Tree, node: TreeNode) -> TreeNode:
        return min((tree.nodes[child] for child in node.children), key=rank)

    def _select(self, tree: Tree) -> Move:
        live = self._live(tree)
        if not live[0]:
            return Stop("exhausted")
        visits, worth = self._statistics(tree)
        at = tree.nodes[0]
        while at.children:
            log = math.log(visits[at.id])
            scores = {
                child: worth[child] / visits[child] + self.exploration * math.sqrt(log / visits[child])
                for child in at.children
                if live[child]
            }
            at = tree.nodes[max(scores, key=lambda child: (scores[child], -child))]
        return Expand(at.id)

    def _live(self, tree: Tree) -> Sequence[bool]:
        """Tell of each node whether it, or one below it, has yet to be expanded."""
        live = [False] * len(tree.nodes)
        for node in reversed(tree.nodes):
            live[node.id] = any(live[child] for child in node.children) if node.children else self.may_deepen(node)
        return live

    def _statistics(self, tree: Tree) -> tuple[Sequence[int], Sequence[float]]:
        """Return how often each node was visited, and what the visits were worth in sum."""
        visits, worth = [1] * len(tree.nodes), [estimate(node) for node in tree.nodes]
        for end in self._ends(tree):
            at: int | None = end.id
            while at is not None:
                visits[at] += 1
                worth[at] += estimate(end)
                at = tree.nodes[at].parent
        return visits, worth

    def _ends(self, tree: Tree) -> Iterator[TreeNode]:
        """Yield where each round ended: a family's favourite that cannot be deepened."""
        for node in tree.nodes:
            if len(node.children) >= self.width:
                end = self._favourite(tree, node)
                if not self.may_deepen(end):
                    yield end
