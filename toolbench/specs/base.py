"""Reading API descriptions: documents, and the contract of a loader.

`read_api` is the way in: it reads a document, picks the loader that recognises it, and returns the `Api`. Most sources
are files. Others (a module, a server) are asked what they offer, and their answer is the document.
"""

import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import orjson

from toolbench import plugins
from toolbench.errors import SpecError
from toolbench.model import Api, Json, canonical
from toolbench.specs._names import api_id_of, is_api_id
from toolbench.specs._yaml import YamlError, read_yaml

AUTO = "auto"
"""The kind that stands for whichever loader recognises the document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: what it holds, and what identifies it."""

    path: Path
    """The file. For a source that is none: a name for it."""
    content: Json
    """What it holds, as a JSON value: whole numbers beyond 64 bits as floats, NaN and infinities as null."""
    sha256: str
    """SHA-256 of its bytes, 64 hex digits; of a source that is no file: of the content as canonical JSON."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something in a description that was repaired, left out, or can be understood in two ways."""

    message: str
    """What was done, equal for equal cases, so that notes can be counted."""
    pointer: str
    """Where: the JSON pointer (RFC 6901), after the file's name and `#` when it is not the main file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a loader made of a document."""

    api: Api
    """The API."""
    dialect: str
    """Name and version of the description's format, `OpenAPI 3.1.0`."""
    notes: tuple[Note, ...] = ()
    """What was repaired or is ambiguous, in the order of the document."""


class Loader(Protocol):
    """Reads one kind of API description. A loader is a plugin: its file's name is its kind."""

    def recognises(self, document: Document) -> bool:
        """Tell whether the document is of this kind, at a glance."""
        ...

    def title(self, document: Document) -> str:
        """Return the title that the document gives its API, empty when none."""
        ...

    def load(self, document: Document, api_id: str) -> Reading:
        """Return the API that the document describes.

        Raises:
            SpecError: the document cannot be understood.
        """
        ...


@runtime_checkable
class AskingLoader(Loader, Protocol):
    """A loader whose sources are no files: it asks them what they offer, and loads the document they give."""

    def claims(self, source: str) -> bool:
        """Tell whether something that is no file looks like a source of this kind. Nothing is run or reached."""
        ...

    def ask(self, source: str, api_id: str | None) -> Document:
        """Return what a source says of itself.

        Args:
            source: the source, which may be run or connected to.
            api_id: the API's id, where the user gave one.

        Raises:
            SpecError: it is no such source, or does not answer.
            PluginError: a package that is needed is not installed.
        """
        ...


def read_api(source: Path | str, kind: str = AUTO, api_id: str | None = None) -> Api:
    """Return the API that a file, or another source, describes.

    Args:
        source: the file; or what a loader asks: `module:function`, a server's URL or command line.
        kind: name of the loader; `auto` takes the one that recognises the source.
        api_id: the API's id; by default it is made from the file's name, or from the title where that says nothing.

    Raises:
        SpecError: the source cannot be read or understood.
        PluginError: there is no loader of that kind, or a package that it needs is missing.
    """
    return read_spec(source, kind, api_id).api


def read_spec(source: Path | str, kind: str = AUTO, api_id: str | None = None) -> Reading:
    """Return the API that a source describes, and what there is to say of the source. See `read_api`."""
    loader, document = _opened(source, kind, api_id)
    identity = api_id_of(document.path.name, loader.title(document)) if api_id is None else api_id
    if not is_api_id(identity):
        raise SpecError(
            f"{identity!r} is no id for an API",
            hint="An id has at most 32 of a-z, 0-9, `-` and `_`, and starts with a letter or a digit",
        )
    try:
        return loader.load(document, identity)
    except RecursionError as error:
        raise SpecError(
            "nested too deeply", where=str(source), hint="Give inner schemas names and refer to them."
        ) from error


def _opened(source: Path | str, kind: str, api_id: str | None) -> tuple[Loader, Document]:
    """Return the loader for a source, and what the source holds."""
    kinds = plugins.names("specs") if kind == AUTO else (kind,)
    loaders: list[Loader] = [plugins.load("specs", name)() for name in kinds]
    for loader in loaders:
        if isinstance(loader, AskingLoader) and (kind != AUTO or _is_claimed(loader, source)):
            return loader, loader.ask(str(source), api_id)
    document = read_document(source)
    for loader in loaders:
        if kind != AUTO or loader.recognises(document):
            return loader, document
    raise SpecError(
        "not an API description of a known kind",
        where=str(document.path),
        hint=f"Kinds are: {', '.join(kinds)}; an OpenAPI document says `openapi` or `swagger`",
    )


def _is_claimed(loader: AskingLoader, source: Path | str) -> bool:
    """Tell whether a loader takes a source; a file is a file, whatever its name looks like."""
    return isinstance(source, str) and not os.path.lexists(source) and loader.claims(source)


def asked(name: str, content: Json) -> Document:
    """Return the document that a source gave that is no file.

    Args:
        name: a name for the source, from which the API's id can be made.
        content: what it said.
    """
    return Document(Path(name), content, hashlib.sha256(canonical(content)).hexdigest())


def read_document(source: Path | str) -> Document:
    """Return what a JSON or YAML file holds. The content decides which it is, not the name.

    Raises:
        SpecError: no such file, not text, or neither JSON nor YAML.
    """
    data = _read_bytes(source)
    path = Path(source)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"not text: byte {error.start} is not UTF-8", where=str(path), hint="Give a JSON or YAML file in UTF-8"
        ) from error
    if not text.strip():
        raise SpecError("the file is empty", where=str(path), hint="Give a JSON or YAML file")
    return Document(path, _parse(text, path), hashlib.sha256(data).hexdigest())


def _read_bytes(source: Path | str) -> bytes:
    if str(source).startswith(("http://", "https://", "http:/", "https:/")):
        raise SpecError(
            "URLs are not read",
            where=str(source),
            hint="Download it first and give the file; an MCP server is read with `--kind mcp`",
        )
    try:
        return Path(source).read_bytes()
    except FileNotFoundError as error:
        raise SpecError("no such file", where=str(source), hint="Check the path") from error
    except IsADirectoryError as error:
        raise SpecError("this is a folder", where=str(source), hint="Give a file in it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError(f"cannot be read: {reason}", where=str(source), hint="Check the path") from error


def _parse(text: str, path: Path) -> Json:
    looks_like_json = text.lstrip()[0] in "{["
    if looks_like_json:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            failure = error
            lenient = parse_leniently(text)
            if lenient is None:
                lenient = _parse_lines(text)
            if lenient is not None:
                return lenient
        if path.suffix.lower() == ".json":
            where = f"{path}, line {failure.lineno}, column {failure.colno}"
            raise SpecError(f"not JSON: {failure.msg}", where=where, hint="Mend it there") from failure
    try:
        return read_yaml(text)
    except YamlError as error:
        kinds = "neither JSON nor YAML" if looks_like_json else "not YAML"
        raise SpecError(f"{kinds}: {error}", where=str(path), hint="Mend it there") from error


def parse_leniently(text: str) -> Json:
    """Return what a JSON text with NaN, infinities or lone surrogates holds, None when it is not even that."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_bounded)
        return orjson.loads(orjson.dumps(value))
    except (ValueError, TypeError, RecursionError):
        return None


def _parse_lines(text: str) -> Json:
    """Return a list of what the lines of a text hold, None when it is not one JSON object a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
        return None
    try:
        return [orjson.loads(line) for line in lines]
    except orjson.JSONDecodeError:
        return None


def _no_number(_: str) -> None:
    return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _bounded(text: str) -> Any:
    number = float(text)
    return int(text) if abs(number) < 2**63 else _finite(text)
