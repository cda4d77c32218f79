"""Ratings by id."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.curation.rating import Rater, Rubric, read_ratings
from toolbench.model import ChatAnswer, ChatRequest


@given(st.dictionaries(st.integers(1, 8), st.integers(1, 10), min_size=1), st.booleans(), st.booleans())
def test_ratings_are_read_by_id_whatever_stands_around_them(given_: dict[int, int], wrapped: bool, as_text: bool):
    ones = [{"id": number, "rating": value} for number, value in given_.items()]
    if as_text:
        ones = [{"id": str(number), "rating": f"{value}/10"} for number, value in given_.items()]
    text = f"Sure!\n```json\n{json.dumps({'ratings': ones} if wrapped else ones)}\n```"
    found = read_ratings(text, 8)
    assert {place + 1: one.rating for place, one in found.items()} == given_


@pytest.mark.parametrize(
    "text",
    [
        "none",
        '[{"id": 1}]',
        '[{"rating": 5}]',
        '[{"id": 9, "rating": 5}]',
        '[{"id": 1, "rating": 0}]',
        '[{"id": 1, "rating": 11}]',
        '[{"id": 1, "rating": true}]',
        '[{"id": 1, "rating": "good"}]',
        '[{"id": 1, "rating": 5}, {"id": 1, "rating": 6}]',
        '[{"question": "Q", "rating": 5}]',
    ],
)
def test_what_is_no_rating_of_an_item_is_none(text: str):
    with pytest.raises(ValueError, match="no rating"):
        read_ratings(text, 3)


def test_other_figures_are_kept_and_texts_are_not():
    found = read_ratings('[{"id": 2, "rating": 8, "difficulty": 3, "question": "rewritten", "ok": true}]', 2)
    assert found[1].more == {"difficulty": 3.0}


class Echo:
    name = "echo"

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        self.requests.append(request)
        return ChatAnswer(content='[{"id": 1, "rating": 3}]')


async def test_a_rubric_is_a_part_of_our_prompt_or_a_whole_one():
    for text, constrained in (("Look at rhymes.", True), ("Judge {pairs} by {taste}", False)):
        model = Echo()
        rater = Rater(model, Rubric(text, 5), temperature=0, constrained=True)
        await rater.rate([{"question": "Q?"}], 0)
        (request,) = model.requests
        prompt = request.messages[-1]["content"]
        assert ("Look at rhymes." in prompt) is constrained
        assert ("by {taste}" in prompt) is not constrained
        assert '"id": 1' in prompt
        assert "Q?" in prompt
        assert bool(request.response_format) is constrained
