"""References: `$ref` followed within a document and to files beside it (RFC 6901 pointers, RFC 3986 fragments)."""

import difflib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from toolbench.errors import SpecError
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.specs.base import Document, read_document

MAX_CHAIN = 100
"""References that may follow one another."""


@dataclass(frozen=True)
class Place:
    """A spot in a document."""

    file: Path
    """The file."""
    tokens: tuple[str, ...] = ()
    """The JSON pointer's tokens, not escaped."""

    def at(self, *tokens: str) -> "Place":
        """Return the place below this one."""
        return Place(self.file, self.tokens + tokens)

    @cached_property
    def pointer(self) -> str:
        """The JSON pointer."""
        return "".join(f"/{token.replace('~', '~0').replace('/', '~1')}" for token in self.tokens)

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"


_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")

Found: TypeAlias = tuple[Json, Place]
"""A value and where it stands."""


class References:
    """Follows the references of one description, over all of its files. Files are read once, when first needed."""

    def __init__(self, document: Document) -> None:
        self.root = Place(document.path)
        self._folder = document.path.resolve().parent
        self._files: dict[Path, Json] = {document.path: document.content}
        self._targets: dict[tuple[Path, str], Found] = {}

    def target(self, reference: str, at: Place) -> Found:
        """Return what a reference points to.

        Args:
            reference: the text of the `$ref`.
            at: where the `$ref` stands.

        Raises:
            SpecError: it leads nowhere, out of the description's folder, or to another host.
        """
        key = (at.file, reference)
        if key not in self._targets:
            self._targets[key] = self._resolve(reference, at)
        return self._targets[key]

    def follow(self, value: Json, at: Place) -> Found:
        """Return the value that stands at the end of a chain of references; the value itself where it is none.

        Raises:
            SpecError: as `target`; or the references go round in a circle.
        """
        start = at
        for _ in range(MAX_CHAIN):
            reference = reference_of(value)
            if reference is None:
                return value, at
            value, at = self.target(reference, at)
        raise SpecError(
            "a chain of `$ref` goes round in a circle", where=str(start), hint="Let one of them hold the content"
        )

    def follow_object(self, value: Json, at: Place) -> tuple[JsonObject, Place]:
        """Return the object at the end of a chain of references; an empty one where there is something else."""
        found, place = self.follow(value, at)
        return (found if is_object(found) else {}), place

    def _resolve(self, reference: str, at: Place) -> Found:
        address, _, fragment = reference.partition("#")
        file = self._file(address, reference, at) if address else at.file
        value = self._files[file]
        tokens = tuple(_unescape(token) for token in fragment.split("/")[1:])
        if fragment and not fragment.startswith("/"):
            raise _nowhere(reference, at, "Only JSON pointers (`#/…`) are followed")
        for done, token in enumerate(tokens):
            below = _child(value, token)
            if below is None:
                raise _nowhere(reference, at, _suggestion(value, tokens[:done], token))
            (value,) = below
        return value, Place(file, tokens)

    def _file(self, address: str, reference: str, at: Place) -> Path:
        if urlsplit(address).scheme or address.startswith("//"):
            raise SpecError(
                f"remote `$ref` {reference!r} is not followed",
                where=str(at),
                hint="Download it, put it beside this file, and refer to it by a relative path",
            )
        path = at.file.parent / unquote(address)
        if not path.resolve().is_relative_to(self._folder):
            raise SpecError(
                f"`$ref` {reference!r} leads out of the folder of the description",
                where=str(at),
                hint="Put the file into that folder",
            )
        return self._read(path, reference, at)

    def _read(self, path: Path, reference: str, at: Place) -> Path:
        known = next((file for file in self._files if file.resolve() == path.resolve()), None)
        if known:
            return known
        if not path.is_file():
            raise _nowhere(reference, at, f"There is no file {path}")
        self._files[path] = read_document(path).content
        return path


def reference_of(value: Json) -> str | None:
    """Return the text of a value's `$ref`, None where it has none."""
    reference = value.get("$ref") if is_object(value) else None
    return reference if isinstance(reference, str) else None


def _unescape(token: str) -> str:
    return unquote(token).replace("~1", "/").replace("~0", "~")


def _child(value: Json, token: str) -> tuple[Json] | None:
    if is_object(value) and token in value:
        return (value[token],)
    if is_array(value) and _INDEX.fullmatch(token) and int(token) < len(value):
        return (value[int(token)],)
    return None


def _suggestion(value: Json, above: tuple[str, ...], token: str) -> str:
    near = difflib.get_close_matches(token, value if is_object(value) else (), n=1)
    parent = Place(Path(), above).pointer
    if near:
        return f"Did you mean {f'#{Place(Path(), (*above, near[0])).pointer}'!r}?"
    return f"There is no {token!r} at {f'#{parent}'!r}"


def _nowhere(reference: str, at: Place, hint: str) -> SpecError:
    return SpecError(f"`$ref` {reference!r} leads nowhere", where=str(at), hint=hint)
