"""Which searcher finds how much, at equal budgets and three levels of the teacher's errors; what restoring is worth.

    python benchmarks/searchers_table.py [TASKS] [SEED] [--jobs N] [--into FILE]

All searchers get the same tasks and a teacher (the planner) of the same seed, which does not know who asks. A path is
right if it passes the evaluator `goal` once its calls are executed anew, alone, in the task's world. With `--into` the
tables take the place of what is between the markers of a Markdown file.

`dfsdt, not restored` is the same search against a backend that never goes back, as ToolBench's real APIs: every call
meets what all calls before it have left, on whatever branch. There, nothing is executed anew: what the path saw is what
it saw. It is right if it took the right decisions and said the right things, each fact being what it was when the user
asked, and if the backend, when all is done, differs from the beginning by what the user wanted and nothing else. A
write of a dead branch counts, for it happened; so does one that the user wanted and a dead branch did. Such a path is
also executed anew alone, to see how often it only looks right.

A search is made once, with the largest budget; beside it the same searcher with each smaller budget, and with each
number of answers, is asked for its move on the same tree, until it would stop. It must ask for the same until then, and
what it would hand out there is what is counted. Where that search was for all answers, the one that ends with the first
is made once more on its own, and must give the same.
"""

import argparse
import asyncio
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

from searching import Ground, Teacher, Unrestored, calls_of

from searchers.base import Move, Searcher, Stop, Tree
from toolbench import __version__, plugins
from toolbench.agent.mistakes import LEVELS, ErrorLevel
from toolbench.curation.judgements import DEFAULT_EVALUATORS, Judgements, wilson
from toolbench.curation.labels import label
from toolbench.curation.preferences import ExampleBuilder
from toolbench.curation.rows import RowBuilder
from toolbench.executors.mock import MockExecutor
from toolbench.model import Node, Replay, Task, Trace
from toolbench.model.example import Pair
from toolbench.world.replay import replay_in
from toolbench.world.world import WORLD_VERSION, World

BUDGETS = (4, 8, 12, 20, 32)
"""Model queries a search may spend."""
SEARCHERS = ("react", "react_n", "dfsdt", "dfs", "bfs", "beam", "best_first", "mcts")
COLLECTING = ("react_n", "dfsdt", "beam", "best_first", "mcts")
"""Those whose searches for all answers are looked at, too."""
VALUED = ("beam", "best_first", "mcts")
"""Of these the ones with values: of several answers they hand out the best. The others hand out the first."""
UNRESTORED = "dfsdt, not restored"
OF, LOOKED_AT = 12, 2
"""Of so many tasks the first so many have their trees of the whole budget looked at for what they teach."""
FIRST, ALL = 1, 0
"""Answers after which a search ends; 0: never."""
BEGIN, END = "<!-- made by benchmarks/searchers_table.py -->", "<!-- end of what was made -->"

Key: TypeAlias = tuple[int, int]
"""Answers after which a search ends, and its budget."""
Counts: TypeAlias = Counter[tuple[object, ...]]
"""What was counted, by group of tasks or `trees`, level, searcher, and more."""


@cache
def kind(name: str) -> Callable[..., Searcher]:
    return plugins.load("searchers", name)


@cache
def made(name: str, answers: int, budget: int) -> Searcher:
    more: dict[str, int] = {} if name == "react" else {"solutions": answers}
    # Its budget is to be the bound, not the number of its chains.
    more |= {"width": budget} if name == "react_n" else {}
    return kind(name)(max_queries=budget, **more)


# -- one search for all budgets ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """Where a search ended. Nodes are the searcher's."""

    best: int | None
    """What it hands out."""
    answers: tuple[int, ...]
    queries: int
    really: object = None
    """The backend's real state, where it does not go back."""


@dataclass
class Watched:
    """A searcher, and beside it others that must ask for the same until they stop."""

    leader: Searcher
    others: Mapping[Key, Searcher]
    backend: Unrestored | None = None
    ends: dict[Key, Ended] = field(default_factory=dict[Key, Ended])

    @property
    def needs_value(self) -> bool:
        return getattr(self.leader, "needs_value", False)

    def next(self, tree: Tree) -> Move:
        move = self.leader.next(tree)
        for key, other in self.others.items():
            if key in self.ends:
                continue
            theirs = move if other is self.leader else other.next(tree)
            if isinstance(theirs, Stop):
                really = self.backend.latest if self.backend else None
                self.ends[key] = Ended(other.best(tree), tuple(tree.solutions), tree.queries, really)
            elif theirs != move:
                raise AssertionError(f"{other} asks for {theirs}, and {self.leader} for {move}")
        return move

    def best(self, tree: Tree) -> int | None:
        return self.leader.best(tree)


def ends_of(trace: Trace) -> list[int]:
    """Return the trace's node that each node of the searcher's tree ends in: the user's turn, where one follows it."""
    found: list[int] = []
    for node in trace.nodes:
        if node.step and node.step.kind == "user":
            found[-1] = node.id
        else:
            found.append(node.id)
    return found


# -- one task ----------------------------------------------------------------------------------------------------------


class Bench:
    """Searches and judges, one task after the other."""

    def __init__(self, seed: int) -> None:
        self.ground, self.seed, self.counts = Ground(), seed, Counts()
        self._place = 0
        self.examples = ExampleBuilder(RowBuilder(self.ground.tools))

    async def work(self, place: int, task: Task) -> None:
        """Count everything about a task, one of a stream."""
        self._place = place
        executor, world = MockExecutor(self.ground.landscape, task), self.ground.world(task)
        groups = ["all", "writes"] if task.goal.changes else ["all"]
        for group in groups:
            self.counts[group, "tasks"] += 1
        for level in LEVELS:
            teacher = Teacher(level, self.seed)
            restored: dict[Key, bool] = {}
            for name in SEARCHERS:
                found = await self._search(task, teacher, name, executor, world, groups)
                restored = found if name == "dfsdt" else restored
            await self._unrestored(task, teacher, world, groups, restored)

    async def _search(
        self, task: Task, teacher: Teacher, name: str, executor: MockExecutor, world: World, groups: Sequence[str]
    ) -> dict[Key, bool]:
        sorts = (FIRST, ALL) if name in COLLECTING else (FIRST,)
        keys = [(answers, budget) for answers in sorts for budget in BUDGETS]
        watched = Watched(made(name, sorts[-1], max(BUDGETS)), {key: made(name, *key) for key in keys})
        trace = await teacher.search(self.ground, task, watched, executor)
        court = Court(self.ground, world, task, trace)
        ends = ends_of(trace)
        right = {key: end.best is not None and court.is_right(ends[end.best]) for key, end in watched.ends.items()}
        for (answers, budget), end in watched.ends.items():
            for group in groups:
                at = (group, teacher.level, name, answers, budget)
                self.counts[*at, "passed"] += right[answers, budget]
                self.counts[*at, "some"] += any(court.is_right(ends[one]) for one in end.answers)
                self.counts[*at, "queries"] += end.queries
        if name not in COLLECTING:
            self.count_tree(task, trace, teacher.level, name, FIRST, court)
            return right
        first = await teacher.search(self.ground, task, made(name, FIRST, max(BUDGETS)), executor)
        end = watched.ends[FIRST, max(BUDGETS)]
        if (first.best, first.usage.queries) != (None if end.best is None else ends[end.best], end.queries):
            raise AssertionError(f"{name} does not end where it would have: {first.id}")
        self.count_tree(task, first, teacher.level, name, FIRST, Court(self.ground, world, task, first))
        if self._place % OF < LOOKED_AT:
            self.count_tree(task, trace, teacher.level, name, ALL, court)
        return right

    async def _unrestored(
        self, task: Task, teacher: Teacher, world: World, groups: Sequence[str], restored: Mapping[Key, bool]
    ) -> None:
        backend = Unrestored(MockExecutor(self.ground.landscape, task))
        keys = [(FIRST, budget) for budget in BUDGETS]
        watched = Watched(made("dfsdt", FIRST, max(BUDGETS)), {key: made("dfsdt", *key) for key in keys}, backend)
        trace = await teacher.search(self.ground, task, watched, backend)
        court, ends = Court(self.ground, world, task, trace), ends_of(trace)
        for (answers, budget), end in watched.ends.items():
            really = looks = False
            if end.best is not None:
                leaf = ends[end.best]
                looks = court.is_right(leaf)
                replay = backend.really(trace.path(leaf), end.really)
                really = self.ground.reaches_goal(self.ground.case(task, trace, leaf, replay))
            for group in groups:
                at = (group, teacher.level, UNRESTORED, answers, budget)
                self.counts[*at, "passed"] += really
                self.counts[*at, "queries"] += end.queries
                self.counts[*at, "only looks right"] += looks and not really
                self.counts[*at, "lost"] += restored[answers, budget] and not really
                self.counts[*at, "won"] += really and not restored[answers, budget]

    def count_tree(self, task: Task, trace: Trace, level: ErrorLevel, name: str, answers: int, court: "Court") -> None:
        """Count what a whole tree teaches, and hold every pair against an execution of both its sides."""
        width = None if name == "react" else getattr(made(name, answers, max(BUDGETS)), "width", None)
        labels = label(trace, court.judgements, width)
        pairs = list(self.examples.pairs(trace, task, labels))
        paths = list(self.examples.paths(trace, task, labels))
        wrong = {step.node for path in paths for step in path.steps if not step.right}
        rejected = {pair.rejected_node for pair in pairs}
        failed = [trace.path(leaf) for leaf in trace.leaves() if court.has_failed(trace.nodes[leaf])]
        at = ("trees", level, name, answers)
        self.counts[*at, "trees"] += 1
        self.counts[*at, "with pairs"] += bool(pairs)
        self.counts[*at, "pairs"] += len(pairs)
        self.counts[*at, "beaten"] += sum(court.beats(pair) for pair in pairs)
        self.counts[*at, "paths"] += len(paths)
        self.counts[*at, "failed"] += len(failed)
        self.counts[*at, "failed, in a pair"] += sum(any(node.id in rejected for node in path) for path in failed)
        self.counts[*at, "failed, labelled"] += sum(any(node.id in wrong for node in path) for path in failed)


class Court:
    """Judges the paths of one tree, each executed alone, in a world that no search has used."""

    def __init__(self, ground: Ground, world: World, task: Task, trace: Trace) -> None:
        self._ground, self._world, self._task, self._trace = ground, world, task, trace
        self._replays: dict[int, Replay] = {}
        self._right: dict[int, bool] = {}

    def replay(self, node: int) -> Replay:
        """Return what the calls on the path to a node give, alone."""
        if node not in self._replays:
            self._replays[node] = replay_in(self._world, calls_of(self._trace.path(node)))
        return self._replays[node]

    def is_right(self, leaf: int) -> bool:
        """Tell whether a path reaches the goal."""
        if leaf not in self._right:
            case = self._ground.case(self._task, self._trace, leaf, self.replay(leaf))
            self._right[leaf] = self._ground.reaches_goal(case)
        return self._right[leaf]

    def has_failed(self, node: Node) -> bool:
        """Tell whether a leaf is a dead end or a wrong answer; one that was not gone on from is neither."""
        return node.status in ("gave_up", "failed") or (node.status == "answered" and not self.is_right(node.id))

    @property
    def judgements(self) -> Judgements:
        """What all evaluators say of the answered paths."""
        found = Judgements([])
        for node in self._trace.nodes:
            if node.status == "answered":
                case = self._ground.case(self._task, self._trace, node.id, self.replay(node.id))
                for name in DEFAULT_EVALUATORS:
                    verdict = self._ground.evaluators[name].evaluate(case)
                    found.add(verdict.model_copy(update={"evaluator": name}))
        return found

    def beats(self, pair: Pair) -> bool:
        """Tell whether a pair is confirmed by execution.

        An end below the chosen step reaches the goal. None below the rejected one does, or a call of the rejected step
        is refused as it is written.
        """
        chosen = self._trace.nodes[pair.chosen_node] in self._trace.path(pair.leaf) and self.is_right(pair.leaf)
        below = [leaf for leaf in self._trace.leaves() if self._is_on(pair.rejected_node, leaf)]
        good = [leaf for leaf in below if self._trace.nodes[leaf].status == "answered" and self.is_right(leaf)]
        return chosen and (not good or self._is_refused(pair.rejected_node))

    def _is_on(self, node: int, leaf: int) -> bool:
        return any(one.id == node for one in self._trace.path(leaf))

    def _is_refused(self, node: int) -> bool:
        calls = {call.id for call in calls_of([self._trace.nodes[node]])}
        refused = ("invalid_arguments", "unknown_tool")
        return any(seen.call in calls and seen.status in refused for seen in self.replay(node).observations)


# -- tables ------------------------------------------------------------------------------------------------------------


def counted(tasks: Sequence[tuple[int, Task]], seed: int) -> Counts:
    """Return what all searches of these tasks, each with its place in the stream, come to."""
    bench = Bench(seed)

    async def all_of_them() -> None:
        for done, (place, task) in enumerate(tasks, 1):
            await bench.work(place, task)
            if done % 15 == 0:
                print(f"{done} of {len(tasks)} tasks", file=sys.stderr, flush=True)

    asyncio.run(all_of_them())
    return bench.counts


def share(passed: int, total: int) -> str:
    low, high = wilson(passed, total)
    return f"{passed / total:.0%} ({100 * low:.0f}-{100 * high:.0f})" if total else "-"


def row(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def head(first: str, columns: Sequence[str]) -> Iterator[str]:
    yield row(first, columns)
    yield f"|---|{'---:|' * len(columns)}"


def passes(counts: Counts, group: str, answers: int, names: Sequence[str], measure: str) -> Iterator[str]:
    """Yield a table for each level: searchers by budgets, with 95% Wilson intervals."""
    total = counts[group, "tasks"]
    for level in LEVELS:
        yield ""
        yield from head(f"errors: {level}", [f"{budget} queries" for budget in BUDGETS])
        for name in names:
            at = [(group, level, name, answers, budget, measure) for budget in BUDGETS]
            yield row(name, [share(counts[one], total) for one in at])


def spent(counts: Counts) -> Iterator[str]:
    yield from head("errors", SEARCHERS)
    for level in LEVELS:
        at = [("all", level, name, FIRST, max(BUDGETS), "queries") for name in SEARCHERS]
        yield row(level, [f"{counts[one] / counts['all', 'tasks']:.1f}" for one in at])


def restoring(counts: Counts) -> Iterator[str]:
    """Yield what becomes of the tasks with writes where the state is restored and where it is not."""
    total = counts["writes", "tasks"]
    columns = ["restored", "not restored", "right only if restored", "right only if not", "looks right, but is not"]
    yield from head("errors, queries", columns)
    for level in LEVELS:
        for budget in BUDGETS:
            at = ("writes", level, UNRESTORED, FIRST, budget)
            cells = [
                share(counts["writes", level, "dfsdt", FIRST, budget, "passed"], total),
                share(counts[*at, "passed"], total),
                *(str(counts[*at, measure]) for measure in ("lost", "won", "only looks right")),
            ]
            yield row(f"{level}, {budget}", cells)


def teaching(counts: Counts, answers: int) -> Iterator[str]:
    """Yield what whole trees teach."""
    columns = ["pairs a tree", "trees with pairs", "labelled paths a tree", "failed branches a tree", "in a pair",
               "labelled", "pairs confirmed"]  # fmt: skip
    for level in LEVELS:
        yield ""
        yield from head(f"errors: {level}", columns)
        for name in SEARCHERS if answers == FIRST else COLLECTING:
            yield row(name, list(_taught(counts, ("trees", level, name, answers))))


def _taught(counts: Counts, at: tuple[object, ...]) -> Iterator[str]:
    trees, pairs, failed = (counts[*at, one] for one in ("trees", "pairs", "failed"))
    yield f"{pairs / trees:.2f}"
    yield f"{counts[*at, 'with pairs'] / trees:.0%}"
    yield f"{counts[*at, 'paths'] / trees:.2f}"
    yield f"{failed / trees:.2f}"
    yield from (
        f"{counts[*at, one] / failed:.0%}" if failed else "-" for one in ("failed, in a pair", "failed, labelled")
    )
    yield f"{counts[*at, 'beaten']} of {pairs}"


def facts(counts: Counts, tasks: Sequence[Task], seed: int) -> Iterator[str]:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(task.kind for task in tasks).items()))
    writes = counts["writes", "tasks"]
    yield f"- Command: `python benchmarks/searchers_table.py {len(tasks)} {seed} --into docs/searchers.md`."
    yield f"- Versions: toolbench {__version__}, world {WORLD_VERSION}, Python {platform.python_version()}."
    yield f"- Tasks: {len(tasks)} over the bundled APIs ({kinds}); {writes} ({writes / len(tasks):.0%}) with writes."
    yield f"- Teacher: the planner with `--errors` low, middle and high, seed {seed}."
    yield "- Bounds: the searchers' own but for the budget; `react_n` makes chains as long as the budget lasts."
    yield "- Values: the heuristic valuer's, which cost no query, nor do the planner's reflections."
    yield "- In brackets: 95% Wilson intervals, in %."


def report(counts: Counts, tasks: Sequence[Task], seed: int) -> Iterator[str]:
    yield from facts(counts, tasks, seed)
    yield "\n### Right answers where the first answer ends the search\n"
    yield "The default, `--solutions 1`."
    yield from passes(counts, "all", FIRST, [*SEARCHERS, UNRESTORED], "passed")
    yield f"\nQueries that a search spent, of {max(BUDGETS)}:\n"
    yield from spent(counts)
    yield "\n### Right answers where the whole budget is spent\n"
    yield "`--solutions 0`: the answer of the highest value is handed out. (Without values it is the first, as above.)"
    yield from passes(counts, "all", ALL, VALUED, "passed")
    yield "\n### Trees that hold a right answer\n"
    yield "`--solutions 0`: whether any answer in the tree is right, for a judge to find."
    yield from passes(counts, "all", ALL, COLLECTING, "some")
    yield "\n### What restoring the state is worth\n"
    writes = counts["writes", "tasks"]
    yield f"`dfsdt`, on the {writes} tasks that ask for a change; the last three columns are numbers of tasks.\n"
    yield from restoring(counts)
    yield f"\n### What whole trees teach, {max(BUDGETS)} queries\n"
    yield "Where the first answer ends the search:"
    yield from teaching(counts, FIRST)
    yield f"\nWhere the whole budget is spent ({counts['trees', 'low', 'dfsdt', ALL, 'trees']} of the tasks):"
    yield from teaching(counts, ALL)


def put(file: Path, lines: Sequence[str]) -> None:
    """Put lines between the markers of a file."""
    text = file.read_text("utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{file}: there must be one line {BEGIN} and one {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    file.write_text("\n".join([before + BEGIN, *lines, END + after]), "utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("tasks", nargs="?", type=int, default=300)
    asked.add_argument("seed", nargs="?", type=int, default=20261125)
    asked.add_argument("--jobs", type=int, default=1, help="processes at work at once")
    asked.add_argument("--into", type=Path, help="file with the markers")
    given = asked.parse_args()
    tasks = Ground().tasks(given.tasks, given.seed)
    slices = [list(enumerate(tasks))[place :: given.jobs] for place in range(given.jobs)]
    with ProcessPoolExecutor(given.jobs, get_context("spawn")) as pool:
        counts = Counts()
        for found in pool.map(counted, slices, [given.seed] * given.jobs):
            counts.update(found)
    lines = list(report(counts, tasks, given.seed))
    print(*lines, sep="\n")
    if given.into:
        put(given.into, lines)
    found = [(counts[*key[:-1], "beaten"], number) for key, number in counts.items() if key[-1] == "pairs"]
    sys.exit(any(beaten != pairs for beaten, pairs in found))


if __name__ == "__main__":
    main()
