"""The contract of a searcher, and the bare tree it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Status = Literal["open", "answered", "gave_up", "failed", "pruned", "exhausted"]


@dataclass(slots=True)
class TreeNode:
    """What a searcher may know of a node."""

    id: int
    """Its place in `Tree.nodes`."""
    parent: int | None
    """Its parent's id; None for the root."""
    depth: int
    """Steps from the root."""
    status: Status = "open"
    """`open`: may be expanded; `answered`: a solution; `gave_up`: the model said this way leads nowhere; `failed`: the
    step could not be used; `pruned` and `exhausted`: set by the search itself."""
    value: float | None = None
    """Estimate of how good it is; None where none was made."""
    children: list[int] = field(default_factory=list[int])
    """Ids of its children, in the order of creation."""
    reflected: bool = False
    """Whether the policy was asked what was learned from it."""


@dataclass(slots=True)
class Tree:
    """The search so far. The agent grows it through `add` and `prune`; searchers only read it."""

    nodes: list[TreeNode] = field(default_factory=lambda: [TreeNode(0, None, 0)])
    """All nodes, in the order of creation; the root first."""
    solutions: list[int] = field(default_factory=list[int])
    """Ids of the answered nodes, in the order found."""
    queries: int = 0
    """Model queries spent."""
    calls: int = 0
    """Tool calls executed."""
    tokens: int = 0
    """Tokens read and written."""
    cost: float = 0.0
    """US dollars spent."""

    def add(self, parent: int, status: Status, value: float | None = None) -> TreeNode:
        """Append a child to a node and return it."""
        node = TreeNode(len(self.nodes), parent, self.nodes[parent].depth + 1, status, value)
        self.nodes.append(node)
        self.nodes[parent].children.append(node.id)
        if status == "answered":
            self.solutions.append(node.id)
        return node

    def prune(self, at: int) -> None:
        """Mark a node as given up. An answer that is given up is no solution any more."""
        self.nodes[at].status = "pruned"
        if at in self.solutions:
            self.solutions.remove(at)


@dataclass(frozen=True, slots=True)
class Expand:
    """Ask the policy for `n` more steps from a node."""

    node: int
    n: int = 1
    apart: bool = False
    """Whether the steps are to be independent of those tried there before: they are not shown, and may be repeated."""


@dataclass(frozen=True, slots=True)
class Prune:
    """Give these nodes up: they are marked `pruned`."""

    nodes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Reflect:
    """Ask the policy what was learned from a failed leaf."""

    node: int


@dataclass(frozen=True, slots=True)
class Stop:
    """End the search, for a reason: `solved`, `exhausted`, `budget`."""

    reason: Literal["solved", "exhausted", "budget"]


Move: TypeAlias = Expand | Prune | Reflect | Stop


class Searcher(Protocol):
    """Picks what to do next. Pure and synchronous: the same tree gives the same move.

    A searcher whose class says `needs_value = True` has the nodes it may use valued; others find no values.
    """

    def next(self, tree: Tree) -> Move:
        """Return the next move."""
        ...

    def best(self, tree: Tree) -> int | None:
        """Return the leaf to hand out: a solution where there is one, else the most promising leaf, else None."""
        ...
