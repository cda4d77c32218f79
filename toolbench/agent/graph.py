"""The agent as a LangGraph graph: `propose` and `act` in turn, two supersteps an expansion.

Where a person reviews steps, a node between the two pauses the graph at those that are dangerous.

The graph's state holds ids and counters, and what a person decided. With the tree in it, every checkpoint would copy
the tree, and their size would grow with the square of the search; the tree is in a `Growth`, passed as the run's
context.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

from searchers.base import Expand, Move, Prune, Reflect, Stop
from toolbench.agent.growth import Growth
from toolbench.agent.review import Approved, Decision, Quit, Refused, Review, ReviewEndedError

if TYPE_CHECKING:
    from toolbench.agent.checkpoints import Checkpoints


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


def _joined(known: dict[str, str | None], more: dict[str, str | None]) -> dict[str, str | None]:
    return known | more


class ReviewState(GraphState):
    """Where an exploration under review stands."""

    decisions: Annotated[dict[str, str | None], _joined]
    """What was decided, by the question's key: None where the step was approved, else what the person said. Beginning
    anew on the same thread keeps it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the graph's state: the run's context."""

    growth: Growth
    """The tree."""


Graph: TypeAlias = CompiledStateGraph[GraphState, Beside, GraphState, GraphState]
ReviewGraph: TypeAlias = CompiledStateGraph[ReviewState, Beside, ReviewState, ReviewState]


@cache
def graph() -> Graph:
    """Return the compiled graph: one serves every task."""
    builder = StateGraph(GraphState, context_schema=Beside)
    builder.add_node("propose", _propose, destinations=("propose", "act", END))
    builder.add_node("act", _act, destinations=("propose", END))
    builder.add_edge(START, "propose")
    return builder.compile()


def review_graph(checkpoints: "Checkpoints | None" = None) -> ReviewGraph:
    """Return the compiled graph that pauses before dangerous steps; to run, it needs checkpoints."""
    builder = StateGraph(ReviewState, context_schema=Beside)
    builder.add_node("propose", _propose_for_review, destinations=("propose", "review", END))
    builder.add_node("review", _review)
    builder.add_node("act", _act, destinations=("propose", END))
    builder.add_edge(START, "propose")
    builder.add_edge("review", "act")
    return builder.compile(checkpointer=checkpoints)


async def run(growth: Growth) -> None:
    """Grow a tree until its searcher stops, its endpoint fails or its moves are used up.

    Raises:
        UnreachableError: the policy's endpoint cannot be reached at all.
        ReviewEndedError: who reviews the steps quit.
    """
    attempt = growth.attempt
    start = GraphState(task=attempt.task.id, cursor=0, owed=0, apart=False, moves=0, queries=0, done=False)
    config: RunnableConfig = {"recursion_limit": 3 * attempt.max_moves + 2}
    if attempt.review is None:
        await graph().ainvoke(start, config=config, context=Beside(growth))
    else:
        config["configurable"] = {"thread_id": attempt.trace_id}
        await _run_reviewed(growth, attempt.review, start, config)


async def _run_reviewed(growth: Growth, review: Review, start: GraphState, config: RunnableConfig) -> None:
    """Grow a tree with pauses for the reviewer.

    An exploration that was cut off begins anew on its thread. What was decided is still in the thread's state, and what
    endpoints and real APIs answered is on record: so the same tree grows again, and nobody is asked twice.
    """
    reviewed = review_graph(review.checkpoints)
    given: GraphState | Command[str] = start
    while True:
        state = await reviewed.ainvoke(given, config=config, context=Beside(growth), durability="sync")  # pyright: ignore[reportArgumentType] - keeps the decisions
        if "__interrupt__" not in state:
            return
        question = growth.question()
        decision: Decision = await review.reviewer.decide(question) if question else Approved()
        if isinstance(decision, Quit):
            raise ReviewEndedError(f"the review was ended at the task {growth.attempt.task.id}")
        given = Command(resume={"words": decision.words if isinstance(decision, Refused) else None})


async def _propose(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    return await _make_move(state, runtime.context.growth, "act")


async def _propose_for_review(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    return await _make_move(state, runtime.context.growth, "review")


async def _review(state: ReviewState, runtime: Runtime[Beside]) -> dict[str, dict[str, str | None]]:
    growth = runtime.context.growth
    question = growth.question()
    if question is None:
        return {}
    decided = state["decisions"]
    # The question itself is beside the state; what LangGraph keeps of it is its key.
    words = decided[question.key] if question.key in decided else interrupt(question.key)["words"]
    if words is not None:
        growth.refuse(words)
    return {"decisions": {question.key: words}}


async def _make_move(state: GraphState, growth: Growth, following: str) -> Command[str]:
    """Make the searcher's next move; a step that was asked for goes to the node `following`."""
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
            return Command(update={**place, **counters}, goto=following)


def _choose(growth: Growth, moves: int) -> Move:
    attempt = growth.attempt
    return attempt.searcher.next(growth.tree) if moves < attempt.max_moves else Stop("budget")


async def _act(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    del state
    growth = runtime.context.growth
    await growth.act()
    ended = growth.ending is not None
    return Command(update={"done": ended}, goto=END if ended else "propose")
