"""The dependency graph as a file, and how much of it a run's tasks use."""

import re
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import networkx as nx

from toolbench.model import JsonObject, Task
from toolbench.store import write_whole
from toolbench.tasks.possible import obstacle
from toolbench.world.world import Landscape

NOT_YET = "not_yet"
"""Why an operation is not used that a task could be about: none happens to be."""


_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML has no way to write; names in a description may hold any."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the solutions of tasks use of a dependency graph."""

    operations: Counter[str] = field(default_factory=Counter[str])
    """In how many tasks each operation is called."""
    edges: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """In how many tasks the result of one operation (first) feeds an argument of another (second)."""


def write_graphml(graph: "nx.MultiDiGraph[str]", path: Path) -> None:
    """Write a dependency graph as GraphML; all its attributes are scalars.

    Raises:
        RunError: the file cannot be written.
    """
    write_whole(path, "".join(f"{line}\n" for line in nx.generate_graphml(_writable(graph))).encode())


def _writable(graph: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """Return a graph that XML can write: other characters become replacement characters."""
    found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    found.add_nodes_from((name, _clean(data)) for name, data in graph.nodes(data=True))
    for producer, consumer, data in graph.edges(data=True):
        found.add_edge(producer, consumer, **_clean(data))
    return found


def _clean(data: JsonObject) -> JsonObject:
    return {name: _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else value for name, value in data.items()}


def usage(graph: "nx.MultiDiGraph[str]", tasks: Iterable[Task]) -> Usage:
    """Return what tasks use of a graph.

    An edge is used where an argument of one gold call was read in the result of another that is its producer.
    """
    found = Usage()
    for task in tasks:
        calls = {gold.call.id: gold.call.tool for gold in task.gold}
        found.operations.update({tool for tool in calls.values() if tool in graph})
        found.edges.update(
            {
                (calls[origin.call], gold.call.tool)
                for gold in task.gold
                for origin in gold.origins
                if origin.call and graph.has_edge(calls[origin.call], gold.call.tool)
            }
        )
    return found


def coverage(graph: "nx.MultiDiGraph[str]", found: Usage) -> JsonObject:
    """Return how many operations and edges of a graph are used, of how many there are.

    Several arguments that one operation feeds to another count as one edge.
    """
    return {
        "operations": len(found.operations),
        "of_operations": graph.number_of_nodes(),
        "edges": len(found.edges),
        "of_edges": len(set(graph.edges())),
    }


def unused(landscape: Landscape, operations: Container[str]) -> dict[str, list[str]]:
    """Return the operations that are not among those used, sorted, by why: an `Obstacle`, or `NOT_YET`.

    The commonest reason comes first.
    """
    found: dict[str, list[str]] = {}
    for name, operation in sorted(landscape.operations.items()):
        if name not in operations:
            found.setdefault(obstacle(landscape, operation) or NOT_YET, []).append(name)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))
