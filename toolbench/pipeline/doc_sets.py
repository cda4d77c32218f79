"""Doc sets read: APIs of the catalogue, and files whose content tells what they are."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from toolbench.documents.loading import Source, load
from toolbench.errors import InputError, SpecError, WorkError
from toolbench.gorilla.docset import ApiDoc, DocSet, Problem
from toolbench.gorilla.sources import apibench, catalogue, reference
from toolbench.gorilla.sources.texts import read_text
from toolbench.importers._rows import entries_of
from toolbench.registry import Catalogue
from toolbench.specs import read_api

ROWS, DOCS, JOURNAL = "rows.jsonl", "docs.jsonl", "journal.db"
"""Files of a doc-in-context data set: its rows, its doc set, and what models answered."""

MANUALS = (".md", ".markdown", ".rst", ".html", ".htm", ".txt")
"""Endings of files that are read as manuals."""

DATA = (".json", ".jsonl", ".yaml", ".yml")
"""Endings of files that are read as rows of APIBench, or as API descriptions."""


def is_data_set(folder: Path) -> bool:
    """Tell whether a folder holds a doc-in-context data set."""
    return (folder / ROWS).is_file() and (folder / DOCS).is_file()


def read_doc_set(apis: Sequence[str], sources: Sequence[Path], shelf: Catalogue, *, longest: int) -> DocSet:
    """Return the documents of some APIs and files. What cannot be taken in is among the problems.

    Args:
        apis: ids of APIs of the catalogue.
        sources: files, and folders whose files are taken.
        shelf: the catalogue.
        longest: characters that a document may have.

    Raises:
        InputError: there is no such API, or a file named cannot be read.
        WorkError: there is no document in all of it.
    """
    made = DocSet()
    for identity in apis:
        made.add(*catalogue.documents(shelf.api(identity), longest=longest))
    for path, alone in _files(sources):
        try:
            made.add(*_of_file(path, longest))
        except InputError as error:
            if alone:
                raise
            made.problems.append(Problem(str(path), error.message, "left out"))
    if not made.docs:
        why = "; ".join(f"{one.where}: {one.what}" for one in made.problems[:3])
        raise WorkError(f"there is no API document in what was given{f' ({why})' if why else ''}")
    return made


def _files(sources: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield files, and whether each was named alone; of folders all that can be read."""
    for path in sources:
        if not path.is_dir():
            yield path, True
            continue
        inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in (*MANUALS, *DATA) and one.is_file())
        if not inside:
            raise InputError("there are no files of documents in it", where=str(path), hint="Name the files.")
        yield from ((one, False) for one in inside)


def _of_file(path: Path, longest: int) -> tuple[list[ApiDoc], list[Problem]]:
    if path.suffix.lower() in MANUALS:
        return _of_manual(path, longest)
    if path.suffix.lower() in (".json", ".jsonl") and _has_rows(path):
        return apibench.documents(path, longest=longest)
    try:
        return catalogue.documents(read_api(path), longest=longest)
    except SpecError as error:
        hint = "Give rows of APIBench (`api_call`), an API description, or a manual in Markdown or HTML."
        raise InputError(error.message, where=error.where or str(path), hint=error.hint or hint) from error


def _of_manual(path: Path, longest: int) -> tuple[list[ApiDoc], list[Problem]]:
    docs: list[ApiDoc] = []
    problems: list[Problem] = []
    for manual in load(Source(str(path))):
        found, wrong = reference.documents(manual, longest=longest)
        docs += found
        problems += wrong
        if encoding := manual.metadata.get("encoding"):
            problems.append(Problem(str(path), "not UTF-8", f"read as {encoding}"))
    return docs, problems


def _has_rows(path: Path) -> bool:
    """Tell whether a file holds rows of APIBench, by the first that can be read."""
    rows = entries_of(read_text(path).text)
    return any(apibench.is_apibench(entry.content) for entry, _ in zip(rows, range(20), strict=False))
