"""Chats as chains of messages."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from toolbench.model import Chat

MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "tool"]), "content": st.text()}), max_size=6
)


@given(MESSAGES, st.data())
def test_a_chat_is_its_messages_however_it_was_put_together(messages, data):
    cut = data.draw(st.integers(0, len(messages)))
    whole, grown = Chat(messages), Chat(messages[:cut]).plus(messages[cut:])
    assert grown.messages == whole.messages == tuple(messages)
    assert orjson.loads(grown.to_json()) == messages
    assert (grown, grown.digest, hash(grown)) == (whole, whole.digest, hash(whole))


@given(MESSAGES, MESSAGES)
def test_different_messages_make_different_chats(one, other):
    assert (Chat(one) == Chat(other)) is (one == other)


@given(MESSAGES, MESSAGES)
def test_what_goes_on_from_a_chat_leaves_it_as_it_is(before, more):
    chat = Chat(before)
    known = chat.digest
    chat.plus(more)
    assert (chat.digest, chat.messages) == (known, tuple(before))
