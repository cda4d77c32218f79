"""How many of the hand-written edges of real APIs the dependency graph has, and how dense it is.

    python benchmarks/dependency_edges.py [FILE ...]

A file holds the true edges of one API (`tests/tasks/edges/*.json`, the default): which field of which operation's
result goes into which path parameter of which other. Parameters that people say are no part of it. Density is the share
of ordered pairs of operations that an edge joins. It needs the descriptions that `make corpus` fetches.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import networkx as nx

from toolbench.specs import read_api
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import Landscape

ROOT = Path(__file__).parent.parent
EDGES = ROOT / "tests" / "tasks" / "edges"


class Edge(NamedTuple):
    """A true edge."""

    producer: str
    consumer: str
    parameter: str


def true_edges(file: Path) -> tuple[str, list[Edge]]:
    """Return the description an edge file is about, and its edges; an operation feeds no parameter of its own."""
    written = json.loads(file.read_text())
    found = [
        Edge(producer, consumer, group["parameter"])
        for group in written["edges"]
        for producer in group["from"]
        for consumer in group["to"]
        if producer != consumer
    ]
    return written["spec"], found


def missing(landscape: Landscape, graph: "nx.MultiDiGraph[str]", edges: list[Edge]) -> list[Edge]:
    """Return the true edges that a graph lacks."""
    names = {operation.tool.source.name: name for name, operation in landscape.operations.items()}
    return [e for e in edges if not graph.has_edge(names[e.producer], names[e.consumer], e.parameter)]


def density(graph: "nx.MultiDiGraph[str]") -> float:
    """Return the share of ordered pairs of nodes that an edge joins, 0 to 1."""
    pairs = graph.number_of_nodes() * (graph.number_of_nodes() - 1)
    return len(set(graph.edges())) / pairs if pairs else 0.0


def main(files: list[Path]) -> None:
    for file in files:
        spec, edges = true_edges(file)
        landscape = Landscape([read_api(ROOT / ".corpus" / spec)])
        graph = dependency_graph(landscape)
        lacking = missing(landscape, graph, edges)
        recall = 1 - len(lacking) / len(edges)
        joined = len(set(graph.edges()))
        print(f"{file.stem}: recall {recall:.1%} ({len(edges) - len(lacking)} of {len(edges)} edges)", end="")
        print(f", density {density(graph):.1%} ({joined} pairs of {graph.number_of_nodes()} operations)")
        for edge in lacking:
            print(f"  missing {edge.producer} -> {edge.consumer} {edge.parameter}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(EDGES.glob("*.json")))
