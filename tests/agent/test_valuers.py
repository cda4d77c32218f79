import asyncio
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenery import RESIZE, TOOLS, attempt, call, spread
from test_llm_policy import Fake, said
from test_planner import RIGHT, walk

from searchers.bfs import Bfs
from toolbench.agent.explore import explore
from toolbench.agent.heuristic_valuer import HeuristicValuer
from toolbench.agent.llm_valuer import LlmValuer, read_score
from toolbench.agent.policy import View
from toolbench.model import Call, Node, Observation, Step, Turn

SCORES = {
    "The call worked.\nScore: 7": 7,
    "Score: 7/10": 7,
    "**Score:** 8.5": 8.5,
    "score is 3": 3,
    "Rating: 10": 10,
    "It found 3 of 5 boxes. I give it 6/10.": 6,
    "6 out of 10": 6,
    "At first 2/10, but then it recovered: 9/10": 9,
    "Score: 2\nNo, on reflection:\nScore: 4": 4,
    "Score: 7,5": 7.5,
    '{"reason": "fine", "score": 6}': 6,
    "Good so far.\n\n**8**": 8,
    "7": 7,
    "Score: 0": 0,
}
NO_SCORES = [
    "",
    "It found 3 boxes, the right ones.",
    "Score: 11",
    "Score: -1",
    "Score: none",
    "85/100",
    "The ids are 101 and 102.",
]


@pytest.mark.parametrize("text", SCORES)
def test_scores_are_read_however_they_are_written(text):
    assert read_score(text) == SCORES[text]


@pytest.mark.parametrize("text", NO_SCORES)
def test_what_is_no_score_is_none(text):
    assert read_score(text) is None


@given(st.text())
def test_whatever_a_model_says_is_read(text):
    score = read_score(text)
    assert score is None or 0 <= score <= 10


async def seen(*steps):
    """The view at which the last step was proposed, and that step with its observations."""
    path = await walk(*steps)
    given = View(turns=RESIZE.turns, path=path[:-1], tools=TOOLS, seed=7, today=date(2026, 6, 3), sample=2, attempt=1)
    return given, path[-1].step


async def test_a_model_sees_the_path_and_says_its_score():
    model = Fake(said("The box was found.\nScore: 7"))
    view, step = await seen(call(RIGHT[0]), call(RIGHT[1]))
    valuation = await LlmValuer(model, temperature=0.5).value(view, step)
    assert valuation.value == 0.7
    assert (valuation.usage.queries, valuation.usage.prompt_tokens) == (1, 100)
    (request,) = model.requests
    text = request.messages[0]["content"]
    assert text.index("Today is Wednesday, June 3, 2026") < text.index(RESIZE.turns[0].text)
    assert text.index(RESIZE.turns[0].text) < text.index("find_boxes") < text.index("Call: get_box")
    assert '{"id":"box-0101","label":"winter","size":4}' in text
    assert text.index("reason first") < text.index("Score: N")
    assert RESIZE.answer not in text
    assert (request.temperature, request.tools, request.sample) == (0.5, (), 1002)


async def test_a_model_that_says_no_score_leaves_the_value_open():
    view, step = await seen(call(RIGHT[0]), Step(kind="finish", text="It is done."))
    model = Fake(said("Splendid!"))
    valuation = await LlmValuer(model).value(view, step)
    assert valuation.value is None
    assert valuation.problem == "no score from 0 to 10 in 'Splendid!'"
    assert valuation.usage.queries == 1
    assert "is true" in model.requests[0].messages[0]["content"]


async def rated(*steps, turns=RESIZE.turns):
    view, step = await seen(*steps)
    given_turns = View(turns=turns, path=view.path, tools=TOOLS, seed=7)
    return (await HeuristicValuer().value(given_turns, step)).value


async def test_the_heuristic_knows_better_from_worse():
    good = await rated(call(RIGHT[0]), call(RIGHT[1]))
    assert good > await rated(call(RIGHT[0]), call(RIGHT[0])), "repeated"
    assert good > await rated(call(RIGHT[0]), call(("get_box", {"id": "box-9"}))), "not found"
    assert good > await rated(call(RIGHT[0]), call(("get_box", {}))), "not valid"
    assert good > await rated(call(RIGHT[0]), call(RIGHT[1]), call(LIST_ROOMS), call(LIST_BOXES)), "long"
    assert good > await rated(call(RIGHT[0]), call(("get_box", {"id": "box-0102"}))), "an id out of nowhere"


async def test_the_heuristic_looks_for_the_users_values_in_calls():
    turns = (Turn(text="Show me box-0101."),)
    used = await rated(call(("get_box", {"id": "box-0101"})), turns=turns)
    assert used > await rated(call(LIST_BOXES), turns=turns)


async def test_the_heuristic_looks_for_made_up_values_in_answers():
    true, false = (Step(kind="finish", text=f"It was {size} large; it is box-0101.") for size in (4, 77))
    assert await rated(call(RIGHT[0]), true) > await rated(call(RIGHT[0]), false)


LIST_ROOMS, LIST_BOXES = ("list_rooms", {}), ("list_boxes", {})


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_a_heuristic_value_is_a_share_and_costs_nothing(seed):
    trace = asyncio.run(explore(attempt(spread(seed), searcher=Bfs(max_queries=25, solutions=0))))
    for node in trace.nodes[1:]:
        path = trace.path(node.id)
        view = View(turns=RESIZE.turns, path=path[:-1], tools=TOOLS, seed=7)
        valuation = asyncio.run(HeuristicValuer().value(view, node.step))
        assert 0 <= valuation.value <= 1
        assert valuation.usage.queries == 0


async def test_the_heuristic_reads_days_as_they_are_meant():
    due = Turn(text="Find what is due tomorrow.")
    step = Step(
        kind="call",
        calls=(Call(id="c", tool="find_boxes", arguments={"due": "2026-05-21"}),),
        observations=(Observation(call="c", status="ok", body=[]),),
    )
    root = Node(id=0, parent=None, step=None, status="open", state="")
    views = [View(turns=(due,), path=(root,), tools=TOOLS, seed=0, today=today) for today in (date(2026, 5, 20), None)]
    right, unknown = [(await HeuristicValuer().value(view, step)).value for view in views]
    assert right > unknown
