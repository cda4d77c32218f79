"""Whether every node of a search tree holds the state that its own path makes: nothing of other branches is left in it.

    python benchmarks/backtracking.py [TREES] [SEED]

TREES searches of tasks that ask for a change, over the bundled APIs, by each searcher that branches in turn, at each
level of the teacher's errors, for all answers that QUERIES queries give. For every node the calls on the path from the
root to it are executed alone, in a world made anew, and the digest is held against the one that the node holds. A
backtrack is a node whose parent is not the node made before it.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle

from searching import Ground, Teacher, calls_of

from toolbench import plugins
from toolbench.agent.mistakes import LEVELS
from toolbench.executors.mock import MockExecutor
from toolbench.model import Task, Trace
from toolbench.world.replay import replay_in

QUERIES = 16
SEARCHERS = ("dfsdt", "dfs", "bfs", "beam", "best_first", "mcts", "react_n")


@dataclass(frozen=True)
class Compared:
    """What a tree showed."""

    nodes: int
    backtracks: int
    across_writes: int
    """Backtracks from a state that writes had changed."""
    mismatches: tuple[int, ...]
    """Nodes whose state is not what their path makes."""


def compare(ground: Ground, task: Task, trace: Trace) -> Compared:
    """Hold every node of a tree against its own path, executed alone."""
    anew = {node.id: replay_in(ground.world(task), calls_of(trace.path(node.id))) for node in trace.nodes}
    back = [node.id for node in trace.nodes[1:] if node.parent != node.id - 1]
    return Compared(
        nodes=len(trace.nodes),
        backtracks=len(back),
        across_writes=sum(any(anew[node - 1].wrote) for node in back),
        mismatches=tuple(node.id for node in trace.nodes if node.state != anew[node.id].states[-1]),
    )


def writing(ground: Ground, seed: int) -> Iterator[Task]:
    """Yield tasks that ask for a change, without end."""
    return (task for task in ground.stream(seed) if task.goal.changes)


async def trees(ground: Ground, count: int, seed: int) -> Mapping[str, list[Compared]]:
    """Return what so many trees showed, by searcher. Each task is searched for by all, at one level after the other."""
    found: dict[str, list[Compared]] = {name: [] for name in SEARCHERS}
    levels, tasks, left = cycle(LEVELS), writing(ground, seed), count
    while left:
        task, teacher = next(tasks), Teacher(next(levels), seed)
        executor = MockExecutor(ground.landscape, task)
        for name in SEARCHERS[:left]:
            searcher = plugins.load("searchers", name)(max_queries=QUERIES, solutions=0)
            trace = await teacher.search(ground, task, searcher, executor)
            found[name].append(compare(ground, task, trace))
            left -= 1
    return found


def main(count: int, seed: int) -> int:
    found = asyncio.run(trees(Ground(), count, seed))
    every = [one for some in found.values() for one in some]
    for name, some in [*found.items(), ("all", every)]:
        print(
            f"{name:10} {len(some):5} trees, {sum(one.nodes for one in some):6} nodes compared,"
            f" {sum(one.backtracks for one in some):6} backtracks"
            f" ({sum(one.across_writes for one in some)} from a state that writes had changed),"
            f" {sum(len(one.mismatches) for one in some)} mismatches"
        )
    return 1 if any(one.mismatches for one in every) else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(given + [1000, 20261125][len(given) :])))
