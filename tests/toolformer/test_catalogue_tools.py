"""Tools of the catalogue: all whose answers say something can be called, and what their prompts show is true."""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from showing import NOTHING, Sorted, check, shown, sort

from toolbench.errors import ConfigError
from toolbench.specs import open_catalogue
from toolbench.toolformer.base import CallTool, Sample
from toolbench.toolformer.tools.catalogue import CatalogueTool
from toolbench.world.world import Landscape


@cache
def landscape(name: str) -> Landscape:
    return Landscape([open_catalogue().api(name)])


@pytest.fixture(scope="module")
def bundled() -> Sorted:
    found = Sorted([], Counter())
    for api in open_catalogue().apis():
        tools, refused = sort(landscape(api.id), list(landscape(api.id).operations))
        found.tools.extend(tools)
        found.refused.update(refused)
    return found


def test_all_bundled_tools_can_be_used_but_those_that_answer_nothing(bundled: Sorted) -> None:
    usable = bundled.usable()
    least = {"get": 17, "list": 54, "create": 34, "action": 35, "update": 15, "replace": 3, "unknown": 4}
    assert all(usable[role] >= number for role, number in least.items()), usable
    assert bundled.refused == {("delete", "the answers of X say nothing that a text could"): 12}


async def test_what_the_prompts_of_bundled_tools_show_is_true(bundled: Sorted) -> None:
    for _, tool in bundled.tools:
        await check(tool)


def test_most_calls_of_lists_narrow_them(bundled: Sorted) -> None:
    calls = [shown(shot)[0] for role, tool in bundled.tools if role == "list" for shot in tool.samples]
    assert sum(not call.endswith("()") for call in calls) > 0.95 * len(calls)


def test_tools_are_tried_where_their_own_samples_stand(bundled: Sorted) -> None:
    tried = [tool.concerns(shot.text, NOTHING) for _, tool in bundled.tools for shot in tool.samples]
    assert sum(tried) > 0.95 * len(tried)
    assert not any(tool.concerns("Rain fell all night.", NOTHING) for _, tool in bundled.tools)


@pytest.mark.parametrize(
    ("name", "text", "is_tried"),
    [
        ("library_searchBooks", "There are many books.", True),
        ("library_searchBooks", "A facebook page.", False),
        ("library_placeHold", "She wrote memberHolds there.", True),
        ("library_addBook", "She is booked out.", False),
        ("banking_list_standing_orders", "a `standing_order`", True),
        ("banking_list_standing_orders", "orders that keep standing", False),
        ("music_search_catalog", "It is in the catalog.", True),
    ],
)
def test_lists_and_creations_are_tried_where_their_noun_stands(name: str, text: str, is_tried: bool) -> None:
    assert CatalogueTool(landscape(name.partition("_")[0]), name, 0).concerns(text, NOTHING) is is_tried


def test_a_prompt_names_the_arguments(bundled: Sorted) -> None:
    advice = {tool.name: tool.advice for _, tool in bundled.tools}
    assert advice["calendar_getMe"] == "Nothing stands in the parentheses."
    assert "member_id, book_id" in advice["library_placeHold"]


@pytest.mark.parametrize("name", ["library_cancelHold", "music_delete_playlist"])
def test_what_answers_nothing_is_refused(name: str) -> None:
    api = landscape(name.partition("_")[0])
    with pytest.raises(ConfigError, match=r"say nothing that a text could. Name a tool"):
        CatalogueTool(api, name, 0)


@cache
def writers() -> list[tuple[CallTool, str]]:
    """Return tools of one API that change the same things, each with an argument text, and what lists them."""
    names = ("library_placeHold", "library_addBook", "library_searchBooks", "library_getBook", "library_updateMember")
    tools = [CatalogueTool(landscape("library"), name, 0) for name in names]
    return [(tool, call(shot)) for tool in tools for shot in tool.samples]


def call(shot: Sample) -> str:
    return shown(shot)[0].partition("(")[2].removesuffix(")")


@cache
def fresh() -> list[str]:
    """Return the answers to the calls, each of a tool that was never called."""
    api = Landscape([open_catalogue().api("library")])
    return [_answer(CatalogueTool(api, tool.name, 0), argument) for tool, argument in writers()]


def _answer(tool: CallTool, argument: str) -> str:
    # Tools of the catalogue never wait.
    coroutine = tool.run(argument, NOTHING)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 19), min_size=1, max_size=12))
def test_answers_do_not_depend_on_the_order_of_calls(order: list[int]) -> None:
    """Creations, changes and lists in any order, any number of times."""
    for place in order:
        tool, argument = writers()[place % len(writers())]
        assert _answer(tool, argument) == fresh()[place % len(writers())]


def test_the_same_seed_shows_the_same(bundled: Sorted) -> None:
    for name in ("library_placeHold", "crm_winDeal", "support_tickets_list"):
        again = CatalogueTool(landscape(name.partition("_")[0]), name, 0)
        assert [again.samples] == [tool.samples for _, tool in bundled.tools if tool.name == name]
