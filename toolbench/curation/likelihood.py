"""What a small model's log-probabilities say of an answer: whether it belongs to its question, and how hard it is."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import Scorer

BEFORE = "Answer:"
"""What an answer stands after where no question is known."""

FEWEST = 8
"""Mismatched pairs that relevance is held against, at least."""

UNRELATED = (
    "What is the colour of the sky on a clear day?",
    "How many legs does a spider have?",
    "Which planet is closest to the sun?",
    "How do you boil an egg?",
    "Who was the first person to walk on the moon?",
    "What is the capital of Australia?",
    "How is paper made?",
    "Why do leaves fall in autumn?",
)
"""Questions that stand in for others where there are few."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What is known of an answer."""

    pmi: float
    """Pointwise mutual information of question and answer, in nats for each token of the answer: how much the question
    raises its log-probability."""
    relevance: float
    """Share, 0 to 1, of mismatched questions and answers of the same set whose PMI is lower; ties count half."""
    ifd: float
    """Instruction-following difficulty: perplexity of the answer after its question, over that without. Near 1 or
    above, the question is of no help; near 0, nothing is to be learned."""
    logprob: float
    """Logarithm of the answer's probability after its question, in nats for each token."""

    def rating(self, highest: int) -> float:
        """Return the relevance as a rating from 1 to the highest."""
        return 1 + (highest - 1) * self.relevance


async def likelihoods(scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> list[Likelihood]:
    """Return what is known of each answer.

    Relevance is held against answers after questions that are not theirs: those of their neighbours, and unrelated ones
    where there are few.

    Args:
        scorer: the model.
        pairs: questions with answers, neither empty.

    Raises:
        EndpointError: a text cannot be scored.
    """
    mismatched = [(_question(question), f" {answer}") for question, answer in _mismatched(pairs)]
    own = [(_question(question), f" {answer}") for question, answer in pairs]
    alone = {answer: (BEFORE, answer) for _, answer in own}
    scored = await scorer.score([*own, *mismatched, *alone.values()])
    per_token = [one.total / max(1, len(one.logprobs)) for one in scored]
    bare = dict(zip(alone, per_token[len(own) + len(mismatched) :], strict=True))
    others = sorted(
        value - bare[answer]
        for value, (_, answer) in zip(per_token[len(own) : len(own) + len(mismatched)], mismatched, strict=True)
    )
    return [_likelihood(value, bare[answer], others) for value, (_, answer) in zip(per_token, own, strict=False)]


def _likelihood(after: float, alone: float, others: Sequence[float]) -> Likelihood:
    pmi = after - alone
    beaten = (bisect_left(others, pmi) + bisect_right(others, pmi)) / 2 / len(others)
    return Likelihood(pmi=pmi, relevance=beaten, ifd=math.exp(-pmi), logprob=after)


def _question(question: str) -> str:
    return f"Question: {question}\n{BEFORE}"


def _mismatched(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return answers with questions that are not theirs."""
    turned = zip([*pairs[1:], *pairs[:1]], pairs, strict=True)
    found = [(question, answer) for (question, _), (own, answer) in turned if question != own]
    lacking = max(0, FEWEST - len(found)) if pairs else 0
    return found + [(UNRELATED[at % len(UNRELATED)], pairs[at % len(pairs)][1]) for at in range(lacking)]
