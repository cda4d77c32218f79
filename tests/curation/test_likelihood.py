"""Relevance and difficulty by likelihood."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolbench.curation.likelihood import likelihoods
from toolbench.model import Scored

WORDS = "red blue green house river stone".split()
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


def logprob(before: str, token: str) -> float:
    return -1.0 if token in before else -3.0 - len(token) / 10


class Counting:
    """A scorer by whose lights a word is likely where it was said before."""

    name = "counting"

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        return [
            Scored(tuple(word.encode() for word in text.split()), tuple(logprob(before, word) for word in text.split()))
            for before, text in pairs
        ]


@settings(max_examples=20)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8))
async def test_figures_are_what_their_definitions_say(pairs: list[tuple[str, str]]):
    for (question, answer), one in zip(pairs, await likelihoods(Counting(), pairs), strict=True):
        words = answer.split()
        after = sum(logprob(f"Question: {question}\nAnswer:", word) for word in words) / len(words)
        alone = sum(logprob("Answer:", word) for word in words) / len(words)
        assert one.pmi == pytest.approx(after - alone)
        assert one.ifd == pytest.approx(math.exp(-after) / math.exp(-alone))
        assert one.logprob == pytest.approx(after)
        assert 0 <= one.relevance <= 1


async def test_answers_that_belong_to_their_questions_are_more_relevant():
    pairs = [(f"about {word}", f"{word} it is") for word in WORDS]
    swapped = [(question, pairs[at - 1][1]) for at, (question, _) in enumerate(pairs)]
    found = await likelihoods(Counting(), [*pairs, *swapped])
    assert min(one.relevance for one in found[:6]) > max(one.relevance for one in found[6:])
    assert found[0].rating(10) == pytest.approx(1 + 9 * found[0].relevance)


async def test_nothing_is_scored_of_nothing():
    assert await likelihoods(Counting(), []) == []
