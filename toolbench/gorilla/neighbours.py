"""Documents that are near to one, and tell something else: what makes a distractor hard, and still wrong."""

from collections.abc import Sequence
from functools import lru_cache

from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.retrieval.base import Retriever
from toolbench.retrieval import words

ALIKE = 0.75
"""Share of common words (Jaccard) from which on two documents say the same."""

NEAR = 0.3
"""Share of common words from which on an API could be taken for another."""

DEEPEST = 40
"""Neighbours that are looked at."""

NEAREST = 10
"""Neighbours of a document that are kept."""


def serves_as_well(one: ApiDoc, other: ApiDoc) -> bool:
    """Tell whether what asks for one API might as well be met by another: they are described in the same words, or are
    the same call."""
    if one.name == other.name and one.document.get("api_call") == other.document.get("api_call"):
        return True
    if one.purpose and _bag(one.purpose) == _bag(other.purpose):
        return True
    return _likeness(_bag(one.description), _bag(other.description)) >= ALIKE


def could_be_confused(one: ApiDoc, other: ApiDoc) -> bool:
    """Tell whether two APIs are near and yet not the same."""
    near = _likeness(_bag(f"{one.operation} {one.purpose}"), _bag(f"{other.operation} {other.purpose}")) >= NEAR
    return near and not serves_as_well(one, other)


class Neighbourhood:
    """Finds hard distractors.

    Args:
        docs: the documents.
        retriever: ranks them.
    """

    def __init__(self, docs: Sequence[ApiDoc], retriever: Retriever) -> None:
        self._docs, self._retriever = docs, retriever
        self._near: dict[str, list[ApiDoc]] = {}

    def near(self, doc: ApiDoc) -> list[ApiDoc]:
        """Return the documents nearest to one, the nearest first: none that would serve as well, no two that say the
        same."""
        if doc.id not in self._near:
            places = self._retriever.rank(f"{doc.purpose} {doc.operation} {doc.domain}", DEEPEST)
            self._near[doc.id] = self._apart(doc, [self._docs[place] for place in places], NEAREST)
        return self._near[doc.id]

    def distractors(self, doc: ApiDoc, instruction: str, k: int) -> list[ApiDoc]:
        """Return the k documents that an instruction for one is likeliest to be mixed up with; fewer where there are no
        more. Those that a retriever finds for the instruction alternate with those near the document itself."""
        found = [self._docs[place] for place in self._retriever.rank(instruction, DEEPEST)]
        return self._apart(doc, [*_alternating(found, self.near(doc)), *self._docs[:DEEPEST]], k)

    def _apart(self, doc: ApiDoc, candidates: Sequence[ApiDoc], most: int) -> list[ApiDoc]:
        kept: list[ApiDoc] = []
        for one in candidates:
            if len(kept) == most:
                break
            if one.id != doc.id and not any(serves_as_well(one, other) for other in (doc, *kept)):
                kept.append(one)
        return kept


def _alternating(one: Sequence[ApiDoc], other: Sequence[ApiDoc]) -> list[ApiDoc]:
    pairs = list(zip(one, other, strict=False))
    rest = [*one[len(pairs) :], *other[len(pairs) :]]
    return [*(each for pair in pairs for each in pair), *rest]


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


@lru_cache(maxsize=65_536)
def _bag(text: str) -> frozenset[str]:
    return frozenset(words(text).split())
