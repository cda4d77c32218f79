"""JSON, JSON lines and YAML: rows with a `text` are documents, all else is shown with its structure."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from typing import ClassVar, cast

import yaml

from toolbench.documents._decoding import decode
from toolbench.documents._rows import drafts, text_column
from toolbench.documents.readers.base import Draft, known
from toolbench.errors import DocumentError
from toolbench.model import Block, Json, JsonObject, is_array, is_object

__all__ = ["DataReader"]


class DataReader:
    """Reads JSON, JSON lines and YAML."""

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".ndjson", ".yaml", ".yml")
    media_types: ClassVar[tuple[str, ...]] = (
        "application/json",
        "application/x-ndjson",
        "application/jsonl",
        "application/yaml",
        "text/yaml",
    )

    def read(self, data: bytes, where: str) -> Iterator[Draft]:
        """Yield the documents: one a row where rows hold texts, or else one. See `Reader.read`."""
        text, encoding = decode(data, where)
        if not text.strip():
            return
        suffix = where[where.rfind(".") :].lower()
        if suffix in {".yaml", ".yml"}:
            _check_yaml(text, where)
            yield Draft((Block(text=text.strip("\n"), kind="code"),), metadata=known(encoding=encoding), media="yaml")
        elif suffix in {".jsonl", ".ndjson"}:
            yield from drafts(_lines(text, where), "jsonl")
        else:
            yield from _json(text, where)


def _json(text: str, where: str) -> Iterator[Draft]:
    try:
        value: Json = json.loads(text)
        shown = json.dumps(value, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}", where=where, hint="Lines of JSON belong into a .jsonl.") from error
    rows: list[JsonObject] = [row for row in value if is_object(row)] if is_array(value) else []
    if rows and len(rows) == len(value) and text_column(rows[0]):
        yield from drafts(rows, "json")
    else:
        yield Draft((Block(text=shown, kind="code"),), media="json")


def _lines(text: str, where: str) -> list[JsonObject]:
    rows: list[JsonObject] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            value: Json = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"not JSON: {error}", where=f"{where}, line {number}", hint="Mend the line.") from error
        if value is not None:
            rows.append(value if is_object(value) else {"value": value})
    return rows


def _check_yaml(text: str, where: str) -> None:
    try:
        events = cast("Iterable[object]", yaml.parse(text, Loader=yaml.CSafeLoader))
        deque(events, maxlen=0)  # events only: aliases are not followed
    except yaml.YAMLError as error:
        raise DocumentError(f"not YAML: {' '.join(str(error).split())}", where=where, hint="Mend it.") from error
