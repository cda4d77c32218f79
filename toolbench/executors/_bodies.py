"""Bodies of requests: JSON, URL-encoded forms (nested ones as Stripe writes them), multipart forms (RFC 7578), text."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from toolbench.executors._errors import ArgumentError
from toolbench.executors._styles import Pair, as_text, bracketed, is_absent, pairs
from toolbench.model import Argument, Json, JsonObject, is_array, is_object

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_JSON = re.compile(r"[^;]*[/+]json\s*(;.*)?", re.IGNORECASE)
_NOT_IN_A_NAME = {'"': "%22", "\r": "%0D", "\n": "%0A"}


@dataclass(frozen=True, slots=True)
class Field:
    """One argument that goes into the body."""

    argument: Argument
    """Where it goes."""
    value: Json
    """Its value."""
    schema: JsonObject
    """Its schema."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body, ready to be sent."""

    content: bytes = b""
    """Its bytes."""
    content_type: str = ""
    """The Content-Type header; empty for no body at all."""


def is_json(media_type: str) -> bool:
    """Tell whether a media type stands for one JSON value."""
    return _JSON.fullmatch(media_type) is not None


def encode(media_type: str, fields: Sequence[Field]) -> Body:
    """Return the body that carries the fields: one whole body (its key is empty), or the properties of an object.

    Raises:
        ArgumentError: the value cannot be written in that media type.
    """
    base = media_type.partition(";")[0].strip().lower()
    if base == MULTIPART:
        return _multipart(_spread(fields))
    if base == URLENCODED and not _is_text(fields):
        written = (pair for field in _spread(fields) for pair in _form_pairs(field))
        return Body("&".join(f"{name}={value}" for name, value in written).encode(), media_type)
    if is_json(media_type):
        whole = [field.value for field in fields if not field.argument.key]
        value = whole[0] if whole else {field.argument.key: field.value for field in fields}
        return Body(orjson.dumps(value), media_type)
    return Body(_text(media_type, fields), media_type)


def _is_text(fields: Sequence[Field]) -> bool:
    return any(not field.argument.key and isinstance(field.value, str) for field in fields)


def _spread(fields: Iterable[Field]) -> list[Field]:
    """Return the fields of a form; a whole body that is an object is taken apart."""
    found: list[Field] = []
    for field in fields:
        if field.argument.key:
            found.append(field)
        elif is_object(field.value):
            properties: JsonObject = field.schema.get("properties") or {}
            found += [
                Field(Argument(name=key, location="body", key=key, explode=True), value, properties.get(key) or {})
                for key, value in field.value.items()
            ]
        else:
            raise ArgumentError(field.argument.name, "must be an object, to be sent as a form")
    return found


def _form_pairs(field: Field) -> list[Pair]:
    argument, value = field.argument, field.value
    if argument.content_type and not is_absent(value):
        return pairs(argument, as_text(value))
    return bracketed(argument.key, value) if _is_nested(value) else pairs(argument, value)


def _is_nested(value: Json) -> bool:
    """Tell whether a value is more than a list of plain values, which is all that the style `form` can name."""
    return is_object(value) or (is_array(value) and any(isinstance(member, list | dict) for member in value))


def _text(media_type: str, fields: Sequence[Field]) -> bytes:
    for field in fields:
        if field.argument.key or not isinstance(field.value, str):
            raise ArgumentError(field.argument.name, f"must be one text, to be sent as {media_type}")
        return field.value.encode()
    return b""


def _multipart(fields: Sequence[Field]) -> Body:
    parts = [
        part
        for field in fields
        for value in (field.value if is_array(field.value) else [field.value])
        if value is not None
        for part in [_part(field, value)]
    ]
    # Made from the content: equal requests are equal bytes.
    boundary = f"toolbench-{hashlib.sha256(b''.join(parts)).hexdigest()[:32]}"
    content = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return Body(content + f"--{boundary}--\r\n".encode(), f"{MULTIPART}; boundary={boundary}")


def _part(field: Field, value: Json) -> bytes:
    name = "".join(_NOT_IN_A_NAME.get(character, character) for character in field.argument.key)
    is_file = _is_file(field.schema)
    disposition = f'form-data; name="{name}"' + (f'; filename="{name}"' if is_file else "")
    default = "application/octet-stream" if is_file else "application/json" if is_object(value) else ""
    content_type = field.argument.content_type.partition(",")[0].strip() or default
    head = f"Content-Disposition: {disposition}\r\n"
    head += f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"{head}\r\n{as_text(value)}".encode()


def _is_file(schema: JsonObject) -> bool:
    """Tell whether a schema describes a file: bytes, or a list of such."""
    items = schema.get("items")
    if is_object(items):
        return _is_file(items)
    return schema.get("format") == "binary" or "contentMediaType" in schema
