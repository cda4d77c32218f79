"""BM25 over API documents (SQLite FTS5), by word stems, identifiers split into their words."""

import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence

from toolbench.gorilla.docset import ApiDoc
from toolbench.model import Json, is_object
from toolbench.retrieval import words

MOST_TEXT = 600
"""Characters of a description that are searched."""

_COLUMNS = ("name", "description", "domain", "arguments")
_WEIGHTS = "3.0, 2.0, 1.0, 1.0"
STOP_WORDS = frozenset(
    "a about all am an and any are as at be by can could details do for from get good hello help hi how i in into is it"
    " just like look matters me morning my need of on one or our please problem question quick see show something tell"
    " thank thanks that the there this to up us want was we what which with would you your".split()
)
"""Words of requests that tell nothing of what is wanted."""
_TOKEN = re.compile(r"[^\s\"'()\[\]{},:;!?<>=]+")


class Bm25:
    """Ranks by BM25. Belongs to the thread that makes it.

    Args:
        docs: the documents, or plain texts.
        split: whether identifiers are split into their words, in documents and queries; else they are single words.
    """

    def __init__(self, docs: Sequence[ApiDoc | str], *, split: bool = True) -> None:
        self.name = "bm25" if split else "bm25, identifiers whole"
        self._spell: Callable[[str], str] = words if split else _whole
        extra = "" if split else " tokenchars ''_.-/''"
        self._index = sqlite3.connect(":memory:")
        self._index.execute(
            f"CREATE VIRTUAL TABLE docs USING fts5({', '.join(_COLUMNS)}, tokenize='porter unicode61{extra}')"
        )
        self._index.executemany(
            "INSERT INTO docs (rowid, name, description, domain, arguments) VALUES (?, ?, ?, ?, ?)",
            ((place, *map(self._spell, searched(doc))) for place, doc in enumerate(docs)),
        )
        self._size = len(docs)

    def rank(self, query: str, k: int) -> list[int]:
        """Return the places of the documents that fit best, the best first."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in _telling(self._spell(query)):
            found = self._weights(word)
            # SQLite's own rarity would be negative for frequent words.
            rarity = math.log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
            for place, weight in found:
                scores[place] += weight * rarity
        return sorted(scores, key=lambda place: (-round(scores[place], 9), place))[:k]

    def _weights(self, word: str) -> list[tuple[int, float]]:
        match = f"SELECT rowid, -bm25(docs, {_WEIGHTS}) FROM docs WHERE docs MATCH ? ORDER BY rowid"  # noqa: S608
        rows = self._index.execute(match, (f'"{word}"',)).fetchall()
        rarity = max(math.log((self._size - len(rows) + 0.5) / (len(rows) + 0.5)), 1e-6)
        return [(place, score / rarity) for place, score in rows]


def searched(doc: ApiDoc | str) -> tuple[str, str, str, str]:
    """Return what is searched of a document: names, what it does, what for, what it takes; of a text all of it."""
    if isinstance(doc, str):
        return "", doc, "", ""
    remarks = [str(one.content.get("description") or "")[:80] for one in doc.parameters]
    about = " ".join(str(value) for value in doc.extra.values() if isinstance(value, str))[:MOST_TEXT]
    arguments = " ".join([*(f"{one.name} {said}" for one, said in zip(doc.parameters, remarks, strict=True)), about])
    name = " ".join([doc.name, doc.title, *(value for value in _texts(doc.fixed))])
    return name, doc.description[:MOST_TEXT], f"{doc.domain} {doc.framework}", arguments


def _texts(value: Json) -> list[str]:
    return [one for one in value.values() if isinstance(one, str)] if is_object(value) else []


def _whole(text: str) -> str:
    return " ".join(_TOKEN.findall(text)).lower()


def _telling(query: str) -> list[str]:
    """Return the words of a query, each once, without those that tell nothing where others do."""
    asked = list(dict.fromkeys(word.replace('"', "") for word in query.split()))
    return [word for word in asked if word not in STOP_WORDS] or asked
