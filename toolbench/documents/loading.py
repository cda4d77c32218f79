"""From files, folders and addresses to documents."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from toolbench import plugins
from toolbench.documents._web import fetch
from toolbench.documents._youtube import transcript, video_id
from toolbench.documents.readers.base import Draft, Reader
from toolbench.errors import DocumentError, InputError
from toolbench.model import Document, digest

RECORD = ".json"
"""Ending of a file that holds a `Document`; beside a text of the same stem it keeps that text's structure."""

LARGEST = 256 * 2**20
"""Bytes of a file."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_UNFIT = re.compile(r"[^\w.-]+")
_CARDS = {"dataset_info.json", "state.json", "dataset_dict.json"}
"""What `datasets` writes beside its Arrow files."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something to read documents from."""

    place: str
    """A path as it was named, or an address."""
    named: bool = True
    """Whether the user named it; otherwise it was found in a folder."""


def read_documents(
    places: Iterable[str | Path],
    *,
    allow_hosts: Collection[str] = (),
    on_error: Callable[[DocumentError], None] | None = None,
) -> Iterator[Document]:
    """Yield the documents of files, folders and addresses, in order, each read when its turn comes.

    A folder is searched through, its files in the order of their names. A data set (rows with a `text`) gives a
    document a row. Of a text that `ingest` wrote the structure is kept, unless the text was changed since.

    Args:
        places: paths and URLs.
        allow_hosts: servers at private addresses that may be asked, each an exact `HOST:PORT`.
        on_error: told of each source that cannot be read, the others then go on; None raises the first.

    Raises:
        DocumentError: a source cannot be read.
    """
    names = Names()
    for source in find(places):
        try:
            documents = load(source, allow_hosts)
        except DocumentError as error:
            if on_error is None:
                raise
            on_error(error)
            continue
        for document in documents:
            yield document.model_copy(update={"name": names.take(document)})


def find(places: Iterable[str | Path], without: Path | None = None) -> Iterator[Source]:
    """Yield what there is to read: files and addresses as they are, of folders the files that a reader knows.

    Args:
        places: paths and URLs.
        without: a folder that is passed over.

    Raises:
        DocumentError: a path does not exist.
    """
    for place in map(str, places):
        path = Path(place)
        if _ADDRESS.match(place) or path.is_file():
            yield Source(place)
        elif path.is_dir():
            yield from (Source(str(file), named=False) for file in _files(path, without))
        else:
            raise DocumentError("no such file or folder", where=place, hint="Check the path.")


def _files(folder: Path, without: Path | None) -> Iterator[Path]:
    skipped = without.resolve() if without else None
    for at, folders, names in os.walk(folder):
        here = Path(at)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and (here / name).resolve() != skipped)
        there = {name for name in names if not name.startswith(".")}
        is_data = any(name.endswith((".arrow", ".parquet")) for name in there)
        for name in sorted(there):
            is_card = is_data and (name in _CARDS or name == "README.md")
            is_beside = name.endswith(RECORD) and name.removesuffix(RECORD) + ".txt" in there
            is_kept = is_beside and _record((here / name).read_bytes()) is not None
            if not (is_card or is_kept) and _suffix(name) in _by_suffix():
                yield here / name


def load(source: Source, allow_hosts: Collection[str] = ()) -> list[Document]:
    """Return the documents of a source. Their names are not yet told apart from those of other sources.

    Raises:
        DocumentError: it cannot be read, or holds nothing.
    """
    is_remote = _ADDRESS.match(source.place)
    documents = _from_web(source.place, allow_hosts) if is_remote else _from_file(Path(source.place))
    found = [document for document in documents if document.text.strip()]
    if not found:
        raise DocumentError("it holds no text", where=source.place, hint="Leave it out.")
    return found


def _from_file(path: Path) -> list[Document]:
    where = str(path)
    try:
        if path.stat().st_size > LARGEST:
            hint = "Part it."
            raise DocumentError(f"larger than {LARGEST // 2**20} MB", where=where, hint=hint)
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", where=where, hint="Check the path.") from error
    kept = _kept(path, data)
    if kept is not None:
        return [kept]
    name = _by_suffix().get(_suffix(path.name), "text")
    return _documents(_reader(name).read(data, where), where, path.stem, name)


def _kept(path: Path, data: bytes) -> Document | None:
    """Return the document that a record holds, or the record beside a text, where it is still of that text."""
    if path.suffix == RECORD:
        return _record(data)
    beside = path.with_suffix(RECORD)
    if path.suffix != ".txt" or not beside.is_file():
        return None
    document = _record(beside.read_bytes())
    is_same = document is not None and document.text.strip() == data.decode("utf-8", "replace").strip()
    return document if is_same else None


def _record(data: bytes) -> Document | None:
    """Return the document in what may be its record, or any JSON."""
    try:
        return Document.model_validate_json(data)
    except ValidationError:
        return None


def _from_web(url: str, allow_hosts: Collection[str]) -> list[Document]:
    if video := video_id(url):
        return _documents([transcript(video, url)], url, video, "youtube")
    page = fetch(url, allow_hosts)
    path = urlsplit(page.url).path
    by_media = {media: name for name in _readers() for media in _reader(name).media_types}
    fallback = "text" if page.media_type.startswith("text/") else None
    name = by_media.get(page.media_type) or _by_suffix().get(_suffix(path), fallback)
    if name is None:
        what = page.media_type or "something without a type"
        raise DocumentError(f"the server sends {what}, which no reader knows", where=url, hint=_known())
    stem = Path(unquote(path)).stem or urlsplit(page.url).hostname or "page"
    return _documents(_reader(name).read(page.data, url), url, stem, name)


def _documents(drafts: Iterable[Draft], where: str, stem: str, media: str) -> list[Document]:
    clean = _UNFIT.sub("_", stem).strip("_.") or "document"
    found = _drawn(drafts, where)
    width = len(str(len(found)))
    return [
        Document(
            id=digest([where, number, [block.text for block in draft.blocks]])[:16],
            source=where,
            name=clean if len(found) == 1 else f"{clean}-{number:0{width}}",
            title=draft.title,
            media=draft.media or media,
            metadata=draft.metadata,
            blocks=draft.blocks,
        )
        for number, draft in enumerate(found, 1)
    ]


def _drawn(drafts: Iterable[Draft], where: str) -> list[Draft]:
    try:
        return list(drafts)
    except InputError:
        raise
    except Exception as error:  # broken files make parsers of others fail in ways that nobody lists
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise DocumentError(f"cannot be read: {reason}", where=where, hint="Is it whole?") from error


class Names:
    """Gives each document a name of its own, whatever the file system thinks of small and capital letters.

    Args:
        is_free: tells whether a document may have a name, for reasons of the caller's.
    """

    def __init__(self, is_free: Callable[[str, Document], bool] | None = None) -> None:
        self._taken: set[str] = set()
        self._is_free = is_free

    def take(self, document: Document) -> str:
        """Return the document's name, or where that is taken, the name with what tells it apart."""
        for name in _candidates(document):
            if name.casefold() not in self._taken and (self._is_free is None or self._is_free(name, document)):
                self._taken.add(name.casefold())
                return name
        raise AssertionError("numbers are endless")


def _candidates(document: Document) -> Iterator[str]:
    """Yield names: its own, with the folder or server it is from, with its format, with a number."""
    name = document.name
    is_remote = _ADDRESS.match(document.source)
    above = urlsplit(document.source).hostname if is_remote else Path(document.source).absolute().parent.name
    folder = _UNFIT.sub("_", above or "").strip("_.")
    yield name
    if folder:
        yield f"{folder}-{name}"
    yield f"{name}-{document.media}"
    if folder:
        yield f"{folder}-{name}-{document.media}"
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


@cache
def _readers() -> tuple[str, ...]:
    return tuple(plugins.names("readers"))


@cache
def _reader(name: str) -> Reader:
    return plugins.load("readers", name)()


@cache
def _by_suffix() -> dict[str, str]:
    return {suffix: name for name in _readers() for suffix in _reader(name).suffixes}


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122  (names of pages are no paths)


def _known() -> str:
    return f"There are readers for: {', '.join(sorted(_by_suffix()))}."
