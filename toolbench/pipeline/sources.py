"""What data is created from, and what was created: files read as documents and as records."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from toolbench.create.base import Source
from toolbench.documents.chunking import chunks
from toolbench.documents.loading import read_documents
from toolbench.errors import InputError
from toolbench.model import Json, JsonObject, is_object
from toolbench.model.created import records_in

RECORDS = (".json", ".jsonl")
LEFT_BESIDE = ("_unused.jsonl", "_ledger.jsonl")
"""How the files end that stages leave beside what they make: in a folder they are passed over."""


def document_sources(places: Sequence[str], *, size: int, overlap: int) -> list[Source]:
    """Return the documents in files and folders and at addresses, as `ingest` reads them or has written them.

    Args:
        places: paths and URLs.
        size: characters of a chunk, at most.
        overlap: characters that neighbours share, at most.

    Raises:
        DocumentError: a source cannot be read.
        InputError: there is no document.
        ConfigError: no chunks can be cut like that.
    """
    sources = [
        Source(
            name=document.name,
            path=document.source,
            document=document,
            chunks=tuple(chunks(document, size=size, overlap=overlap)),
        )
        for document in read_documents(places)
    ]
    if not sources:
        raise InputError("there is no document", where=", ".join(places))
    return sources


def record_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the records in some files and folders.

    Raises:
        InputError: a file cannot be read, or holds no records; or there is none.
    """
    return [Source(name, str(path), records=tuple(read_records(path)[1])) for name, path in record_files(paths)]


def record_files(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return the files of records among some files and folders, each with the name for what is made of it.

    Raises:
        InputError: there is none.
    """
    return list(_named(_files(paths)))


def read_text(path: Path) -> str:
    """Return the text in a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=str(path), hint=f"First run `toolbench ingest {path}`.") from error


def read_json(path: Path) -> Json:
    """Return the JSON in a file; of JSON lines, the list of their values.

    Raises:
        InputError: it cannot be read, or is no JSON.
    """
    text = read_text(path)
    try:
        if path.suffix != ".jsonl":
            return orjson.loads(text)
        return [orjson.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=str(path)) from error


def read_records(path: Path) -> tuple[str, list[JsonObject], JsonObject]:
    """Return the key that the records of a file stand under, the records, and what else the file holds.

    Raises:
        InputError: it cannot be read, or holds none.
    """
    content = read_json(path)
    try:
        key, found = records_in(content)
    except ValueError as error:
        raise InputError(str(error), where=str(path)) from error
    if not found:
        raise InputError("there is no record in it", where=str(path))
    alone = not is_object(content) or found == [content]
    return key, found, {} if alone else {name: value for name, value in content.items() if name != key}


def _named(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Yield files with names; names that would be the same say in which folder a file is."""
    stems = Counter(path.stem for path in paths)
    taken: set[str] = set()
    for path in paths:
        name = path.stem if stems[path.stem] == 1 else f"{path.parent.name}_{path.stem}".lstrip("_")
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        yield unique, path


def _files(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in RECORDS)
            found += [file for file in inside if _is_meant(file.relative_to(path))]
        elif not path.is_file():
            raise InputError("there is no such file or folder", where=str(path))
        elif path.suffix not in RECORDS:
            hint = f"Records stand in {' and '.join(RECORDS)}; `toolbench create {path}` makes some."
            raise InputError("not a file of records", where=str(path), hint=hint)
        else:
            found.append(path)
    if not found:
        where = ", ".join(map(str, paths))
        raise InputError(f"no file with {' or '.join(RECORDS)} is there", where=where)
    return list(dict.fromkeys(found))


def _is_meant(path: Path) -> bool:
    """Tell whether a file in a folder is one of those that a person means who names the folder."""
    return not path.name.endswith(LEFT_BESIDE) and not any(part.startswith(".") for part in path.parts)
