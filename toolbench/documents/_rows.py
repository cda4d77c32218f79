"""Documents that stand in rows of a data set."""

from collections.abc import Iterable, Iterator, Sequence

import orjson

from toolbench.documents.readers.base import Draft, known
from toolbench.model import Block, Json, JsonObject

TEXTS = ("text", "content", "document", "passage", "body")
"""Columns that hold the text of a document, the first that is there."""

_TITLES = ("title", "name")


def text_column(columns: Iterable[str]) -> str | None:
    """Return which column holds the text of a document a row; None where none does."""
    there = set(columns)
    return next((name for name in TEXTS if name in there), None)


def drafts(rows: Sequence[JsonObject], media: str) -> Iterator[Draft]:
    """Yield a document a row, where a column holds their texts, or else one of all the rows."""
    column = text_column(name for row in rows[:1] for name in row)
    if column is None:
        blocks = tuple(Block(text=_told(row)) for row in rows)
        yield Draft(tuple(block for block in blocks if block.text), media=media)
        return
    for row in rows:
        text = row.get(column)
        if isinstance(text, str) and text.strip():
            title = next((str(row[name]) for name in _TITLES if row.get(name)), "")
            yield Draft(tuple(_paragraphs(text)), title, _facts(row, column), media)


def _paragraphs(text: str) -> Iterator[Block]:
    lines = text.replace("\r\n", "\n")
    return (Block(text=piece.strip("\n")) for piece in lines.split("\n\n") if piece.strip())


def _facts(row: JsonObject, column: str) -> dict[str, str]:
    others = {name: value for name, value in row.items() if name not in {column, *_TITLES}}
    return known(**{name: value for name, value in others.items() if isinstance(value, str | int | float)})


def _told(row: JsonObject) -> str:
    return "\n".join(f"{name}: {_plain(value)}" for name, value in row.items() if value is not None)


def _plain(value: Json) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value, default=str).decode()
