"""Search over tools by BM25 (SQLite FTS5): names, descriptions, categories and names of arguments, by word stems."""

import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from toolbench.model import JsonObject, Tool
from toolbench.model.tool import Safety

SEARCHED_DESCRIPTION = 300
"""Characters of a description that are searched: what follows are details, which only blur what the tool is for."""

INDEX = "CREATE VIRTUAL TABLE search USING fts5(name, description, category, arguments, tokenize='porter unicode61')"
"""Statement that makes the index of a database."""
_MATCH = "SELECT rowid, -bm25(search, 4.0, 1.0, 2.0, 1.0) FROM search WHERE search MATCH ? ORDER BY rowid"
_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = frozenset(
    "a all an and any are as at be by can do for from how i in into is it me my of on or our that the this to we what"
    " which with you your".split()
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class ToolSummary:
    """One line on a tool."""

    name: str
    """The tool's name."""
    api: str
    """The API's id."""
    category: str
    """Its topic."""
    description: str
    """First line of its description."""
    safety: Safety
    """What a call does."""


class Shelf:
    """Indexed tools, and how they are shown.

    Args:
        connection: a database with an index.
        summary: gives the line on a row of it.
    """

    def __init__(self, connection: sqlite3.Connection, summary: Callable[[int], ToolSummary]) -> None:
        self.connection, self.summary = connection, summary
        (self.size,) = connection.execute("SELECT count(*) FROM search").fetchone()

    def weights(self, word: str) -> dict[int, float]:
        """Return how much each row is about a word: BM25 without the word's rarity, which depends on other shelves."""
        found = dict(self.connection.execute(_MATCH, (f'"{word}"',)))
        # As SQLite reckons it, floor included.
        rarity = max(math.log((self.size - len(found) + 0.5) / (len(found) + 0.5)), 1e-6)
        return {row: score / rarity for row, score in found.items()}


def memory_shelf(tools: Sequence[Tool]) -> Shelf:
    """Return a shelf in memory; close its connection when it is of no more use. Belongs to the thread that makes it."""
    connection = sqlite3.connect(":memory:")
    connection.execute(INDEX)
    fill(connection, enumerate(tools))
    return Shelf(connection, lambda row: summary(tools[row]))


def fill(connection: sqlite3.Connection, numbered: Iterable[tuple[int, Tool]]) -> None:
    """Add tools to a database's index, each under its row."""
    connection.executemany(
        "INSERT INTO search (rowid, name, description, category, arguments) VALUES (?, ?, ?, ?, ?)",
        (
            (
                row,
                words(tool.name),
                words(tool.description[:SEARCHED_DESCRIPTION]),
                words(tool.category),
                words(" ".join(_arguments(tool))),
            )
            for row, tool in numbered
        ),
    )


def _arguments(tool: Tool) -> list[str]:
    properties: JsonObject = tool.parameters.get("properties", {})
    return list(properties)


def words(text: str) -> str:
    """Return the words of a text in lower case; a word with humps stands there whole and in parts."""
    found: list[str] = []
    for word in _WORD.findall(text):
        parts = _HUMP.split(word)
        found += [word, *parts] if len(parts) > 1 else [word]
    return " ".join(found).lower()


def find(shelves: Sequence[Shelf], query: str, k: int) -> list[tuple[ToolSummary, float]]:
    """Return the tools that fit a query best, with their scores, the best first; ties by name.

    The frequencies of words are counted over all shelves together.
    """
    asked = _telling(query)
    if not asked or k < 1:
        return []
    scores = _scores(shelves, asked)
    # Equal scores must not depend on rows: enough of them are named before the list is cut.
    last = sorted(scores.values(), reverse=True)[:k][-1:]
    hits = [(shelves[shelf].summary(row), score) for (shelf, row), score in scores.items() if [score] >= last]
    return sorted(hits, key=lambda hit: (-hit[1], hit[0].name))[:k]


def _telling(query: str) -> list[str]:
    """Return the words of a query, leaving out those that tell nothing where others do."""
    asked = list(dict.fromkeys(words(query).split()))
    return [word for word in asked if word not in _STOP_WORDS] or asked


def _scores(shelves: Sequence[Shelf], asked: Sequence[str]) -> dict[tuple[int, int], float]:
    """Return the BM25 score of each row that holds one of the words, by shelf and row."""
    scores: dict[tuple[int, int], float] = {}
    size = sum(shelf.size for shelf in shelves)
    for word in asked:
        found = [((i, row), weight) for i, shelf in enumerate(shelves) for row, weight in shelf.weights(word).items()]
        rarity = math.log(1 + (size - len(found) + 0.5) / (len(found) + 0.5))
        for key, weight in found:
            scores[key] = scores.get(key, 0.0) + rarity * weight
    return {key: round(score, 6) for key, score in scores.items()}


def summary(tool: Tool) -> ToolSummary:
    """Return the line on a tool."""
    return ToolSummary(tool.name, tool.api, tool.category, tool.description.partition("\n")[0], tool.safety)
