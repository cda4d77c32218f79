"""A corpus as documents, one at a time. Rows of JSON lines and Parquet files are streamed, however many there are."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from toolbench.documents.loading import find, read_documents
from toolbench.errors import InputError
from toolbench.model import Block, Document, Json, JsonObject, digest, is_object

LINES = (".jsonl", ".ndjson")
PARQUET = ".parquet"

BATCH = 64
"""Rows of a Parquet file read at a time."""

INSTALL = "Install it: `pip install 'toolbench-traces[hf]'`."


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files of a corpus; of a folder those that can be read, in the order of their names.

    Raises:
        InputError: there is none.
    """
    places = list(paths)
    found = [Path(source.place) for source in find(places)]
    if not found:
        where = ", ".join(map(str, places))
        raise InputError("nothing is here that can be read", where=where, hint="Name texts, or a folder of some.")
    return found


def count(paths: Iterable[Path]) -> int:
    """Return how many documents there are, without reading them.

    Raises:
        InputError: a file cannot be read.
    """
    return sum(_count(path) for path in paths)


def documents(paths: Iterable[Path], field: str = "text") -> Iterator[Document]:
    """Yield the documents of some files, in order.

    Args:
        paths: the files.
        field: where a row holds its text. Its plain other fields become metadata; `title` and `date` have a meaning.
            Other files are read as `ingest` reads them.

    Raises:
        InputError: a file cannot be read, or a row has no text; the message names the place.
    """
    for path in paths:
        if path.suffix in LINES:
            yield from _of_lines(path, field)
        elif path.suffix == PARQUET:
            yield from _of_parquet(path, field)
        elif path.stat().st_size:
            yield from read_documents([path])


def _count(path: Path) -> int:
    if path.suffix == PARQUET:
        return _parquet(path).metadata.num_rows
    if path.suffix not in LINES:
        return 1
    with path.open("rb") as file:
        return sum(bool(line.strip()) for line in file)


def _of_lines(path: Path, field: str) -> Iterator[Document]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            where = f"{path}, line {number}"
            try:
                row: Json = orjson.loads(_decoded(line, where))
            except orjson.JSONDecodeError as error:
                raise InputError(f"not JSON: {error}", where=where, hint="Mend or remove the line.") from error
            yield _of_row(row, field, where, f"{path.stem}-{number}")


def _of_parquet(path: Path, field: str) -> Iterator[Document]:
    number = 0
    for batch in _parquet(path).iter_batches(batch_size=BATCH):
        for row in batch.to_pylist():
            number += 1
            yield _of_row(row, field, f"{path}, row {number}", f"{path.stem}-{number}")


def _parquet(path: Path) -> Json:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError("Parquet files need pyarrow", where=str(path), hint=INSTALL) from error
    try:
        return ParquetFile(path)
    except (ValueError, OSError) as error:
        raise InputError(f"not a Parquet file: {error}", where=str(path)) from error


def _of_row(row: Json, field: str, where: str, name: str) -> Document:
    if isinstance(row, str):
        row = {field: row}
    if not is_object(row) or not isinstance(row.get(field), str):
        raise InputError(f"no text under {field!r}", where=where, hint="Name the field: `--field NAME`.")
    return _document(where, str(row.get("name") or name), row[field], row)


def _document(source: str, name: str, text: str, row: JsonObject) -> Document:
    plain = {key: str(value) for key, value in row.items() if isinstance(value, str | int | float) and value != text}
    return Document(
        id=digest([source, text]),
        source=source,
        name=name,
        title=str(row.get("title") or ""),
        media="text",
        metadata=plain,
        blocks=(Block(text=text),),
    )


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "Write it anew in UTF-8: `iconv -f LATIN1 -t UTF-8`, for one."
        raise InputError(f"not UTF-8: byte {error.start}", where=where, hint=hint) from error
