"""The agent as a LangGraph graph: one superstep an expansion.

Where a person reviews steps there are three: `propose`, `review`, which pauses the graph at those that are dangerous,
and `act`.

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
from toolbench.model import JsonObject

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
    builder.add_node("expand", _expand, destinations=("expand", END))
    builder.add_edge(START, "expand")
    return builder.compile()


def review_graph(checkpoints: "Checkpoints | None" = None) -> ReviewGraph:
    """Return the compiled graph that pauses before dangerous steps; to run, it needs checkpoints."""
    builder = StateGraph(ReviewState, context_schema=Beside)
    builder.add_node("propose", _propose, destinations=("propose", "review", END))
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


async def _expand(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    growth = runtime.context.growth
    update = await _move(state, growth)
    await growth.act()
    return _going_on(growth, "expand", update)


async def _propose(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    growth = runtime.context.growth
    update = await _move(state, growth)
    return Command(update=update, goto="review") if growth.waits else _going_on(growth, "propose", update)


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


async def _act(state: GraphState, runtime: Runtime[Beside]) -> Command[str]:
    del state
    growth = runtime.context.growth
    await growth.act()
    return _going_on(growth, "propose", {})


def _going_on(growth: Growth, node: str, update: JsonObject) -> Command[str]:
    """Return the command that goes on to a node, or ends the graph where the search has ended."""
    ended = growth.ending is not None
    return Command(update={**update, "done": ended}, goto=END if ended else node)


async def _move(state: GraphState, growth: Growth) -> JsonObject:
    """Make the searcher's next move, and return what it changes of the state; a step that was asked for waits then."""
    place: JsonObject = {}
    match _owed(state) or _choose(growth, state["moves"]):
        case Stop(reason):
            growth.ending = reason
            return {}
        case Prune(nodes):
            growth.prune(nodes)
        case Reflect(node):
            await growth.reflect(node)
        case Expand(node, n, apart):
            await growth.ask(node, apart=apart)
            place = {"cursor": node, "owed": n - 1, "apart": apart}
    return {**place, "moves": state["moves"] + 1, "queries": growth.tree.queries}


def _owed(state: GraphState) -> Expand | None:
    return Expand(state["cursor"], state["owed"], state["apart"]) if state["owed"] else None


def _choose(growth: Growth, moves: int) -> Move:
    attempt = growth.attempt
    return attempt.searcher.next(growth.tree) if moves < attempt.max_moves else Stop("budget")
