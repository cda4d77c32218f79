"""Requests as read off the wire, and answers on their way to it."""

from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

import orjson

from toolbench.model import Json

JSON = "application/json"
HTML = "text/html; charset=utf-8"

Pairs = list[tuple[str, str]]
"""Names, decoded, and values as sent: percent-encoded, with `%20` for `+`."""


@dataclass(slots=True)
class Request:
    """An HTTP request."""

    method: str
    path: str
    """The path as sent, percent-encoded."""
    query: Pairs = field(default_factory=list[tuple[str, str]])
    """The query string."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Headers by name, lower case; several of one name are joined."""
    body: bytes = b""
    scheme: str = "http"

    def address(self, path: str) -> str:
        """Return a path on this server as an absolute URL, as far as the request says what the server is called."""
        host = self.headers.get("host", "")
        return f"{self.scheme}://{host}{path}" if host else path

    def cookies(self) -> Pairs:
        """Return the cookies."""
        parts = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return [(name, value) for name, _, value in parts if name]


@dataclass(slots=True)
class Answer:
    """An HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Other headers."""
    seconds: int = 0
    """How long it takes, where it is slow on purpose."""


def json_answer(status: int, value: Json) -> Answer:
    """Return an answer that holds a JSON value."""
    return Answer(status, orjson.dumps(value), JSON)


def read_pairs(text: str) -> Pairs:
    """Return the names and values of a query string or an urlencoded form."""
    pairs: Pairs = []
    for part in text.split("&"):
        name, _, value = part.replace("+", "%20").partition("=")
        if name:
            pairs.append((unquote(name), value))
    return pairs


@lru_cache(maxsize=1024)
def media_type(content_type: str) -> str:
    """Return a media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Tell whether a media type stands for one JSON value."""
    return media.endswith(("/json", "+json"))
