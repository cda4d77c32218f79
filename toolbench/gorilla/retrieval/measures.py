"""Measures of retrievers: NDCG, recall, recall of the domain, each with a bootstrap interval over queries."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.retrieval.base import Retriever
from toolbench.model import JsonObject

CUTOFFS = (1, 3, 5)
"""Ranks down to which NDCG is counted."""

RECALLS = (1, 5, 10)
"""Ranks down to which recall is counted."""

RESAMPLES = 1000
_EDGE = 0.025


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over queries."""

    value: float
    low: float
    high: float
    """The 95% interval, by resampling the queries."""

    def as_json(self) -> JsonObject:
        """Return value and interval."""
        return {"value": self.value, "interval": [self.low, self.high]}


def measured(
    retriever: Retriever, docs: Sequence[ApiDoc], asked: Sequence[tuple[str, int]], *, seed: int = 0
) -> dict[str, Measure]:
    """Return the measures of a retriever: `ndcg@k`, `recall@k` and `domain@k`, where one document is right for a query.

    Args:
        retriever: ranks the documents.
        docs: the documents.
        asked: queries, each with the place of the right document.
        seed: of the resampling.
    """
    names = [*(f"ndcg@{k}" for k in CUTOFFS), *(f"recall@{k}" for k in RECALLS), *(f"domain@{k}" for k in (1, 5))]
    scores: dict[str, list[float]] = {name: [] for name in names}
    for query, right in asked:
        ranked = retriever.rank(query, max(*CUTOFFS, *RECALLS))
        for k in CUTOFFS:
            scores[f"ndcg@{k}"].append(_gain(ranked, right, k))
        for k in RECALLS:
            scores[f"recall@{k}"].append(float(right in ranked[:k]))
        for k in (1, 5):
            domains = {docs[place].domain for place in ranked[:k]}
            scores[f"domain@{k}"].append(float(docs[right].domain in domains))
    return {name: mean(values, seed) for name, values in scores.items()}


def _gain(ranked: Sequence[int], right: int, k: int) -> float:
    """Return the normalised discounted gain where one document is right: the best gain is 1."""
    return 1 / math.log2(ranked.index(right) + 2) if right in ranked[:k] else 0.0


def mean(values: Sequence[float], seed: int) -> Measure:
    """Return the mean of values with its bootstrap interval."""
    if not values:
        return Measure(0.0, 0.0, 1.0)
    r = random.Random(seed)
    means = sorted(sum(r.choices(values, k=len(values))) / len(values) for _ in range(RESAMPLES))
    low, high = means[int(_EDGE * RESAMPLES)], means[int((1 - _EDGE) * RESAMPLES) - 1]
    return Measure(sum(values) / len(values), low, high)
