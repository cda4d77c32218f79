"""Scores on record."""

from collections.abc import Sequence
from pathlib import Path

from toolbench.llm.journal import Journal
from toolbench.model import Scored
from toolbench.pipeline.likelihood import AT_ONCE, JournaledScorer


class Slow:
    name = "slow"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.sizes: list[int] = []

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        self.asked += pairs
        self.sizes.append(len(pairs))
        return [Scored((b"\xc3", text.encode()), (-0.1, -len(before) / 3)) for before, text in pairs]


async def test_a_scorer_is_asked_once_and_what_it_says_comes_back_whole(tmp_path: Path):
    pairs = [("a" * (at % 50 + 1), f"é{at % 40}") for at in range(100)]
    slow = Slow()
    with Journal(tmp_path / "j.db") as journal:
        first = await JournaledScorer(slow, journal, "weights").score(pairs)
    expected = await Slow().score(pairs)
    assert first == expected
    assert len(slow.asked) == len(set(pairs)) == len(set(slow.asked))
    assert max(slow.sizes) <= AT_ONCE
    with Journal(tmp_path / "j.db") as journal:
        assert await JournaledScorer(slow, journal, "weights").score(pairs) == expected
        assert len(slow.asked) == len(set(pairs))
        await JournaledScorer(slow, journal, "other weights").score(pairs[:1])
    assert len(slow.asked) == len(set(pairs)) + 1
