"""The agent as a LangGraph graph: `propose` and `act` in turn, two supersteps an expansion.

The graph's state holds ids and counters only. With the tree in it, every checkpoint would copy the tree, and their
size would grow with the square of the search; the tree is in a `Growth`, passed as the run's context.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command

from searchers.base import Expand, Move, Prune, Reflect, Stop
from toolbench.agent.growth import Growth


class GraphState(TypedDict):
    """Where the exploration stands."""

    task: str
    """The task's id."""
    cursor: int
    """The searcher's node being expanded."""
    owed: int
    """Steps still to be asked for there."""
    apart: bool
    """Whether they are to be independent of those tried there before."""
    moves: int
    """Steps asked for, prunings made and reflections."""
    queries: int
    """Model queries spent."""
    done: bool
    """Whether the search has ended."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the graph's state: the run's context."""

    growth: Growth
    """The tree."""


Graph: TypeAlias = CompiledStateGraph[GraphState, Beside, GraphState, GraphState]


@cache
def graph() -> Graph:
    """Return the compiled graph: one serves every task."""
    builder = StateGraph(GraphState, context_schema=Beside)
    builder.add_node("propose", _propose, destinations=("propose", "act", END))
    builder.add_node("act", _act, destinations=("propose", END))
    builder.add_edge(START, "propose")
    return builder.compile()


async def run(growth: Growth) -> None:
    """Grow a tree until its searcher stops, its endpoint fails or its moves are used up.

    Raises:
        UnreachableError: the policy's endpoint cannot be reached at all.
    """
    attempt = growth.attempt
    start = GraphState(task=attempt.task.id, cursor=0, owed=0, apart=False, moves=0, queries=0, done=False)
    supersteps = 2 * attempt.max_moves + 2
    await graph().ainvoke(start, config={"recursion_limit": supersteps}, context=Beside(growth))


async def _propose(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    growth = runtime.context.growth
    owed = Expand(state["cursor"], state["owed"], state["apart"]) if state["owed"] else None
    move = owed or _choose(growth, state["moves"])
    match move:
        case Stop():
            growth.ending = move.reason
            return Command(update={"done": True}, goto=END)
        case Prune():
            growth.prune(move.nodes)
            return Command(update={"moves": state["moves"] + 1}, goto="propose")
        case Reflect():
            await growth.reflect(move.node)
            return Command(update={"moves": state["moves"] + 1, "queries": growth.tree.queries}, goto="propose")
        case Expand():
            await growth.ask(move.node, apart=move.apart)
            counters = {"moves": state["moves"] + 1, "queries": growth.tree.queries}
            place = {"cursor": move.node, "owed": move.n - 1, "apart": move.apart}
            return Command(update={**place, **counters}, goto="act")


def _choose(growth: Growth, moves: int) -> Move:
    attempt = growth.attempt
    return attempt.searcher.next(growth.tree) if moves < attempt.max_moves else Stop("budget")


async def _act(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    del state
    growth = runtime.context.growth
    await growth.act()
    ended = growth.ending is not None
    return Command(update={"done": ended}, goto=END if ended else "propose")
