"""Parquet shards with a card: a folder that `datasets.load_dataset` opens as it is."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from toolbench.errors import InputError
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.store import make_folder, write_whole

SHARD = 100_000
"""Rows of a file, at most."""

HEAD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*.parquet
---
"""


def write_shards(folder: Path, rows: Sequence[JsonObject], card: str) -> list[str]:
    """Write rows as `data/train-*.parquet`, and a card; return the columns that are JSON text.

    A column whose values are of different types in different rows becomes JSON text, as Parquet has one type for each.

    Args:
        folder: where to; shards of an earlier time are removed.
        rows: at least one.
        card: the README, without the metadata at its head.

    Raises:
        InputError: pyarrow is not installed.
        RunError: the folder cannot be written.
    """
    try:
        # Without types of its own.
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise InputError("Parquet needs pyarrow", hint="Install it: pip install 'toolbench-traces[hf]'") from error
    columns, as_text = _columns(rows, arrow)
    table = arrow.table(columns)
    data = folder / "data"
    make_folder(data)
    for old in data.glob("train-*.parquet"):
        old.unlink()
    starts = range(0, len(rows), SHARD)
    for number, start in enumerate(starts):
        path = data / f"train-{number:05}-of-{len(starts):05}.parquet"
        draft = path.with_suffix(".draft")
        parquet.write_table(table.slice(start, SHARD), draft)
        draft.replace(path)
    write_whole(folder / "README.md", f"{HEAD}\n{card}".encode())
    return as_text


def _columns(rows: Sequence[JsonObject], arrow: Any) -> tuple[dict[str, Any], list[str]]:
    columns: dict[str, Any] = {}
    as_text: list[str] = []
    for name in dict.fromkeys(name for row in rows for name in row):
        values: list[Json] = [row.get(name) for row in rows]
        try:
            column = arrow.array(values)
            whole = _is_writable(column.type, arrow) and _holds(column.to_pylist(), values)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError, OverflowError):
            column, whole = None, False
        if not whole:
            as_text.append(name)
            texts = [None if value is None else orjson.dumps(value).decode() for value in values]
            column = arrow.array(texts, arrow.string())
        columns[name] = column
    return columns, as_text


def _is_writable(kind: Any, arrow: Any) -> bool:
    """Tell whether Parquet has a place for an Arrow type: it has none for objects without a field."""
    if arrow.types.is_struct(kind):
        return kind.num_fields > 0 and all(_is_writable(kind.field(at).type, arrow) for at in range(kind.num_fields))
    return _is_writable(kind.value_type, arrow) if arrow.types.is_list(kind) else True


def _holds(found: Json, given: Json) -> bool:
    """Tell whether a column gives back what it was given, but for fields that others have and that are null here."""
    if is_object(given):
        return is_object(found) and all(_holds(value, given.get(key)) for key, value in found.items())
    if is_array(given):
        return is_array(found) and len(found) == len(given) and all(map(_holds, found, given))
    return found == given and isinstance(found, bool) == isinstance(given, bool)
