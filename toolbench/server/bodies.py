"""Request bodies: JSON, forms and raw ones, read into what the tool's arguments are taken from."""

import base64
import re
from urllib.parse import quote

import orjson

from toolbench.model import Json
from toolbench.server.messages import Pairs, Request, is_json, media_type, read_pairs
from toolbench.server.styles import Tree, nested
from toolbench.world.answers import ApiError

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_ANY = ("*/*", "application/*", "application/octet-stream")
_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_NAME = re.compile(r'(?<![a-z*])name="((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_DEFAULT_NAME = re.compile(r"(?<![a-z*])name=([^;\s]+)", re.IGNORECASE)


def accepts(expected: str, sent: str) -> bool:
    """Tell whether an operation that expects one media type understands another.

    Args:
        expected: media type of the operation's body.
        sent: media type of the request; empty when it says none.
    """
    if not sent or expected in _ANY or sent == expected:
        return True
    if expected in FORMS:
        return sent in FORMS
    return is_json(expected) and is_json(sent)


def read_json(body: bytes) -> Json:
    """Return what a JSON body holds.

    Raises:
        ApiError: 400, the body is not JSON, or nested deeper than anybody means.
    """
    try:
        value = orjson.loads(body)
        orjson.dumps(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError) as error:
        raise ApiError(400, f"The body is not JSON: {error}", ({"pointer": "", "message": str(error)},)) from error
    return value


def read_form(request: Request) -> dict[str, Tree]:
    """Return the fields of a form, urlencoded or in parts; brackets in names make lists and objects.

    Raises:
        ApiError: 400, the parts cannot be told apart.
    """
    content_type = request.headers.get("content-type", "")
    if media_type(content_type) != "multipart/form-data":
        return nested(read_pairs(request.body.decode("utf-8", "replace")))
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ApiError(400, "The content type names no boundary")
    return nested(_parts(request.body, found.group(1).encode("latin-1")))


def text_of(body: bytes) -> str:
    """Return bytes as text: as they are where they are UTF-8, else in base 64."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode()


def _parts(body: bytes, boundary: bytes) -> Pairs:
    pairs: Pairs = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.partition(b"\r\n\r\n")
        if name := _part_name(head.decode("utf-8", "replace")):
            pairs.append((name, quote(text_of(content))))
    return pairs


def _part_name(head: str) -> str:
    for line in head.split("\r\n"):
        if line.lower().startswith("content-disposition:"):
            if quoted := _NAME.search(line):
                return re.sub(r"\\(.)", r"\1", quoted.group(1))
            bare = _DEFAULT_NAME.search(line)
            return bare.group(1) if bare else ""
    return ""
