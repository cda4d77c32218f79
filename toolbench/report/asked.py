"""What a run asks for: its tasks by sort and size, and what they use of its APIs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx

from toolbench.model import JsonObject, Task
from toolbench.store import Run
from toolbench.tasks.categories import category_of
from toolbench.tasks.coverage import NOT_YET, Usage, coverage, unused, usage
from toolbench.tasks.diversity import Diversity, diversity
from toolbench.tasks.references import dependency_graph
from toolbench.world.world import Landscape

REASONS: Mapping[str, str] = {
    NOT_YET: "No task happens to call them",
    "deprecated": "Their description says not to use them any more",
    "unknown": "Nothing tells what they do, or to what",
    "uncertain": "What they do is told with too little confidence",
    "unsaid_choice": "They require a value that users do not speak of",
    "nameless": "What they work on has no name that people would say",
    "redundant": "They get only what a list shows as well",
}
"""Why operations are not used, in sentences."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The operations of a run's APIs, which feeds which, and what the tasks use of that."""

    landscape: Landscape
    graph: "nx.MultiDiGraph[str]"
    usage: Usage
    coverage: JsonObject
    """How many operations and edges are used, of how many."""
    unused: Mapping[str, Sequence[str]]
    """The operations that no task calls, by why: a key of `REASONS`."""

    @property
    def links(self) -> list[tuple[str, str, int]]:
        """The edges that tasks use, and how many tasks do; the most used first."""
        counted = sorted(self.usage.edges.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(producer, consumer, count) for (producer, consumer), count in counted]

    def as_json(self) -> JsonObject:
        """Return all of it but the landscape."""
        return {
            **self.coverage,
            "used_operations": dict(sorted(self.usage.operations.items())),
            "used_edges": [
                {"producer": producer, "consumer": consumer, "tasks": count} for producer, consumer, count in self.links
            ],
            "unused": self.unused,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """The tasks of a run in figures."""

    kinds: Counter[str] = field(default_factory=Counter[str])
    decisions: Counter[str] = field(default_factory=Counter[str])
    """The right decision in the turn that each task is about."""
    categories: Counter[str] = field(default_factory=Counter[str])
    """ToolLLM's: I1, I2, I3."""
    calls: Counter[int] = field(default_factory=Counter[int])
    """Tasks by the calls of their solution."""
    chains: Counter[int] = field(default_factory=Counter[int])
    """Tasks by the longest chain of calls of which each feeds the next; 0 where there is no call."""
    turns: Counter[int] = field(default_factory=Counter[int])
    """Tasks by the user's turns."""
    diversity: Diversity = field(default_factory=lambda: diversity(()))
    dependencies: Dependencies | None = None
    """None where the run does not hold its APIs."""

    def sorts(self) -> dict[str, dict[str, int]]:
        """Return how the tasks divide, by what: words by their number, numbers in their order."""
        worded = {"kind": self.kinds, "decision": self.decisions}
        ordered = {"category": self.categories, "calls": self.calls, "chain": self.chains, "turns": self.turns}
        return {
            **{name: dict(sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))) for name, held in worded.items()},
            **{name: {str(key): count for key, count in sorted(held.items())} for name, held in ordered.items()},
        }

    def as_json(self) -> JsonObject:
        """Return all of it."""
        found = self.dependencies
        return {
            **{f"by_{name}": held for name, held in self.sorts().items()},
            "diversity": self.diversity.as_json(),
            "dependencies": found.as_json() if found else None,
        }


def look_at(run: Run, tasks: Sequence[Task]) -> Asked:
    """Return a run's tasks in figures.

    Args:
        run: the run, for its APIs and tools.
        tasks: its tasks.
    """
    tools = {tool.name: tool for tool in run.tools}
    return Asked(
        kinds=Counter(task.kind for task in tasks),
        decisions=Counter(task.decision for task in tasks),
        categories=Counter(category_of(task, tools) for task in tasks),
        calls=Counter(len(task.gold) for task in tasks),
        chains=Counter(map(chain, tasks)),
        turns=Counter(len(task.turns) for task in tasks),
        diversity=diversity(tasks),
        dependencies=_dependencies(run, tasks),
    )


def chain(task: Task) -> int:
    """Return how many calls the longest chain of a solution has, each of which feeds the next."""
    longest: dict[str, int] = {}
    for gold in task.gold:
        before = (longest.get(origin.call, 0) for origin in gold.origins if origin.call)
        longest[gold.call.id] = 1 + max(before, default=0)
    return max(longest.values(), default=0)


def _dependencies(run: Run, tasks: Sequence[Task]) -> Dependencies | None:
    landscape = Landscape(run.apis)
    if not landscape.operations:
        return None
    graph = dependency_graph(landscape)
    found = usage(graph, tasks)
    return Dependencies(landscape, graph, found, coverage(graph, found), unused(landscape, found.operations))
