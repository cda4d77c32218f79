"""What the searchers share: how far a search may go, and what is thought of a node."""

from dataclasses import dataclass, fields

from searchers.base import Expand, Stop, Tree, TreeNode

UNKNOWN = 0.5
"""Estimate of a node that nobody has valued."""

_MAY_BE_ZERO = frozenset({"solutions", "retries", "step_cost", "exploration"})


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a search may spend. Each bound ends it once that much is spent; what was paid for is in the tree by then.

    Raises:
        ValueError: a bound is too small.
    """

    max_queries: int | None = 60
    """Model queries: for steps, for steps asked for again, for values and for reflections; None sets no bound."""
    max_calls: int | None = None
    """Tool calls executed; None sets no bound."""
    max_tokens: int | None = None
    """Tokens read and written; None sets no bound."""
    max_cost: float | None = None
    """US dollars; None sets no bound."""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))

    def is_spent(self, tree: Tree) -> bool:
        """Tell whether one of the bounds is reached."""
        pairs = (
            (tree.queries, self.max_queries),
            (tree.calls, self.max_calls),
            (tree.tokens, self.max_tokens),
            (tree.cost, self.max_cost),
        )
        return any(bound is not None and spent >= bound for spent, bound in pairs)


@dataclass(frozen=True, kw_only=True)
class Bounds(Budget):
    """What a search that branches may spend, and what it looks for."""

    max_depth: int = 12
    """Steps from the root after which a node is not deepened."""
    solutions: int | None = 1
    """Answers after which the search ends; with 0 or None it collects them until all else ends it."""

    def stop(self, tree: Tree) -> Stop | None:
        """Return the end of the search where it is solved or its budget spent, else None."""
        if self.solutions and len(tree.solutions) >= self.solutions:
            return Stop("solved")
        return Stop("budget") if self.is_spent(tree) else None

    def may_deepen(self, node: TreeNode) -> bool:
        """Tell whether steps may be asked for from a node, however many there are already."""
        return node.status == "open" and node.depth < self.max_depth

    def best(self, tree: Tree) -> int | None:
        """Return the answer of the highest value, then age; without any the open leaf of the highest value, then
        depth, then age; None without one.
        """
        if tree.solutions:
            return max(tree.solutions, key=lambda at: (_value(tree.nodes[at]), -at))
        leaves = [node for node in tree.nodes[1:] if not node.children and node.status in ("open", "exhausted")]
        return max(leaves, key=lambda node: (_value(node), node.depth, -node.id)).id if leaves else None


def unfinished(tree: Tree, width: int) -> Expand | None:
    """Return what asks for the rest of the newest node's siblings; None where there are `width` of them."""
    at = tree.nodes[-1].parent or 0
    return Expand(at) if len(tree.nodes[at].children) < width else None


def estimate(node: TreeNode) -> float:
    """Return what is thought of a node: its value, `UNKNOWN` where none was made, and nothing of a dead end."""
    if node.status not in ("open", "answered"):
        return 0.0
    return UNKNOWN if node.value is None else node.value


def rank(node: TreeNode) -> tuple[float, int]:
    """Return what children are ordered by, the best first: the highest estimate, then the oldest."""
    return (-estimate(node), node.id)


def _value(node: TreeNode) -> float:
    return float("-inf") if node.value is None else node.value


def _check(name: str, value: object) -> None:
    """Raise ValueError where a parameter is a number that is too small."""
    if not isinstance(value, int | float):
        return
    if name in _MAY_BE_ZERO and value < 0:
        raise ValueError(f"{name} must be at least 0")
    if name not in _MAY_BE_ZERO and value <= 0:
        raise ValueError(f"{name} must be {'more than 0' if name == 'max_cost' else 'at least 1'}")
