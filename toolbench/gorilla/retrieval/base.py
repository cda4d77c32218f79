"""The contract of a retriever, and the one that knows."""

from collections.abc import Mapping
from typing import Protocol


class Retriever(Protocol):
    """Ranks the documents that it was made with by how well they fit a query."""

    name: str
    """What it is called in tables."""

    def rank(self, query: str, k: int) -> list[int]:
        """Return the places of the documents that fit best, the best first; at most k, fewer where no others fit."""
        ...


class Oracle:
    """Finds the right document, because it was told.

    Args:
        right: the place of the right document, by query.
    """

    name = "oracle"

    def __init__(self, right: Mapping[str, int]) -> None:
        self._right = right

    def rank(self, query: str, k: int) -> list[int]:
        """Return the right document."""
        return [self._right[query]][:k] if query in self._right else []
