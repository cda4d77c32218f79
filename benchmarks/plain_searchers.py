"""The searchers once more, as plain recursions and queues, and random trees to hold the two against each other.

Each is written from the description of its algorithm, over places rather than nodes: a place is the path of branches
that leads to it, `()` the root. They share nothing with the package `searchers` but the types of its moves.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeAlias

from searchers.base import Expand, Prune, Reflect, Searcher, Status, Stop, Tree
from toolbench import plugins

Place: TypeAlias = tuple[int, ...]
Act: TypeAlias = tuple[str, Place]


@dataclass(frozen=True)
class Fate:
    """What becomes of a place, and what it costs to find out."""

    status: Status
    value: float | None
    queries: int
    calls: int
    tokens: int
    cost: float


def world(seed: int, weights: tuple[int, int, int, int, int]) -> Callable[[Place], Fate]:
    """The fate of each place, the same whoever asks. Values are eighths, so that sums do not depend on their order."""
    kinds: list[Status] = ["open", "gave_up", "failed", "answered", "pruned"]

    @cache
    def fate(place: Place) -> Fate:
        luck = random.Random(f"{seed}{place}")
        status = luck.choices(kinds, weights)[0]
        value = luck.choice([None, *(eighths / 8 for eighths in range(9))])
        queries, calls = luck.choice([1, 1, 1, 2, 3]), luck.randrange(4)
        return Fate(status, value, queries, calls, luck.randrange(100), luck.randrange(8) / 8)

    return fate


@dataclass
class Case:
    """A searcher's name, its parameters, and a random tree."""

    name: str
    seed: int
    weights: tuple[int, int, int, int, int]
    given: dict[str, Any]

    @cached_property
    def fate(self) -> Callable[[Place], Fate]:
        return world(self.seed, self.weights)


def random_case(name: str, seed: int) -> Case:
    luck = random.Random(seed)
    dead, rare = (0, 0, 1, 2, 3), (0, 0, 1)
    weights = (luck.randint(3, 15), luck.choice(dead), luck.choice(dead), luck.choice((0, 1, 2)), luck.choice(rare))
    given: dict[str, Any] = {"max_queries": luck.randint(1, 120), "max_depth": luck.randint(1, 8)}
    for bound, most in (("max_calls", 100), ("max_tokens", 4000), ("max_cost", 40)):
        if luck.random() < 0.25:
            given[bound] = luck.randint(1, most)
    if name in ("react", "react_n"):
        given["retries"] = luck.randint(0, 2)
    if name != "react":
        given |= {"width": luck.randint(1, 4), "solutions": luck.choice([1, 1, 2, 3, 0, None])}
    if name == "dfsdt" and luck.random() < 0.5:
        given["compat"] = "toolbench"
    if name == "mcts":
        given["exploration"] = luck.choice([0.0, 0.5, 1.0, 2.0])
    if name == "best_first":
        given["step_cost"] = luck.choice([0.0, 0.0625, 0.25])
    return Case(name, seed, weights, given)


@dataclass
class Found:
    """What a search did."""

    acts: list[Act]
    """Each step asked for, pruning and reflection, in order, with the place it was at."""
    solutions: list[Place]
    reason: str


def searched(case: Case) -> Found:
    """Let the searcher itself search, its tree grown as the agent grows it."""
    searcher: Searcher = _kind(case.name)(**case.given)
    tree, places, acts = Tree(), {0: ()}, []
    while not isinstance(move := searcher.next(tree), Stop):
        assert searcher.next(tree) == move, "the same tree gives the same move"
        match move:
            case Expand(at, 1, apart):
                assert apart == (case.name == "react_n" and at == 0)
                _grow(tree, places, at, case.fate)
                acts.append(("ask", places[at]))
            case Prune(nodes):
                for node in nodes:
                    tree.prune(node)
                    acts.append(("prune", places[node]))
            case Reflect(node):
                tree.nodes[node].reflected = True
                tree.queries += 1
                acts.append(("reflect", places[node]))
            case _:
                raise AssertionError(move)
    return Found(acts, [places[node] for node in tree.solutions], move.reason)


@cache
def _kind(name: str) -> Any:
    return plugins.load("searchers", name)


def _grow(tree: Tree, places: dict[int, Place], at: int, fate: Callable[[Place], Fate]) -> None:
    place = (*places[at], len(tree.nodes[at].children))
    became = fate(place)
    tree.queries += became.queries
    tree.calls += became.calls
    tree.tokens += became.tokens
    tree.cost += became.cost
    places[tree.add(at, became.status, became.value).id] = place


class EndError(Exception):
    """The search is over."""


@dataclass
class Ledger:
    """What a reference has asked for, found and spent. It ends the search."""

    case: Case
    acts: list[Act] = field(default_factory=list)
    solutions: list[Place] = field(default_factory=list)
    children: dict[Place, int] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("queries", "calls", "tokens", "cost"), 0.0))

    def over_budget(self) -> bool:
        return any(spent >= self.case.given.get(f"max_{name}", math.inf) for name, spent in self.spent.items())

    def check(self) -> None:
        wanted = self.case.given.get("solutions", 1) or math.inf
        if len(self.solutions) >= wanted:
            raise EndError("solved")
        if self.over_budget():
            raise EndError("budget")

    def ask(self, at: Place) -> tuple[Place, Fate]:
        """A further child of a place, unless the search is over."""
        self.check()
        return self.ask_unchecked(at)

    def ask_unchecked(self, at: Place) -> tuple[Place, Fate]:
        place = (*at, self.children.get(at, 0))
        self.children[at] = place[-1] + 1
        became = self.case.fate(place)
        for name in self.spent:
            self.spent[name] += getattr(became, name)
        self.acts.append(("ask", at))
        if became.status == "answered":
            self.solutions.append(place)
        return place, became

    def family(self, at: Place, width: int) -> list[tuple[Place, Fate]]:
        return [self.ask(at) for _ in range(width)]

    def prune(self, places: list[Place]) -> None:
        self.acts.extend(("prune", place) for place in places)


def worth(fate: Fate) -> float:
    if fate.status not in ("open", "answered"):
        return 0.0
    return 0.5 if fate.value is None else fate.value


def referred(case: Case) -> Found:
    """Let the reference search."""
    ledger = Ledger(case)
    try:
        REFERENCES[case.name](ledger, **{name: case.given[name] for name in case.given if name in OWN})
        ledger.check()
    except EndError as end:
        return Found(ledger.acts, ledger.solutions, str(end))
    return Found(ledger.acts, ledger.solutions, "exhausted")


OWN = ("width", "max_depth", "retries", "compat", "step_cost", "exploration")
"""Parameters that are no budgets."""


def react(ledger: Ledger, max_depth: int, retries: int) -> None:
    """Append to the chain; an unusable step is tried again a few times."""
    _chain(ledger, (), max_depth, retries)


def react_n(ledger: Ledger, max_depth: int, retries: int, width: int) -> None:
    """Begin `width` chains; one whose first step is unusable is over."""
    for _ in range(width):
        place, fate = ledger.ask(())
        if fate.status == "open":
            _chain(ledger, place, max_depth, retries)


def _chain(ledger: Ledger, at: Place, max_depth: int, retries: int) -> None:
    while len(at) < max_depth:
        for _ in range(retries + 1):
            place, fate = ledger.ask(at)
            if fate.status not in ("failed", "pruned"):
                break
        if fate.status != "open":
            return
        at = place


def dfsdt(ledger: Ledger, max_depth: int, width: int, compat: str | None = None) -> None:
    """Pre-order recursion. A call returns how many levels to go back, itself included."""

    def descend(at: Place) -> int:
        for _ in range(width):
            place, fate = _paid(ledger, at) if compat else ledger.ask(at)
            if fate.status in ("answered", "gave_up"):
                back = 2
            elif fate.status == "open" and len(place) < max_depth:
                back = descend(place)
            else:
                back = 1
            if back > 1 and (at or compat):
                return back - 1
        return 1

    descend(())


def _paid(ledger: Ledger, at: Place) -> tuple[Place, Fate]:
    """As ToolBench asks: when the budget is used up by a reply, the reply is not looked at."""
    if len(ledger.solutions) >= (ledger.case.given.get("solutions", 1) or math.inf):
        raise EndError("solved")
    place, fate = ledger.ask_unchecked(at)
    if ledger.over_budget():
        if fate.status == "answered":
            ledger.solutions.remove(place)
        if fate.status != "pruned":
            ledger.prune([place])
        ledger.check()
    return place, fate


def dfs(ledger: Ledger, max_depth: int, width: int) -> None:
    """Ask for all children, then go down into each, the best first."""

    def descend(at: Place) -> None:
        ranked = sorted(ledger.family(at, width), key=lambda child: -worth(child[1]))
        for place, fate in ranked:
            if fate.status == "open" and len(place) < max_depth:
                descend(place)

    descend(())


def bfs(ledger: Ledger, max_depth: int, width: int) -> None:
    """A queue."""
    queue: deque[Place] = deque([()])
    while queue:
        for place, fate in ledger.family(queue.popleft(), width):
            if fate.status == "open" and len(place) < max_depth:
                queue.append(place)


def beam(ledger: Ledger, max_depth: int, width: int) -> None:
    """Levels, each cut to its best before it is expanded."""
    level: list[Place] = [()]
    for depth in range(1, max_depth + 1):
        grown = [child for place in level for child in ledger.family(place, width)]
        going = [(place, fate) for place, fate in grown if fate.status == "open"]
        if depth == max_depth or not going:
            return
        ledger.check()
        best = sorted(range(len(going)), key=lambda place: (-worth(going[place][1]), place))[:width]
        ledger.prune([going[place][0] for place in range(len(going)) if place not in best])
        level = [going[place][0] for place in sorted(best)]


def best_first(ledger: Ledger, max_depth: int, width: int, step_cost: float) -> None:
    """A priority queue, by value less the steps' cost, then by age."""
    heap: list[tuple[float, int, Place]] = [(0.0, 0, ())]
    born = 0
    while heap:
        *_, at = heapq.heappop(heap)
        for place, fate in ledger.family(at, width):
            born += 1
            if fate.status == "open" and len(place) < max_depth:
                heapq.heappush(heap, (-(worth(fate) - step_cost * len(place)), born, place))


@dataclass
class Visited:
    """A node of the Monte Carlo tree."""

    place: Place
    fate: Fate
    parent: "Visited | None" = None
    visits: int = 1
    sum: float = 0.0
    children: list["Visited"] = field(default_factory=list)

    def uct(self, parent: "Visited", exploration: float) -> float:
        return self.sum / self.visits + exploration * math.sqrt(math.log(parent.visits) / self.visits)

    def upwards(self) -> Iterator["Visited"]:
        yield self
        if self.parent:
            yield from self.parent.upwards()


def mcts(ledger: Ledger, max_depth: int, width: int, exploration: float) -> None:
    """Rounds of selection, expansion, simulation, back-propagation and reflection."""
    root = Visited((), Fate("open", None, 0, 0, 0, 0.0), sum=0.5)

    def goes_on(node: Visited) -> bool:
        return node.fate.status == "open" and len(node.place) < max_depth

    def has_leaf(node: Visited) -> bool:
        return any(map(has_leaf, node.children)) if node.children else goes_on(node)

    def select(node: Visited) -> Visited:
        live = [child for child in node.children if has_leaf(child)]
        return select(max(live, key=lambda child: child.uct(node, exploration))) if live else node

    def simulate(node: Visited) -> Visited:
        for place, fate in ledger.family(node.place, width):
            node.children.append(Visited(place, fate, node, sum=worth(fate)))
        best = max(node.children, key=lambda child: worth(child.fate))
        return simulate(best) if goes_on(best) else best

    while has_leaf(root):
        end = simulate(select(root))
        for node in end.upwards():
            node.visits += 1
            node.sum += worth(end.fate)
        if end.fate.status in ("gave_up", "open"):
            ledger.check()
            ledger.acts.append(("reflect", end.place))
            ledger.spent["queries"] += 1


REFERENCES: dict[str, Callable[..., None]] = {
    "beam": beam,
    "best_first": best_first,
    "bfs": bfs,
    "dfs": dfs,
    "dfsdt": dfsdt,
    "mcts": mcts,
    "react": react,
    "react_n": react_n,
}
