"""How diverse a run's instructions are: by their openings, their n-grams, their likeness and their lengths."""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from toolbench.model import JsonObject, Task
from toolbench.tasks.similarity import grams, jaccard, masked_words
from toolbench.world.rng import rng

OPENING = 3
"""Words of an opening."""

SAMPLE = 1_000
"""Tasks that are measured at most: the share of distinct n-grams falls as texts are added, so that runs of different
sizes compare on samples of one size."""

PAIRS = 5_000
"""Pairs of texts whose likeness is measured at most."""


@dataclass(frozen=True, slots=True)
class Diversity:
    """The diversity of some texts, their values masked: the same wish about another book is no other text."""

    texts: int
    """How many were measured."""
    openings: int
    """Distinct beginnings of `OPENING` words."""
    commonest: str
    """The most frequent of them; empty where there is no text."""
    commonest_share: float
    """The share of texts that begin so."""
    distinct: tuple[float, float, float]
    """Distinct n-grams per n-gram, of one, two and three words: distinct-n after Li et al. 2016. From 0 to 1."""
    likeness: float
    """Mean Jaccard similarity of the word 5-grams of two texts, from 0 (nothing in common) to 1."""
    pairs: int
    """Pairs over which that mean was taken."""
    words: tuple[int, float, int]
    """Words of the shortest text, of the median one, and of the longest."""

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "texts": self.texts,
            "openings": self.openings,
            "commonest_opening": {"text": self.commonest, "share": self.commonest_share},
            "distinct": dict(zip(("1", "2", "3"), self.distinct, strict=True)),
            "likeness": {"mean": self.likeness, "pairs": self.pairs},
            "words": dict(zip(("min", "median", "max"), self.words, strict=True)),
        }


def diversity(tasks: Sequence[Task], seed: int = 0) -> Diversity:
    """Measure what the users of tasks say, all turns of a task as one text.

    Args:
        tasks: the tasks.
        seed: decides which are measured where there are more than `SAMPLE`, and which pairs are compared.
    """
    sample = tasks if len(tasks) <= SAMPLE else rng(seed, "diversity").sample(tasks, SAMPLE)
    texts = [masked_words(task) for task in sample]
    openings = Counter(" ".join(words[:OPENING]) for words in texts)
    # Of equally frequent ones the first in the alphabet: the sample's order is no reason.
    commonest, count = min(openings.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
    compared = [jaccard(one, other) for one, other in _pairs([grams(words) for words in texts], seed)]
    lengths = [len(words) for words in texts] or [0]
    return Diversity(
        texts=len(texts),
        openings=len(openings),
        commonest=commonest,
        commonest_share=count / len(texts) if texts else 0.0,
        distinct=(distinct_n(texts, 1), distinct_n(texts, 2), distinct_n(texts, 3)),
        likeness=statistics.fmean(compared) if compared else 0.0,
        pairs=len(compared),
        words=(min(lengths), statistics.median(lengths), max(lengths)),
    )


def distinct_n(texts: Iterable[Sequence[str]], n: int) -> float:
    """Return the distinct n-grams per n-gram of some texts, each a list of words; 0 where there is none."""
    counts = Counter(tuple(words[start : start + n]) for words in texts for start in range(len(words) - n + 1))
    return len(counts) / counts.total() if counts else 0.0


def _pairs(sets: Sequence[frozenset[str]], seed: int) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Yield all pairs, or as many as are compared, drawn with replacement."""
    if len(sets) * (len(sets) - 1) // 2 <= PAIRS:
        yield from combinations(sets, 2)
        return
    r = rng(seed, "diversity", "pairs")
    for _ in range(PAIRS):
        one, other = r.sample(range(len(sets)), 2)
        yield sets[one], sets[other]
