"""A toy language model: tokens are bytes, and the next one depends, by a rule written by hand, on the last two and on
the sum of all, so that what stands far before counts."""

import math
from collections.abc import Sequence
from functools import cache

from toolbench.model import Parts, Tokens

BEGIN = 256
SAMPLES = ("T(1)", "T(2)", " T( 1 ) ", "T(fail)", "U(1)", "T", "T(no", None, "T(long)", "V(2)")


@cache
def chances(before: int) -> list[float]:
    weights = [1 + (before * 7 + other * 13) % 31 for other in range(257)]
    # A call is likely at some places.
    weights[ord(" ")] += 400 * (before % 3 == 0)
    weights[ord("[")] += 900 * (before % 2)
    return [math.log(weight / sum(weights)) for weight in weights]


def likely(known: Sequence[int], token: int) -> float:
    return chances(8 * sum(known[-2:]) + sum(known) % 8)[token]


def samples(known: Sequence[int], count: int) -> list[str | None]:
    """What is written depends on what stands before alone."""
    return [SAMPLES[(sum(known) * (n + 3) + len(known)) % len(SAMPLES)] for n in range(count)]


class Ngram:
    """The toy behind the protocol."""

    name, begin = "ngram", (BEGIN,)

    def __init__(self, context: int = 100_000) -> None:
        self.context = context
        self.asked = 0

    async def split(self, text: str) -> Tokens:
        return Tokens(tuple(text.encode()), tuple(bytes([byte]) for byte in text.encode()))

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        self.asked += 1
        known = [token for part in parts for token in part] + list(text)
        start = len(known) - len(text)
        assert start
        return [likely(known[: start + place], text[place]) for place in at]

    async def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        known = [token for part in parts for token in part]
        found: list[float] = []
        for place in range(len(text)):
            grown = known + list(text[:place])
            total = 0.0
            for token in wanted:
                total += likely(grown, token)
                grown.append(token)
            found.append(total)
        return found

    async def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        return samples([token for part in parts for token in part], count)
