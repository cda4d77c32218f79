"""Dense retrieval: documents and queries as vectors, from the embedded model's table of tokens or from an endpoint."""

from collections.abc import Sequence
from typing import Protocol

from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.retrieval.bm25 import STOP_WORDS
from toolbench.llm.static_embeddings import Vector, dot
from toolbench.retrieval import words


class Embedder(Protocol):
    """Makes vectors of queries."""

    def embed(self, text: str) -> Vector:
        """Return a text's vector, of length 1."""
        ...


class Dense:
    """Ranks by the cosine of vectors.

    Args:
        name: what it is called in tables.
        vectors: the documents' vectors, each of length 1.
        embedder: makes those of queries.
    """

    def __init__(self, name: str, vectors: Sequence[Vector], embedder: Embedder) -> None:
        self.name, self._vectors, self._embedder = name, vectors, embedder

    def rank(self, query: str, k: int) -> list[int]:
        """Return the places of the documents whose vectors are nearest, the nearest first."""
        asked = self._embedder.embed(telling(query))
        scores = [dot(asked, vector) for vector in self._vectors]
        return sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:k]


def passage(doc: ApiDoc) -> str:
    """Return what is embedded of a document: its names in words, what it does and for what, what it takes. More than
    the first sentence, and what is said of parameters, only blurs it."""
    names = " ".join(one.name for one in doc.parameters)
    return telling(f"{doc.name} {doc.title}. {doc.purpose} {doc.domain}. {names}")


def telling(text: str) -> str:
    """Return the words of a text, identifiers split, without those that tell nothing."""
    return " ".join(word for word in words(text).split() if word not in STOP_WORDS)
