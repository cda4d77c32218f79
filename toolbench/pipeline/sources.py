"""What data is created from, and what was created: files read as documents and as records."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from toolbench.create.base import Source
from toolbench.documents.chunking import chunks
from toolbench.documents.loading import RECORD
from toolbench.errors import InputError
from toolbench.model import Block, Document, Json, JsonObject, digest, is_object
from toolbench.model.created import records_in
from toolbench.model.document import BETWEEN

TEXTS = (".txt", ".md")
RECORDS = (".json", ".jsonl")
LEFT_BESIDE = ("_unused.jsonl", "_ledger.jsonl")
"""How the files end that stages leave beside what they make: in a folder they are passed over."""


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
        for name, path in _named(_files(paths, (*TEXTS, ".json"), "ingest"))
        for document in (read_document(path),)
    ]


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
    return list(_named(_files(paths, RECORDS, "create")))


def read_document(path: Path) -> Document:
    """Return the document in a file: as `ingest` wrote it, or a text, whose paragraphs are its blocks.

    A text beside which `ingest` wrote the same with its structure is read with its structure.

    Raises:
        InputError: it cannot be read, or is none.
    """
    text = read_text(path)
    if path.suffix == ".json":
        document = _structured(text)
        if document is None:
            hint = "Give a text, or what `toolbench ingest` writes."
            raise InputError("not a document", where=str(path), hint=hint)
        return document
    beside = path.with_suffix(RECORD)
    known = _structured(read_text(beside)) if beside.is_file() else None
    if known is not None and known.text.strip() == text.strip():
        return known
    parts = [part.strip() for part in text.split(BETWEEN)]
    blocks = tuple(Block(text=part) for part in parts if part)
    if not blocks:
        raise InputError("there is no text in it", where=str(path))
    return Document(id=digest([str(path), text]), source=str(path), name=path.stem, media="txt", blocks=blocks)


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
        return [orjson.loads(line) for line in text.splitlines() if line.strip()]
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


def stem(path: Path) -> str:
    """Return what the files made of a file begin with."""
    return path.name.removesuffix(RECORD) if path.name.endswith(RECORD) else path.stem


def _structured(text: str) -> Document | None:
    try:
        return Document.model_validate_json(text)
    except ValidationError:
        return None


def _named(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Yield files with names; names that would be the same say in which folder a file is."""
    stems = Counter(map(stem, paths))
    taken: set[str] = set()
    for path in paths:
        name = stem(path) if stems[stem(path)] == 1 else f"{path.parent.name}_{stem(path)}".lstrip("_")
        unique, number = name, 2
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        yield unique, path


def _files(paths: Sequence[Path], suffixes: Sequence[str], before: str) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in suffixes)
            found += _without_twins([file for file in inside if _is_meant(file.relative_to(path))])
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


def _is_meant(path: Path) -> bool:
    """Tell whether a file in a folder is one of those that a person means who names the folder."""
    return not path.name.endswith(LEFT_BESIDE) and not any(part.startswith(".") for part in path.parts)


def _without_twins(files: list[Path]) -> list[Path]:
    """Return files without the records of texts that are there: a text is read with the record beside it."""
    texts = {file.with_suffix("") for file in files if file.suffix in TEXTS}
    return [file for file in files if not file.name.endswith(RECORD) or file.with_name(stem(file)) not in texts]
