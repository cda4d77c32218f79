"""What a model says is read, or counted as silence."""

import json

from hypothesis import given
from hypothesis import strategies as st

from toolbench.llm.asking import Silence, ask, objects, short, values, without_thoughts
from toolbench.model import Chat, ChatAnswer, ChatRequest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PROSE = st.text(alphabet=st.characters(exclude_characters="{[]}"), max_size=30)


class Speaker:
    name = "speaker"

    def __init__(self, said):
        self.said = said

    async def chat(self, request):
        return ChatAnswer(content=self.said)


@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=4), PROSE)
def test_objects_are_found_whatever_stands_around_them(wanted, prose):
    assert list(objects(prose + prose.join(map(json.dumps, wanted)) + prose)) == wanted


@given(st.lists(st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=5), VALUES), max_size=4), PROSE)
def test_arrays_are_found_too(wanted, prose):
    assert list(values(prose + prose.join(map(json.dumps, wanted)) + prose)) == wanted


def test_half_an_object_is_none():
    assert list(objects('{"a": 1} {"b": [1, 2')) == [{"a": 1}]


def test_thoughts_are_left_out():
    assert without_thoughts("<think>{no}</think>yes<think>and on") == "yes"


@given(st.text())
def test_a_reason_is_one_line_of_bounded_length(text):
    assert len(short(text)) <= 400
    assert "\n" not in short(text)


async def test_what_cannot_be_read_is_kept_for_a_look():
    request = ChatRequest(chat=Chat([{"role": "user", "content": "?"}]))
    assert await ask(Speaker("7"), request, int) == 7
    silent = await ask(Speaker("seven"), request, int)
    assert isinstance(silent, Silence)
    assert (silent.kind, silent.text) == ("unparseable", "seven")
