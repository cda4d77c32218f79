import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenery import (
    CREATE,
    PROVENANCE,
    TALK,
    TOOLS,
    Backend,
    Boxes,
    Scripted,
    attempt,
    call,
    calls_of,
    spread,
)

from searchers.base import Expand, Prune, Stop
from searchers.dfsdt import Dfsdt
from searchers.react import React
from toolbench.agent.explore import explore
from toolbench.agent.graph import Beside, GraphState, graph
from toolbench.agent.growth import Growth
from toolbench.errors import EndpointError, UnreachableError
from toolbench.model import Step, Trace, Turn, Usage, canonical, digest

GIVE_UP = Step(kind="give_up")
BAD = Step(kind="invalid", problem="bad")
LIST = ("list_boxes", {})


def chain(*steps):
    """A policy that takes these steps in turn, whoever asks."""
    left = iter(steps)
    return Scripted(lambda view: next(left))


def states_again(trace):
    """The state after each node, found by running its whole path anew."""

    async def replayed(leaf):
        state = Boxes()
        for one, _ in calls_of(trace, leaf):
            _, state = await Backend().call(one, state)
        return state.digest

    return [asyncio.run(replayed(node.id)) for node in trace.nodes]


@settings(max_examples=400)
@given(
    seed=st.integers(0, 2**32),
    width=st.integers(1, 3),
    max_depth=st.integers(1, 6),
    max_queries=st.integers(1, 60),
    solutions=st.integers(1, 3),
)
def test_random_trees(seed, width, max_depth, max_queries, solutions):
    searcher = Dfsdt(width=width, max_depth=max_depth, max_queries=max_queries, solutions=solutions)
    backend = Backend()
    trace = asyncio.run(explore(attempt(spread(seed), searcher=searcher, executor=backend)))
    check_form(trace)
    answered = [node.id for node in trace.nodes if node.status == "answered"]
    assert not answered or trace.best == answered[0]
    assert [node.state for node in trace.nodes] == states_again(trace), "backtracking goes on from the ancestor's state"
    assert trace.usage.queries <= max_queries
    assert trace.usage.calls == len(backend.ran)
    assert len(trace.nodes) - 1 == trace.usage.queries - sum(e.kind == "identical_sibling" for e in trace.errors)
    assert trace == asyncio.run(explore(attempt(spread(seed), searcher=searcher)))


def check_form(trace: Trace):
    assert [node.id for node in trace.nodes] == list(range(len(trace.nodes)))
    assert trace.usage == sum((node.usage for node in trace.nodes), Usage())
    assert trace.content == digest([node.model_dump(mode="json") for node in trace.nodes])
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
    ids = [one.id for node in trace.nodes if node.step for one in node.step.calls]
    assert len(ids) == len(set(ids))
    leaves = set(trace.leaves())
    for node in trace.nodes[1:]:
        assert node.parent is not None
        assert node.parent < node.id
        assert node.step is not None
        assert [seen.call for seen in node.step.observations] == [one.id for one in node.step.calls]
        assert all(one.id == f"c{node.id}_{place}" for place, one in enumerate(node.step.calls))
        assert node.id in leaves or node.status == "open"
    answered = [node.id for node in trace.nodes if node.status == "answered"]
    assert (trace.outcome == "answered") == bool(answered)
    best = trace.best is not None and trace.nodes[trace.best].status
    assert best == "answered" if answered else best in (False, "exhausted")


def test_siblings_never_repeat_unless_pruned():
    pruned = 0
    for seed in range(150):
        trace = asyncio.run(explore(attempt(spread(seed, ends=0.4, sorts=2), searcher=Dfsdt(width=3, max_depth=4))))
        seen = {}
        for node in trace.nodes[1:]:
            if node.step.kind == "invalid":
                continue
            act = canonical([node.parent, node.step.kind, [[c.tool, c.arguments] for c in node.step.calls]])
            if node.step.kind == "finish":
                act += node.step.text.encode()
            assert (act in seen) == (node.status == "pruned")
            if node.status == "pruned":
                pruned += 1
                twin = seen[act]
                assert node.state == twin.state
                assert node.usage.calls == 0
                assert node.usage.queries == 2 or trace.usage.queries == 60
                assert [o.body for o in node.step.observations] == [o.body for o in twin.step.observations]
            seen.setdefault(act, node)
    assert pruned > 20


async def test_a_repeated_step_is_asked_for_again_with_the_next_sample():
    policy = chain(call(LIST), GIVE_UP, call(LIST), call(("list_rooms", {})), Step(kind="finish", text="x"))
    backend = Backend()
    trace = await explore(attempt(policy, executor=backend))
    assert [node.status for node in trace.nodes] == ["open", "open", "gave_up", "open", "answered"]
    assert [view.sample for view in policy.views] == [0, 0, 1, 2, 0]
    assert [node.sampled for node in trace.nodes] == [0, 0, 0, 2, 0]
    assert trace.nodes[3].siblings_shown == (1,)
    assert trace.nodes[3].usage == Usage(queries=2, calls=1, prompt_tokens=20, completion_tokens=4, cost=0.5)
    assert [(e.node, e.kind, e.message) for e in trace.errors] == [(0, "identical_sibling", "sample 1 repeats node 1")]
    assert [one.tool for one in backend.ran] == ["list_boxes", "list_rooms"]


@pytest.mark.parametrize("executor", ["mock", "live"])
async def test_a_step_that_stays_the_same_is_pruned_and_not_run_again(executor):
    wanted = call(("create_box", {"label": "a", "size": 1}))
    policy, backend = chain(wanted, GIVE_UP, wanted, wanted), Backend()
    provenance = PROVENANCE.model_copy(update={"executor": executor})
    trace = await explore(attempt(policy, executor=backend, provenance=provenance))
    assert [node.status for node in trace.nodes] == ["open", "open", "gave_up", "pruned"]
    assert trace.nodes[3].step.observations[0].body == trace.nodes[1].step.observations[0].body
    assert trace.nodes[3].step.observations[0].call == "c3_0"
    assert len(backend.ran) == 1
    assert trace.outcome == "gave_up"


async def test_a_repetition_at_the_end_of_the_budget_is_kept_not_asked_again():
    policy = chain(call(LIST), GIVE_UP, call(LIST))
    trace = await explore(attempt(policy, searcher=Dfsdt(max_queries=3)))
    assert [node.status for node in trace.nodes] == ["open", "open", "gave_up", "pruned"]
    assert (trace.usage.queries, trace.outcome) == (3, "exhausted")


@pytest.mark.parametrize(("executor", "runs"), [("mock", 3), ("live", 4), ("replay", 4)])
async def test_siblings_share_what_they_have_in_common(executor, runs):
    both = (LIST, ("create_box", {"label": "a", "size": 1}))
    policy, backend = chain(call(*both), GIVE_UP, call(LIST, ("list_rooms", {})), GIVE_UP), Backend()
    provenance = PROVENANCE.model_copy(update={"executor": executor})
    trace = await explore(attempt(policy, executor=backend, provenance=provenance, searcher=Dfsdt(max_queries=4)))
    assert len(backend.ran) == runs
    assert trace.usage.calls == runs
    assert [node.usage.calls for node in trace.nodes] == [0, 2, 0, runs - 2, 0]
    assert [seen.call for seen in trace.nodes[3].step.observations] == ["c3_0", "c3_1"]
    assert [node.state for node in trace.nodes] == await asyncio.to_thread(states_again, trace)


async def test_a_tool_error_does_not_end_a_chain():
    policy = chain(call(("no_such_tool", {})), call(("get_box", {"id": 3})), Step(kind="finish", text="done"))
    trace = await explore(attempt(policy, searcher=React()))
    assert [node.parent for node in trace.nodes] == [None, 0, 1, 2]
    assert [trace.nodes[i].step.observations[0].status for i in (1, 2)] == ["unknown_tool", "invalid_arguments"]
    assert (trace.outcome, trace.best) == ("answered", 3)


async def test_an_endpoint_error_ends_the_trace_with_all_that_was_found():
    policy = chain(call(LIST), EndpointError("no usable answer"))
    trace = await explore(attempt(policy))
    assert [node.status for node in trace.nodes] == ["open", "open", "failed"]
    assert (trace.outcome, trace.best) == ("failed", None)
    assert [(e.node, e.kind, e.message) for e in trace.errors] == [(1, "endpoint", "no usable answer")]
    assert trace.nodes[2].step == Step(kind="invalid", problem="no usable answer")
    check_form(trace)


async def test_an_endpoint_error_while_asking_again_keeps_what_was_paid():
    policy = chain(call(LIST), GIVE_UP, call(LIST), EndpointError("gone"))
    trace = await explore(attempt(policy))
    assert trace.nodes[-1].status == "failed"
    assert trace.usage.queries == 4
    assert trace.nodes[-1].usage.cost == 0.25


async def test_an_unreachable_endpoint_ends_everything():
    with pytest.raises(UnreachableError):
        await explore(attempt(chain(call(LIST), UnreachableError("nobody there"))))


async def test_outcomes():
    async def outcome(*steps, **others):
        trace = await explore(attempt(chain(*steps), **others))
        return trace.outcome, [node.status for node in trace.nodes]

    assert await outcome(GIVE_UP, searcher=React()) == ("gave_up", ["open", "gave_up"])
    assert await outcome(BAD, BAD) == ("failed", ["open", "failed", "failed"])
    assert await outcome(BAD, GIVE_UP) == ("gave_up", ["open", "failed", "gave_up"])
    assert await outcome(call(LIST), searcher=Dfsdt(max_queries=1)) == ("exhausted", ["open", "exhausted"])
    assert await outcome(call(LIST), searcher=React(max_depth=1)) == ("exhausted", ["open", "exhausted"])
    solved = await outcome(GIVE_UP, Step(kind="decline", text="no"))
    assert solved == ("answered", ["open", "gave_up", "answered"])


async def test_turns_of_the_user_are_nodes_of_the_trace_but_not_of_the_search():
    ask, finish = Step(kind="ask", text="Which label?"), Step(kind="finish", text="Done.")
    made = call(("create_box", {"label": "books", "size": 12}))
    policy = chain(ask, made, finish, GIVE_UP, Step(kind="finish", text="Here."), finish)
    trace = await explore(attempt(policy, task=TALK))
    kinds = [node.step.kind if node.step else "" for node in trace.nodes]
    assert kinds == ["", "ask", "user", "call", "finish", "user", "give_up", "finish", "user", "finish"]
    assert [node.parent for node in trace.nodes] == [None, 0, 1, 2, 3, 4, 5, 3, 7, 8]
    assert [len(view.turns) for view in policy.views] == [1, 2, 2, 3, 2, 3]
    assert [tuple(view.tools) for view in policy.views][:4] == [("create_box", "list_boxes")] * 3 + [("delete_box",)]
    assert [view.path[-1].id for view in policy.views] == [0, 2, 3, 5, 3, 8]
    assert [node.status for node in trace.nodes if node.step and node.step.kind == "finish"] == [
        "open",
        "open",
        "answered",
    ]
    assert (trace.outcome, trace.best) == ("answered", 9)
    assert policy.views[4].siblings[0].id == 4
    check_form(trace)


async def test_tools_offered_without_a_list_are_all():
    policy = chain(GIVE_UP, GIVE_UP, GIVE_UP)
    await explore(attempt(policy, task=CREATE.model_copy(update={"turns": (Turn(text="Hm."),)})))
    assert policy.views[0].tools == TOOLS


class Moves:
    """A searcher that makes the moves it is given, then stops."""

    def __init__(self, *moves):
        self.moves, self.left = moves, list(moves)

    def next(self, tree):
        return self.left.pop(0) if self.left else Stop("exhausted")

    def best(self, tree):
        return None


async def test_pruning_and_several_steps_at_once():
    policy = chain(call(LIST), call(("list_rooms", {})), call(("no", {})), call(LIST))
    trace = await explore(attempt(policy, searcher=Moves(Expand(0, 3), Prune([1, 3]), Expand(2))))
    assert [node.parent for node in trace.nodes] == [None, 0, 0, 0, 2]
    assert [node.status for node in trace.nodes] == ["open", "pruned", "open", "pruned", "exhausted"]
    assert [len(view.siblings) for view in policy.views] == [0, 1, 2, 0]


@pytest.mark.parametrize("move", [Prune([]), Expand(0)])
async def test_a_searcher_that_never_stops_is_stopped(move):
    class Endless(Moves):
        def next(self, tree):
            return move

    policy = Scripted(lambda view: call(("get_box", {"id": str(view.sample)})))
    trace = await explore(attempt(policy, searcher=Endless(), max_moves=25))
    assert len(trace.nodes) == (1 if isinstance(move, Prune) else 26)
    assert trace.outcome == "exhausted"


async def test_attempts_and_configs_have_ids_of_their_own():
    def one(**others):
        return explore(attempt(chain(Step(kind="finish", text="x")), **others))

    again = PROVENANCE.model_copy(update={"config": "other"})
    traces = [await one(), await one(sample=1), await one(provenance=again), await one()]
    assert len({trace.id for trace in traces}) == 3
    assert len({trace.content for trace in traces}) == 1
    assert traces[0] == traces[3]
    assert traces[0].id[0] == "r"
    assert len(traces[0].id) == 17
    assert traces[0].tools == {name: digest(tool.model_dump(mode="json")) for name, tool in TOOLS.items()}


async def test_traces_do_not_depend_on_what_else_runs():
    class Slow(Backend):
        async def call(self, call, state):
            for _ in range(random.randrange(4)):
                await asyncio.sleep(0)
            return await super().call(call, state)

    def one(seed):
        return explore(attempt(spread(seed), executor=Slow(), searcher=Dfsdt(max_depth=5)))

    alone = [await one(seed) for seed in range(40)]
    together = await asyncio.gather(*(one(seed) for seed in reversed(range(40))))
    assert [trace.model_dump_json() for trace in alone] == [trace.model_dump_json() for trace in reversed(together)]


async def test_the_graphs_state_stays_small():
    policy = Scripted(lambda view: call(("create_box", {"label": "x" * 1000, "size": len(view.path)})))
    growth = Growth(attempt(policy, searcher=Dfsdt(max_depth=150, max_queries=150)), Boxes())
    start = GraphState(task="t1", cursor=0, owed=0, apart=False, moves=0, queries=0, done=False)
    config = {"recursion_limit": 1000}
    stream = graph().astream(start, config=config, context=Beside(growth), stream_mode="values")
    states = [state async for state in stream]
    assert len(growth.nodes) == 151
    assert max(len(canonical(state)) for state in states) < 120
    assert len(states) == 150 + 2, "the start, one superstep an expansion, one to stop"
    assert states[-1]["done"]
    assert graph() is graph()
