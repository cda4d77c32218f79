"""Search over the passages of a corpus by BM25 (SQLite FTS5)."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolbench.model import Document
from toolbench.retrieval import words

PASSAGE = 3
"""Sentences of a passage; each begins one sentence after the one before."""

QUERY = 32
"""Words of a query that are looked for."""

_INDEX = "CREATE VIRTUAL TABLE passages USING fts5(title, text, shown UNINDEXED, tokenize='porter unicode61')"
_MATCH = "SELECT shown, title FROM passages WHERE passages MATCH ? ORDER BY bm25(passages, 2.0, 1.0), rowid LIMIT ?"
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?!\s)[^.!?\n]*)*[.!?]*['\")\]]*")
_END = re.compile(r"[.!?]+['\")\]]*\s+|\n\s*\n")
_TELLS_NOTHING = frozenset(
    "a an and are as at by did do does for from had has have how in is it many much of on or the to was were"
    " what when where which who whom whose why will with".split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences of a document."""

    text: str
    title: str


class Passages:
    """An index in memory of documents' passages. Belongs to the thread that makes it; close it after use.

    Args:
        documents: the corpus.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute(_INDEX)
        rows = ((words(title), words(text), text) for title, text in _passages(documents))
        self._base.executemany("INSERT INTO passages VALUES (?, ?, ?)", rows)
        (self.size,) = self._base.execute("SELECT count(*) FROM passages").fetchone()

    def find(self, query: str, k: int) -> list[Passage]:
        """Return the passages that fit best, the best first."""
        asked = telling(query)[:QUERY]
        if not asked:
            return []
        match = " OR ".join(f'"{word}"' for word in asked)
        return [Passage(text, title) for text, title in self._base.execute(_MATCH, (match, k))]

    def close(self) -> None:
        """Free the index."""
        self._base.close()


def telling(text: str) -> list[str]:
    """Return the words of a text that say what it is about, each once, in lower case."""
    found = list(dict.fromkeys(words(text).split()))
    return [word for word in found if word not in _TELLS_NOTHING] or found


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [found[0].strip() for found in _SENTENCE.finditer(text) if found[0].strip()]


def _passages(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    for document in documents:
        found = sentences(document.text)
        for start in range(max(1, len(found) - PASSAGE + 1)):
            if passage := " ".join(found[start : start + PASSAGE]):
                yield document.title, passage


def begins_sentence(text: str, place: int) -> int:
    """Return where the sentence begins that a place in a text lies in."""
    ends = (found.end() for found in _END.finditer(text, 0, place))
    return max(ends, default=0)
