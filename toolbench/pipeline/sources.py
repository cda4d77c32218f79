"""What data is created from, and what was created: files read as documents and as records."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import ValidationError

from toolbench.create.base import Source
from toolbench.documents.chunking import chunks
from toolbench.errors import InputError
from toolbench.model import Block, Document, Json, JsonObject, digest, is_object
from toolbench.model.created import records_in
from toolbench.model.document import BETWEEN

TEXTS = (".txt", ".md")
RECORDS = (".json", ".jsonl")

T = TypeVar("T")


def document_sources(paths: Sequence[Path], *, size: int, overlap: int) -> list[Source]:
    """Return the documents in some files and folders: texts, and the JSON that `ingest` writes.

    Args:
        paths: files, and folders whose files are taken, those of folders in them too.
        size: characters of a chunk, at most.
        overlap: characters that neighbours share, at most.

    Raises:
        InputError: a file cannot be read, or is no document; or there is none.
        ConfigError: no chunks can be cut like that.
    """
    return [
        Source(
            name=name,
            path=str(path),
            document=document,
            chunks=tuple(chunks(document, size=size, overlap=overlap)),
        )
        for name, path, document in _named(_files(paths, (*TEXTS, ".json"), "ingest"), read_document)
    ]


def record_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the records in some files and folders.

    Raises:
        InputError: a file cannot be read, or holds no records; or there is none.
    """
    files = _files(paths, RECORDS, "create")
    return [Source(name, str(path), records=tuple(found)) for name, path, found in _named(files, read_records)]


def read_document(path: Path) -> Document:
    """Return the document in a file: as `ingest` wrote it, or a text, whose paragraphs are its blocks.

    A text beside which `ingest` wrote the same with its structure is read with its structure.

    Raises:
        InputError: it cannot be read, or is none.
    """
    text = _text(path)
    if path.suffix == ".json":
        document = _structured(text)
        if document is None:
            hint = "Give a text, or what `toolbench ingest` writes."
            raise InputError("not a document", where=str(path), hint=hint)
        return document
    beside = path.with_suffix(".json")
    known = _structured(_text(beside)) if beside.is_file() else None
    if known is not None and known.text.strip() == text.strip():
        return known
    parts = [part.strip() for part in text.split(BETWEEN)]
    blocks = tuple(Block(text=part) for part in parts if part)
    if not blocks:
        raise InputError("there is no text in it", where=str(path))
    return Document(id=digest([str(path), text]), source=str(path), name=path.stem, media="txt", blocks=blocks)


def read_json(path: Path) -> Json:
    """Return the JSON in a file; of JSON lines, the list of their values.

    Raises:
        InputError: it cannot be read, or is no JSON.
    """
    text = _text(path)
    try:
        if path.suffix != ".jsonl":
            return orjson.loads(text)
        return [orjson.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise InputError(f"not JSON: {error}", where=str(path)) from error


def read_records(path: Path) -> list[JsonObject]:
    """Return the records in a file.

    Raises:
        InputError: it cannot be read, or holds none.
    """
    try:
        found = records_in(read_json(path))
    except ValueError as error:
        raise InputError(str(error), where=str(path)) from error
    if not found:
        raise InputError("there is no record in it", where=str(path))
    return found


def _structured(text: str) -> Document | None:
    try:
        return Document.model_validate_json(text)
    except ValidationError:
        pass
    try:
        loaded: Json = orjson.loads(text)
    except ValueError:
        return None
    return (
        _structured(orjson.dumps(loaded["document"]).decode()) if is_object(loaded) and "document" in loaded else None
    )


def _named(files: Iterable[Path], read: Callable[[Path], T]) -> Iterator[tuple[str, Path, T]]:
    """Yield names, files, and what is read of them; names that would be the same say in which folder a file is."""
    paths = list(files)
    stems = [path.stem for path in paths]
    taken: set[str] = set()
    for path in paths:
        name = path.stem if stems.count(path.stem) == 1 else f"{path.parent.name}_{path.stem}".lstrip("_")
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        yield unique, path, read(path)


def _files(paths: Sequence[Path], suffixes: Sequence[str], before: str) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in suffixes)
            inside = [file for file in inside if not any(part.startswith(".") for part in file.relative_to(path).parts)]
            found += _without_twins(inside)
        elif not path.is_file():
            raise InputError("there is no such file or folder", where=str(path))
        elif path.suffix not in suffixes:
            hint = f"First run `toolbench {before} {path}`. Files taken as they are: {', '.join(suffixes)}"
            raise InputError(f"a file of the type {path.suffix or 'none'} is not read here", where=str(path), hint=hint)
        else:
            found.append(path)
    if not found:
        where = ", ".join(map(str, paths))
        raise InputError(f"no file with {' or '.join(suffixes)} is there", where=where)
    return list(dict.fromkeys(found))


def _without_twins(files: list[Path]) -> list[Path]:
    """Return files without the texts that stand beside the same with its structure."""
    structured = {file.with_suffix("") for file in files if file.suffix == ".json"}
    return [file for file in files if file.suffix not in TEXTS or file.with_suffix("") not in structured]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=str(path), hint=f"First run `toolbench ingest {path}`.") from error
