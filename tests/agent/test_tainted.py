"""On a real backend backtracking undoes nothing: paths after another branch's write are marked, and only those."""

import asyncio
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from scenery import PROVENANCE, TALK, Backend, Boxes, Scripted, attempt, call, calls_of, spread

from searchers.dfsdt import Dfsdt
from toolbench.agent.explore import explore
from toolbench.model import Step, Trace

LIVE = PROVENANCE.model_copy(update={"executor": "live"})


class Handle:
    """A state of which nothing is known."""

    digest = ""


@dataclass
class Shared(Backend):
    """A real backend: one for all branches, whatever state they believe to be in."""

    now: Boxes = field(default_factory=Boxes)

    async def call(self, call, state):
        # Ids of new boxes come from the clock, which on a real backend nobody's reading moves.
        seen, after = await super().call(call, replace(self.now, clock=len(self.now.boxes)))
        sent = seen.status not in ("unknown_tool", "invalid_arguments")
        self.now = after if sent else self.now
        return seen.model_copy(update={"time": 0.0}), Handle() if sent else state


def explored(seed: int, width: int = 3, solutions: int = 3) -> Trace:
    searcher = Dfsdt(width=width, max_depth=4, max_queries=40, solutions=solutions)
    return asyncio.run(explore(attempt(spread(seed), searcher=searcher, executor=Shared(), provenance=LIVE)))


async def alone(trace: Trace, leaf: int) -> list:
    """What a path's calls give on a backend where nothing else was done."""
    backend = Shared()
    return [(await backend.call(one, None))[0] for one, _ in calls_of(trace, leaf)]


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_what_is_not_tainted_would_have_been_the_same_alone(seed):
    trace = explored(seed)
    for node in trace.nodes:
        if not node.tainted:
            assert asyncio.run(alone(trace, node.id)) == [seen for _, seen in calls_of(trace, node.id)]


def writes(node) -> bool:
    """Whether a node's step sent something that is more than reading."""
    steps = zip(node.step.calls, node.step.observations, strict=True) if node.step else ()
    sent = (one.tool for one, seen in steps if seen.status in ("ok", "http_error"))
    return any(not name.startswith(("list_", "find_", "get_")) for name in sent)


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32), width=st.integers(1, 3))
def test_only_what_follows_a_write_elsewhere_is_tainted(seed, width):
    trace = explored(seed, width)
    for node in trace.nodes:
        path = {one.id for one in trace.path(node.id)}
        # A repetition of a sibling is not run; what it repeats wrote earlier, so it makes no difference here.
        elsewhere = [other for other in trace.nodes[: node.id] if other.id not in path and writes(other)]
        assert node.tainted == bool(elsewhere)
        assert all(trace.nodes[one].tainted <= node.tainted for one in path)


def test_it_happens_and_the_simulation_knows_nothing_of_it():
    assert any(node.tainted for seed in range(20) for node in explored(seed).nodes)
    for seed in range(20):
        assert not any(node.tainted for node in asyncio.run(explore(attempt(spread(seed)))).nodes)


def test_the_users_turn_is_as_tainted_as_what_it_answers():
    """One branch makes a box and fails; the next one is asked in turn."""

    def step(view):
        if len(view.path) == 1 and not view.siblings:
            return call(("create_box", {"label": "a", "size": 1}))
        return Step(kind="give_up") if view.path[-1].step and view.path[-1].step.calls else Step(kind="ask", text="?")

    trace = asyncio.run(
        explore(attempt(Scripted(step), task=TALK, searcher=Dfsdt(width=2), executor=Shared(), provenance=LIVE))
    )
    spoken = [node for node in trace.nodes if node.step and node.step.kind == "user"]
    assert spoken
    assert all(node.tainted for node in spoken)
