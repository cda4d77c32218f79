"""What searchers ask of the agent: steps that stand apart, values, reflections; and every searcher at work."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenery import CREATE, RESIZE, TALK, Backend, Scripted, attempt, call, spread
from test_explore import GIVE_UP, LIST, Moves, chain, check_form, states_again
from test_llm_policy import ANSWER, FIND, Fake, said
from test_llm_policy import GIVE_UP as GIVES_UP

from searchers.base import Expand, Reflect, Stop
from searchers.dfsdt import Dfsdt
from toolbench import plugins
from toolbench.agent.explore import explore
from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.llm_policy import LONGEST_LESSON, LlmPolicy
from toolbench.agent.planner import Planner
from toolbench.agent.valuer import Valuation
from toolbench.errors import EndpointError, UnreachableError
from toolbench.model import Step, Usage, canonical

NAMES = sorted(plugins.names("searchers"))
FINISH = Step(kind="finish", text="Done.")


class Rating:
    """A valuer that gives these values in turn, each for a query."""

    def __init__(self, *values):
        self.values, self.asked = list(values), []

    async def value(self, view, step):
        self.asked.append((view, step))
        value = self.values.pop(0)
        if isinstance(value, Exception):
            raise value
        return Valuation(value=value, usage=Usage(queries=1, prompt_tokens=7), problem="" if value else "no score")


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), name=st.sampled_from(NAMES), solutions=st.integers(0, 3))
def test_every_searcher_on_trees_with_writes(seed, name, solutions):
    bounds = {"max_queries": 25, "max_depth": 4} | ({} if name == "react" else {"solutions": solutions})
    made = attempt(spread(seed), searcher=plugins.load("searchers", name)(**bounds), valuer=HeuristicValuer())
    trace = asyncio.run(explore(made))
    check_form(trace)
    assert [node.state for node in trace.nodes] == states_again(trace)
    assert trace.usage.queries <= 25
    assert trace == asyncio.run(explore(made))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("task", [RESIZE, CREATE, TALK], ids=lambda task: task.kind + task.id[-1])
def test_every_searcher_ends_cleanly_with_the_planner(name, task):
    made = attempt(Planner(task), task=task, searcher=plugins.load("searchers", name)(), valuer=HeuristicValuer())
    trace = asyncio.run(explore(made))
    assert (trace.outcome, trace.nodes[trace.best].status) == ("answered", "answered")
    assert [node.state for node in trace.nodes] == states_again(trace)


async def test_steps_that_stand_apart_may_be_the_same():
    policy, backend = chain(call(LIST), call(LIST), call(LIST)), Backend()
    moves = Moves(Expand(0, 2, apart=True), Expand(0, apart=True))
    trace = await explore(attempt(policy, searcher=moves, executor=backend))
    assert [node.status for node in trace.nodes] == ["open", "exhausted", "exhausted", "exhausted"]
    assert [view.siblings for view in policy.views] == [(), (), ()]
    assert [view.sample for view in policy.views] == [0, 1, 2]
    assert len(backend.ran) == 1


class Endless(Moves):
    """Deepens the newest node; stops when told."""

    def __init__(self, stop=None, *, needs_value=True):
        self.stop, self.needs_value = stop or (lambda tree: None), needs_value

    def next(self, tree):
        reason = self.stop(tree)
        return Stop(reason) if reason else Expand(tree.nodes[-1].parent if self._is_dead(tree) else tree.nodes[-1].id)

    def _is_dead(self, tree):
        return tree.nodes[-1].status != "open"


def budget(most):
    return lambda tree: "budget" if tree.queries >= most else None


async def test_the_budget_counts_values():
    policy = Scripted(lambda view: call(("get_box", {"id": str(len(view.path))})))
    valuer = Rating(0.5, None, 1.0, 0.25)
    trace = await explore(attempt(policy, searcher=Endless(budget(7)), valuer=valuer))
    assert [node.value for node in trace.nodes] == [None, 0.5, None, 1.0, None]
    assert [node.usage.queries for node in trace.nodes] == [0, 2, 2, 2, 1]
    assert valuer.values == [0.25], "what cannot matter any more is not valued"
    assert [(error.node, error.kind, error.message) for error in trace.errors] == [(2, "unvalued", "no score")]
    view, step = valuer.asked[1]
    assert [node.id for node in view.path] == [0, 1]
    assert step.observations[0].call == "c2_0"


async def test_dead_ends_are_not_valued_and_answers_are():
    policy, valuer = chain(call(LIST), GIVE_UP, call(("list_rooms", {})), FINISH), Rating(0.5, 0.25, 0.75)
    trace = await explore(
        attempt(policy, searcher=Endless(lambda tree: "exhausted" if tree.solutions else None), valuer=valuer)
    )
    assert [node.value for node in trace.nodes] == [None, 0.5, None, 0.25, 0.75]


@pytest.mark.parametrize("searcher", [Dfsdt(), Endless(budget(1), needs_value=False)])
async def test_who_needs_no_values_pays_for_none(searcher):
    valuer = Rating()
    trace = await explore(attempt(chain(FINISH), searcher=searcher, valuer=valuer))
    assert not valuer.asked
    assert trace.usage.queries == 1


async def test_a_valuer_that_fails_is_survived_unless_nobody_is_there():
    policy = Scripted(lambda view: call(("get_box", {"id": str(len(view.path))})))
    trace = await explore(attempt(policy, searcher=Endless(budget(3)), valuer=Rating(EndpointError("HTTP 500"))))
    assert [error.message for error in trace.errors] == ["HTTP 500"]
    assert trace.nodes[1].usage.queries == 2
    with pytest.raises(UnreachableError):
        await explore(attempt(policy, searcher=Endless(budget(3)), valuer=Rating(UnreachableError("nobody"))))


async def test_reflections_are_shown_in_later_requests_and_nowhere_else():
    policy = chain(call(LIST), GIVE_UP, FINISH)
    trace = await explore(attempt(policy, searcher=Moves(Expand(0), Expand(1), Reflect(2), Expand(0))))
    assert trace.nodes[2].reflection == "Avoid node 2."
    assert trace.nodes[2].usage == Usage(queries=2, prompt_tokens=15, completion_tokens=3, cost=0.375)
    assert [[node.id for node in view.lessons] for view in policy.views] == [[], [], [2]]
    assert [node.lessons_shown for node in trace.nodes] == [(), (), (), (2,)]
    assert trace.usage == sum((node.usage for node in trace.nodes), Usage())


async def test_the_planner_does_not_learn():
    made = attempt(Planner(RESIZE), searcher=Moves(Expand(0), Reflect(1), Expand(1)))
    trace = await explore(made)
    assert trace.usage.queries == 2
    assert trace.nodes[1].reflection == ""
    assert trace.nodes[2].lessons_shown == ()


async def reflected(*answers):
    model = Fake(*answers)
    moves = Moves(Expand(0), Expand(1), Reflect(2), Expand(0), Expand(3))
    trace = await explore(attempt(LlmPolicy(model), searcher=moves))
    return trace, model.requests


async def test_a_model_is_asked_what_was_learned():
    lesson = "Look for the winter box by its label.\ud800"
    trace, requests = await reflected(said("", FIND), GIVES_UP, said(lesson), said("", ("list_rooms", "{}")), ANSWER)
    asked, hinted, after = requests[2:]
    assert asked.tools == ()
    (question,) = asked.messages
    assert RESIZE.turns[0].text in question["content"]
    assert 'Call: find_boxes {"label":"winter"}' in question["content"]
    assert '"id":"box-0101"' in question["content"]
    assert "Assistant gave up.\n" in question["content"]
    assert "the assistant gave up" in question["content"]
    assert hinted.messages[:2] == requests[0].messages
    (note,) = hinted.messages[2:]
    assert note["content"].startswith("[Note from the search, not from the user]")
    assert "1. Look for the winter box by its label.?" in note["content"]
    assert "find_boxes" in note["content"], "what was tried from here comes with it"
    assert "winter box by its label" in after.messages[-1]["content"], "it is shown deeper down, too"
    assert [node.lessons_shown for node in trace.nodes] == [(), (), (), (2,), (2,)]
    assert trace.nodes[3].siblings_shown == (1,)
    kept = [node.model_dump(exclude={"reflection"}) for node in trace.nodes]
    assert b"winter box by its label" not in canonical(kept)


async def test_a_long_lesson_is_cut_and_none_is_no_note():
    trace, requests = await reflected(said("", FIND), GIVES_UP, said("x" * 5000), said("", FIND), ANSWER)
    assert trace.nodes[2].reflection == "x" * LONGEST_LESSON
    trace, requests = await reflected(said("", FIND), GIVES_UP, said(" "), said("", ("list_rooms", "{}")), ANSWER)
    assert trace.nodes[3].lessons_shown == ()
    assert "have failed" not in requests[3].messages[-1]["content"]


async def test_only_the_latest_lessons_are_told():
    model = Fake(
        *[GIVES_UP, said("one"), GIVES_UP, said("two"), GIVES_UP, said("three"), GIVES_UP, said("four"), ANSWER]
    )
    places = [move for leaf in range(1, 5) for move in (Expand(0, apart=True), Reflect(leaf))]
    trace = await explore(attempt(LlmPolicy(model), searcher=Moves(*places, Expand(0, apart=True))))
    assert trace.nodes[5].lessons_shown == (2, 3, 4)
    told = model.requests[-1].messages[-1]["content"]
    assert "one" not in told.split("learned from them:")[1]
    assert "1. two\n2. three\n3. four\n" in told


async def test_a_model_that_cannot_reflect_is_survived_unless_nobody_is_there():
    trace, _ = await reflected(
        said("", FIND), GIVES_UP, EndpointError("HTTP 500"), said("", ("list_rooms", "{}")), ANSWER
    )
    assert [(error.node, error.kind, error.message) for error in trace.errors] == [(2, "unreflected", "HTTP 500")]
    assert trace.nodes[2].usage.queries == 2
    with pytest.raises(UnreachableError):
        await reflected(said("", FIND), GIVES_UP, UnreachableError("nobody"))
