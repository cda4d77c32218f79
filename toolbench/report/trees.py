"""Search trees, made ready for drawing and for reading."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from toolbench.model import Node, Step, Trace

COLUMN, LINE, MARGIN = 152, 44, 26
"""Distance between levels, between leaves, and to the edge, in the drawing's units."""

LONGEST_LABEL = 24
"""Characters of a node's label in a drawing."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A node of a drawing."""

    id: int
    x: float
    y: float
    label: str
    """What the step does, in a word."""
    title: str
    """The same in full."""
    look: str
    """`root`, `best` (on the path handed out), `answered`, `failed`, `gave_up`, `pruned`, `exhausted` or `open`."""
    failed_call: bool
    """Whether one of its calls failed."""


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a drawing, as an SVG path."""

    path: str
    best: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A tree with places: the root at the left, leaves evenly spread, each parent amid its children."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an outline: a step, or where a branch that was left begins or ends.

    An outline follows the path handed out from top to bottom. What was left at a fork stands there as a branch of its
    own, before the path goes on. Only branches nest, so that a long path does not run off to the right.
    """

    kind: Literal["step", "branch", "end"]
    node: Node
    """The step's node; of a branch its first one."""
    look: str
    label: str
    """What the step does, in short; of a branch, how it ended."""
    steps: int = 0
    """Of a branch: all that hang in it."""


ENDINGS = {
    "best": "the path handed out",
    "answered": "another answer",
    "gave_up": "gave up",
    "failed": "failed",
    "pruned": "cut off by the search",
    "exhausted": "out of budget",
    "open": "left open",
}
"""How branches end, in words."""

MARKS = {"best": "●", "answered": "○", "gave_up": "✕", "failed": "✕", "pruned": "▬", "exhausted": "△", "open": "○"}
"""How nodes look in an outline, beside their colour."""


def draw(trace: Trace, apis: Sequence[str]) -> Drawing:
    """Return a trace's tree with places. Names of tools lose those of the `apis`, with which they begin."""
    children = _children(trace)
    best = _best(trace)
    depths, heights = _depths(trace), _heights(children)
    dots = tuple(
        Dot(
            node.id,
            MARGIN + depths[node.id] * COLUMN,
            MARGIN + heights[node.id] * LINE,
            _short(label(node.step), apis),
            label(node.step),
            look(node, best),
            _failed(node.step),
        )
        for node in trace.nodes
    )
    links = tuple(
        Link(_curve(dots[node.parent], dots[node.id]), node.id in best)
        for node in trace.nodes
        if node.parent is not None
    )
    width = 2 * MARGIN + max(depths.values()) * COLUMN + COLUMN * 0.75
    return Drawing(width, 2 * MARGIN + max(heights.values()) * LINE, dots, links)


def outline(trace: Trace) -> Iterator[Line]:
    """Yield a trace's tree as lines; each `branch` has its `end`."""
    best, children, sizes = _best(trace), _children(trace), _sizes(trace)
    pending: list[tuple[str, int]] = [("below", 0)]
    while pending:
        kind, at = pending.pop()
        node = trace.nodes[at]
        if kind == "end":
            yield Line("end", node, look(node, best), "")
        elif kind == "branch":
            ending = _ending(trace, children, at)
            yield Line("branch", node, ending, ENDINGS[ending], sizes[at])
            pending += [("end", at), ("step", at)]
        else:
            if kind == "step":
                yield Line("step", node, look(node, best), label(node.step))
            below = children.get(at, [])
            on = next((child for child in below if child in best), below[-1] if below else None)
            left = [child for child in below if child != on]
            pending += [("step", on)] if on is not None else []
            pending += [("branch", child) for child in reversed(left)]


def _sizes(trace: Trace) -> dict[int, int]:
    """Return how many nodes hang from each node, itself included."""
    sizes = {node.id: 1 for node in trace.nodes}
    for node in reversed(trace.nodes):
        if node.parent is not None:
            sizes[node.parent] += sizes[node.id]
    return sizes


def _ending(trace: Trace, children: dict[int, list[int]], at: int) -> str:
    """Return how a branch ends: as its answer does, if it has one, or else as its last leaf."""
    ends: list[str] = []
    pending = [at]
    while pending:
        node = pending.pop()
        below = children.get(node, [])
        pending += below
        if not below:
            ends.append(trace.nodes[node].status)
    return "answered" if "answered" in ends else ends[0]


def _short(text: str, apis: Sequence[str]) -> str:
    parts = [next((part[len(api) + 1 :] for api in apis if part.startswith(f"{api}_")), part) for part in text.split()]
    short = " ".join(parts)
    return short if len(short) <= LONGEST_LABEL else f"{short[: LONGEST_LABEL - 1]}…"


def look(node: Node, best: frozenset[int]) -> str:
    """Return how a node is to be drawn."""
    if node.step is None:
        return "root"
    return "best" if node.id in best else node.status


def label(step: Step | None) -> str:
    """Return what a step does, in short."""
    if step is None:
        return "start"
    if step.kind == "call":
        return " + ".join(call.tool for call in step.calls) or "no call"
    return {"finish": "answer", "give_up": "give up", "invalid": "unusable"}.get(step.kind, step.kind)


def _failed(step: Step | None) -> bool:
    return step is not None and any(seen.status != "ok" for seen in step.observations)


def _best(trace: Trace) -> frozenset[int]:
    return frozenset() if trace.best is None else frozenset(node.id for node in trace.path(trace.best))


def _children(trace: Trace) -> dict[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for node in trace.nodes:
        if node.parent is not None:
            children[node.parent].append(node.id)
    return children


def _depths(trace: Trace) -> dict[int, int]:
    depths = {0: 0}
    for node in trace.nodes:
        if node.parent is not None:
            depths[node.id] = depths[node.parent] + 1
    return depths


def _heights(children: dict[int, list[int]]) -> dict[int, float]:
    """Give each leaf a line of its own, from the top, and each parent the middle of its first and last child."""
    heights: dict[int, float] = {}
    pending, leaves = [(0, False)], 0
    while pending:
        node, placed = pending.pop()
        below = children.get(node, [])
        if not below:
            heights[node] = float(leaves)
            leaves += 1
        elif placed:
            heights[node] = (heights[below[0]] + heights[below[-1]]) / 2
        else:
            pending.append((node, True))
            pending.extend((child, False) for child in reversed(below))
    return heights


def _curve(start: Dot, end: Dot) -> str:
    middle = (start.x + end.x) / 2
    points = ((start.x, start.y), (middle, start.y), (middle, end.y), (end.x, end.y))
    first, *rest = (f"{x:g} {y:g}" for x, y in points)
    return f"M{first} C{', '.join(rest)}"
