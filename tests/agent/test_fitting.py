"""Tools are cut to what fits; the right one stays, and what was used."""

import orjson
from hypothesis import given
from hypothesis import strategies as st
from scenery import RESIZE, TOOLS
from test_llm_policy import Fake, finish, said

from toolbench.agent.conversation import functions
from toolbench.agent.fitting import fitting, tokens
from toolbench.agent.llm_policy import LlmPolicy
from toolbench.agent.policy import View
from toolbench.model import Call, Node, Step, Turn
from toolbench.model.discovery import SEARCH, SEARCH_TOOL
from toolbench.specs import open_catalogue

ROOT = Node(id=0, parent=None, step=None, status="open", state="")
LIBRARY = {made.name: open_catalogue().api("library").tool(made.name) for made in open_catalogue().api("library").tools}


def view(text="Resize my box.", used=(), tools=TOOLS):
    steps = [
        Node(
            id=1 + place,
            parent=place,
            step=Step(kind="call", calls=(Call(id="c", tool=name, arguments={}),)),
            status="open",
            state="",
        )
        for place, name in enumerate(used)
    ]
    return View(turns=(Turn(text=text),), path=(ROOT, *steps), tools=tools, seed=0)


def size(tools):
    return tokens(list(functions(tools, "Finish")))


@given(st.integers(-50, 2000), st.lists(st.sampled_from(sorted(TOOLS)), max_size=3))
def test_what_is_kept_fits_and_holds_what_was_used(budget, used):
    kept = fitting(view(used=used), "Finish", budget)
    assert set(used) <= set(kept)
    assert list(kept) == [name for name in TOOLS if name in kept]
    assert kept
    # Each tool's share is rounded up, so the whole takes up no more than its parts.
    least = {name: TOOLS[name] for name in used} or {name: TOOLS[name] for name in list(kept)[:1]}
    assert size(kept) <= max(budget, size(least)) or len(kept) == 1


@given(st.integers(0, 2000), st.integers(0, 400))
def test_more_room_never_takes_a_tool_away(budget, more):
    assert set(fitting(view(), "Finish", budget)) <= set(fitting(view(), "Finish", budget + more))


def test_all_stay_where_there_is_room():
    assert fitting(view(), "Finish", size(TOOLS)) is TOOLS
    assert len(fitting(view(), "Finish", size(TOOLS) - 1)) < len(TOOLS)


def test_the_best_for_the_users_words_stay():
    wishes = {
        "Please delete the box called winter.": "delete_box",
        "Which rooms are there? List them.": "list_rooms",
        "Resize my winter box to 6.": "resize_box",
    }
    for words, name in wishes.items():
        assert name in fitting(view(words), "Finish", size({"get_box": TOOLS["get_box"]}) + 80)
    assert fitting(view("Zzz"), "Finish", 0).keys() == {next(iter(TOOLS))}


def test_the_tool_that_finds_others_stays():
    tools = {**LIBRARY, SEARCH: SEARCH_TOOL}
    assert SEARCH in fitting(view("List the authors.", tools=tools), "Finish", 0)


async def test_requests_stay_within_the_context():
    tools = {**TOOLS, **LIBRARY}
    for route, context in (("native", 1500), ("json_schema", 1500), ("json_prompt", 2500)):
        model = Fake(said("", ("find_boxes", '{"label": "winter"}')), finish(return_type="decline", final_answer="No."))
        policy = LlmPolicy(model, route=route, context=context)
        for used in ((), ("find_boxes",)):
            await policy.propose(view(RESIZE.turns[0].text, used, tools))
        for request in model.requests:
            told = orjson.dumps([request.messages, request.tools]).decode()
            assert request.max_tokens == context // 4
            assert len(told) / 4 + request.max_tokens <= context + 30
            assert "resize_box" in told
            assert sum(f'"{name}"' in told or f'\\"{name}\\"' in told for name in tools) < len(tools)
