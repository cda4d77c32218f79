"""The dependency graph as a file, and how much of it a run's tasks use."""

from collections.abc import Iterable
from pathlib import Path

import networkx as nx

from toolbench.model import JsonObject, Task


def write_graphml(graph: "nx.MultiDiGraph[str]", path: Path) -> None:
    """Write a dependency graph as GraphML; all its attributes are scalars."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nx.write_graphml(graph, path)


def used(graph: "nx.MultiDiGraph[str]", tasks: Iterable[Task]) -> JsonObject:
    """Return how many operations and edges of a graph the tasks' solutions use, of how many there are.

    An edge is used where an argument of one gold call was read in the result of another that is its producer.
    """
    operations, edges = set[str](), set[tuple[str, str]]()
    for task in tasks:
        calls = {gold.call.id: gold.call.tool for gold in task.gold}
        operations.update(tool for tool in calls.values() if tool in graph)
        edges.update(
            (calls[origin.call], gold.call.tool)
            for gold in task.gold
            for origin in gold.origins
            if origin.call and graph.has_edge(calls[origin.call], gold.call.tool)
        )
    return {
        "operations": len(operations),
        "of_operations": graph.number_of_nodes(),
        "edges": len(edges),
        "of_edges": len(set(graph.edges())),
    }
