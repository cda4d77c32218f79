"""The dependency graph of a run, made ready for drawing: what its tasks use, and what is next to it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import networkx as nx

from toolbench.report.asked import Dependencies
from toolbench.tasks.probing import Prober
from toolbench.world.world import World

MOST_USED, MOST_NEAR, MOST_LINKS = 100, 16, 80
"""What is drawn at most: operations that tasks use, others that share an edge with these, edges that no task uses."""

BOX, GAP, LINE, HEAD, MARGIN = 212, 74, 26, 30, 12
"""A box's width, the way between columns, the distance between lines, a group's heading, and the way around it."""

LOOP = 34
"""Room at the right for edges between operations of the last column."""

LONGEST_LABEL = 28
"""Characters of an operation's name in a box. Longer ones lose their middle: many begin alike."""

_SWEEPS = 6

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """An operation of the picture; `x` and `y` are its left and its middle."""

    name: str
    x: float
    y: float
    label: str
    tasks: int
    """How many tasks call it."""

    @property
    def title(self) -> str:
        """Its full name, and how often it is used."""
        return f"{self.name}: {_tasks(self.tasks)}"


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of the picture."""

    title: str
    path: str
    """As an SVG path."""
    tip: str
    """The head, as an SVG path."""
    look: str
    """`used` by tasks, `works` when tried out, or `untried`: nobody knows."""
    weight: float
    """How thick it is, in the picture's units."""


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of an API: a box around theirs."""

    api: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The graph with places: groups one below the other, and in each what is fed right of what feeds it."""

    width: float
    height: float
    groups: tuple[Group, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: Mapping[str, int]
    """How many are not drawn: `used` and `other` operations, `used_edges` and `other_edges`, and edges that `failed`
    when they were tried out."""


def picture(found: Dependencies) -> Picture:
    """Return the picture of a run's dependency graph.

    It holds the operations that the tasks use, those first that feed or are fed, and others that share an edge with
    them. Of the edges between all these it holds those that tasks use, and some others, which are tried out first;
    those that fail are left out.
    """
    names = _chosen(found)
    used = {pair: count for pair, count in sorted(found.usage.edges.items()) if names.issuperset(pair)}
    tried = _tried(found, _others(found, names))
    links: dict[Pair, str] = {pair: look for pair, look in tried.items() if look != "fails"}
    links |= dict.fromkeys(used, "used")
    columns = _columns(names, links)
    places, groups = _places(found, columns, links)
    boxes = {name: _box(found, name, columns[name], y) for name, y in places.items()}
    order = sorted(links, key=lambda pair: (links[pair] == "used", pair))
    failed = sum(look == "fails" for look in tried.values())
    drawn = sum(name in found.usage.operations for name in names)
    return Picture(
        width=(1 + max(columns.values(), default=0)) * (BOX + GAP) - GAP + 4 * MARGIN + LOOP,
        height=(groups[-1].y + groups[-1].height if groups else 0) + 1,
        groups=tuple(groups),
        boxes=tuple(boxes.values()),
        arrows=tuple(_arrow(boxes[a], boxes[b], links[a, b], used.get((a, b), 0)) for a, b in order),
        left_out={
            "used": len(found.usage.operations) - drawn,
            "other": found.graph.number_of_nodes() - len(found.usage.operations) - (len(names) - drawn),
            "used_edges": len(found.usage.edges) - len(used),
            "other_edges": int(found.coverage["of_edges"]) - len(found.usage.edges) - (len(links) - len(used)) - failed,
            "failed": failed,
        },
    )


def _chosen(found: Dependencies) -> set[str]:
    """Return the operations to draw."""
    linked = Counter(name for pair in found.usage.edges for name in pair)
    counts = found.usage.operations
    used = sorted(counts, key=lambda name: (name not in linked, -counts[name], name))[:MOST_USED]
    near = Counter(
        other
        for name in used
        for other in {*found.graph.predecessors(name), *found.graph.successors(name)}
        if other not in counts
    )
    ranked = sorted(near, key=lambda name: (-near[name], name))
    return {*used, *ranked[:MOST_NEAR]}


def _others(found: Dependencies, names: set[str]) -> list[Pair]:
    """Return the edges to draw that no task uses: one into every operation first, then a second, and so on."""
    turns = Counter[str]()
    placed: list[tuple[int, Pair]] = []
    counts = found.usage.operations
    inner = {pair for pair in found.graph.subgraph(names).edges() if pair not in found.usage.edges}
    # What tasks use says most of where else it could lead.
    for producer, consumer in sorted(inner, key=lambda pair: (-counts[pair[0]], pair)):
        if producer in counts or consumer in counts:
            placed.append((turns[consumer], (producer, consumer)))
            turns[consumer] += 1
    return [pair for _, pair in islice(sorted(placed), MOST_LINKS)]


def _tried(found: Dependencies, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """Return what comes of trying edges out: of several arguments that one operation feeds, the best."""
    prober = Prober(World(found.landscape, 0))
    tried: dict[Pair, str] = {}
    for producer, consumer in pairs:
        verdicts = {prober.verdict(producer, consumer, edge) for edge in found.graph[producer][consumer].values()}
        tried[producer, consumer] = next(look for look in ("works", "untried", "fails") if look in verdicts)
    return tried


def _columns(names: set[str], links: Mapping[Pair, str]) -> dict[str, int]:
    """Return each operation's column: right of all that feeds it in tasks, or of what else feeds it."""
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(sorted(names))
    flow.add_edges_from(pair for pair, look in links.items() if look == "used")
    whole = nx.condensation(flow)
    columns = {
        name: column
        for column, generation in enumerate(nx.topological_generations(whole))
        for part in generation
        for name in whole.nodes[part]["members"]
    }
    placed = {name for pair, look in links.items() if look == "used" for name in pair}
    last = max(columns.values(), default=0)
    for name in sorted(names - placed):
        before = [columns[producer] for producer, consumer in links if consumer == name and producer in placed]
        columns[name] = min(min(before) + 1, max(last, 1)) if before else 0
    return columns


def _places(
    found: Dependencies, columns: Mapping[str, int], links: Mapping[Pair, str]
) -> tuple[dict[str, float], list[Group]]:
    """Return each operation's height, those of an API together, and the groups."""
    cells: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    operations = found.landscape.operations
    for name in sorted(columns, key=lambda name: (_resource(found, name), name)):
        cells[operations[name].tool.api][columns[name]].append(name)
    heights: dict[str, float] = {}
    groups: list[Group] = []
    top = 0.0
    for api in sorted(cells):
        lines = max(map(len, cells[api].values()))
        _untangle(cells[api], links)
        for column in cells[api].values():
            start = top + HEAD + (lines - len(column)) * LINE / 2
            heights |= {name: start + (line + 0.5) * LINE for line, name in enumerate(column)}
        groups.append(Group(api, top, HEAD + lines * LINE + MARGIN / 2))
        top += groups[-1].height + MARGIN
    return heights, groups


def _untangle(columns: dict[int, list[str]], links: Mapping[Pair, str]) -> None:
    """Put operations beside what they share edges with: the barycentre method of Sugiyama et al. 1981."""
    near: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (producer, consumer), look in links.items():
        weight = 4 if look == "used" else 1
        near[producer].append((consumer, weight))
        near[consumer].append((producer, weight))
    lines = {name: line - len(column) / 2 for column in columns.values() for line, name in enumerate(column)}
    for sweep in range(_SWEEPS):
        for place in sorted(columns, reverse=sweep % 2 == 1):
            column = columns[place]
            column.sort(key=lambda name: _middle(name, near[name], lines))
            lines |= {name: line - len(column) / 2 for line, name in enumerate(column)}


def _middle(name: str, near: Sequence[tuple[str, int]], lines: Mapping[str, float]) -> float:
    """Return the mean line of what an operation shares edges with; its own where that is none of its group."""
    held = [(lines[other], weight) for other, weight in near if other in lines]
    return sum(line * weight for line, weight in held) / sum(weight for _, weight in held) if held else lines[name]


def _resource(found: Dependencies, name: str) -> str:
    resource = found.landscape.operations[name].resource
    return resource.id if resource else ""


def _box(found: Dependencies, name: str, column: int, y: float) -> Box:
    label = name.removeprefix(f"{found.landscape.operations[name].tool.api}_")
    half = LONGEST_LABEL // 2
    short = label if len(label) <= LONGEST_LABEL else f"{label[: half - 1]}…{label[-half:]}"
    return Box(name, 2 * MARGIN + column * (BOX + GAP), y, short, found.usage.operations[name])


def _arrow(start: Box, end: Box, look: str, tasks: int) -> Arrow:
    said = {"used": _tasks(tasks), "works": "tried out, no task uses it", "untried": "no task uses it"}[look]
    title = f"{start.name} → {end.name}: {said}"
    forth = end.x > start.x
    left, right = (start.x + BOX, end.x) if forth else (start.x, end.x + BOX)
    if end.x == start.x:
        left = right = start.x + BOX
    bend = LOOP * 1.2 if end.x == start.x else (right - left) / 2
    tip = -5 if forth else 5
    curve = f"M{left:g} {start.y:g} C{left + bend:g} {start.y:g}, "
    curve += f"{right + bend if end.x == start.x else right - bend:g} {end.y:g}, {right + tip:g} {end.y:g}"
    head = f"M{right:g} {end.y:g} l{tip:g} -3.5 v7 z"
    return Arrow(title, curve, head, look, min(5.0, 1.5 + 0.35 * tasks) if tasks else 1.0)


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}" if count else "no task"
