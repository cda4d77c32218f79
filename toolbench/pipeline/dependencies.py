"""What a run's tasks use of the dependency graph, and the graph as a file."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from toolbench.model import JsonObject, Task
from toolbench.store import Run
from toolbench.tasks.categories import category_of
from toolbench.tasks.coverage import coverage, usage, write_graphml
from toolbench.tasks.probing import Prober
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import Landscape, World

MOST_PROBED = 4_000
"""Edges tried out before a graph is written; a few milliseconds each."""


def survey(path: Path, tasks: Sequence[Task], graph_file: Path | None = None) -> JsonObject:
    """Return the `coverage` of the dependency graph by a run's tasks, and the tasks by ToolLLM's `categories`.

    Args:
        path: the run's directory.
        tasks: its tasks.
        graph_file: where to write the graph as GraphML, its edges tried out; None for nowhere.

    Raises:
        RunError: the file cannot be written.
    """
    run = Run(path)
    landscape = Landscape(run.apis)
    graph = dependency_graph(landscape)
    if graph_file is not None:
        Prober(World(landscape, 0)).probe(graph, MOST_PROBED)
        write_graphml(graph, graph_file)
    tools = {name: operation.tool for name, operation in landscape.operations.items()}
    categories = Counter(category_of(task, tools) for task in tasks)
    return {"coverage": coverage(graph, usage(graph, tasks)), "categories": dict(sorted(categories.items()))}
