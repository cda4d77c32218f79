"""Several retrievers in one, by reciprocal rank (Cormack et al. 2009)."""

from collections import defaultdict
from collections.abc import Sequence

from toolbench.gorilla.retrieval.base import Retriever

SMOOTHING = 60
"""How little the first ranks differ: the constant of the method."""

DEEPEST = 100
"""Ranks of each retriever that are looked at."""


class Fused:
    """Ranks by the sum of the reciprocal ranks that others give.

    Args:
        parts: the others.
    """

    def __init__(self, parts: Sequence[Retriever]) -> None:
        self.name = f"fused ({' + '.join(part.name for part in parts)})"
        self._parts = parts

    def rank(self, query: str, k: int) -> list[int]:
        """Return the places of the documents that fit best, the best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for part in self._parts:
            for rank, place in enumerate(part.rank(query, max(k, DEEPEST))):
                scores[place] += 1 / (SMOOTHING + rank + 1)
        return sorted(scores, key=lambda place: (-scores[place], place))[:k]
