"""Search trees and conversations, made ready for drawing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from toolbench.model import Call, Json, Node, Observation, Step, Trace

COLUMN, LINE, MARGIN = 152, 44, 26
"""Distance between levels, between leaves, and to the edge, in the drawing's units."""

LONGEST_LABEL = 24
"""Characters of a node's label in a drawing."""

LONGEST_BODY = 1_600
"""Characters of an observation that are shown."""


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


@dataclass(slots=True)
class Branch:
    """A node with what hangs from it, for an outline."""

    node: Node
    look: str
    label: str
    calls: list["CallText"] = field(default_factory=list["CallText"])
    children: list["Branch"] = field(default_factory=list["Branch"])


@dataclass(frozen=True, slots=True)
class CallText:
    """A call and what came back, as text."""

    tool: str
    arguments: str
    """As compact JSON."""
    status: str
    ok: bool
    body: str
    """As indented JSON, cut when long."""


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


def outline(trace: Trace) -> list[Branch]:
    """Return what hangs from a trace's root, nested."""
    best = _best(trace)
    branches = {
        node.id: Branch(node, look(node, best), label(node.step), call_texts(node.step)) for node in trace.nodes
    }
    for node in trace.nodes:
        if node.parent is not None:
            branches[node.parent].children.append(branches[node.id])
    return branches[0].children


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


def call_texts(step: Step | None) -> list[CallText]:
    """Return a step's calls with what came back."""
    if step is None:
        return []
    seen = (*step.observations, *([None] * len(step.calls)))
    return [_call_text(call, observation) for call, observation in zip(step.calls, seen, strict=False)]


def _call_text(call: Call, seen: Observation | None) -> CallText:
    arguments = orjson.dumps(call.arguments).decode()
    if seen is None:
        return CallText(call.tool, arguments, "no result", ok=False, body="")
    status = f"{seen.status.replace('_', ' ')}{f' ({seen.http_status})' if seen.http_status else ''}"
    return CallText(call.tool, arguments, status, ok=seen.status == "ok", body=body_text(seen.body))


def body_text(body: Json) -> str:
    """Return a body as indented JSON, cut when long."""
    text = "(empty)" if body is None else orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    more = len(text) - LONGEST_BODY
    return text if more <= 0 else f"{text[:LONGEST_BODY]}\n… and {more} more characters"


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
