"""Reading API descriptions: documents, and the contract of a loader.

`read_api` is the way in: it reads a document, picks the loader that recognises it, and returns the `Api`.
"""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from toolbench import plugins
from toolbench.errors import SpecError
from toolbench.model import Api, Json
from toolbench.specs._names import api_id_of, is_api_id
from toolbench.specs._yaml import YamlError, read_yaml

AUTO = "auto"
"""The kind that stands for whichever loader recognises the document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: what it holds, and what identifies it."""

    path: Path
    """The file."""
    content: Json
    """What it holds, as a JSON value: whole numbers beyond 64 bits as floats, NaN and infinities as null."""
    sha256: str
    """SHA-256 of its bytes, 64 hex digits."""


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


def read_api(source: Path | str, kind: str = AUTO, api_id: str | None = None) -> Api:
    """Return the API that a file describes.

    Args:
        source: the file.
        kind: name of the loader; `auto` takes the one that recognises the document.
        api_id: the API's id; by default it is made from the file's name, or from the title where that says nothing.

    Raises:
        SpecError: the file cannot be read or understood.
        PluginError: there is no loader of that kind.
    """
    return read_spec(source, kind, api_id).api


def read_spec(source: Path | str, kind: str = AUTO, api_id: str | None = None) -> Reading:
    """Return the API that a file describes, and what there is to say of the file. See `read_api`."""
    document = read_document(source)
    loader = _loader(kind, document)
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


def _loader(kind: str, document: Document) -> Loader:
    if kind != AUTO:
        return plugins.load("specs", kind)()
    for name in plugins.names("specs"):
        loader: Loader = plugins.load("specs", name)()
        if loader.recognises(document):
            return loader
    raise SpecError(
        "not an API description of a known kind",
        where=str(document.path),
        hint=f"Kinds are: {', '.join(plugins.names('specs'))}; an OpenAPI document says `openapi` or `swagger`",
    )


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
        raise SpecError("URLs are not read", where=str(source), hint="Download it first and give the file")
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
            lenient = _parse_leniently(text)
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


def _parse_leniently(text: str) -> Json:
    """Return what a JSON text with NaN, infinities or lone surrogates holds, None when it is not even that."""
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_bounded)
        return orjson.loads(orjson.dumps(value))
    except (ValueError, TypeError, RecursionError):
        return None


def _no_number(_: str) -> None:
    return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _bounded(text: str) -> Any:
    number = float(text)
    return int(text) if abs(number) < 2**63 else _finite(text)
