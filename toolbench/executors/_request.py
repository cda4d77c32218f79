"""What a call puts on the wire, before it is known to which server and as whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import quote

import orjson

from toolbench.executors._bodies import Body, Field, encode, is_json
from toolbench.executors._errors import ArgumentError
from toolbench.executors._styles import Pair, as_text, in_path, is_absent, joined, pairs
from toolbench.model import Argument, HttpBinding, Json, JsonObject, Tool

_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_LITERAL_SAFE = "/?:@!$&'()*+,;=%"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OF_THE_CONNECTION = frozenset(
    ("connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
_WITH_BODY = ("POST", "PUT", "PATCH")

_Given: TypeAlias = Sequence[tuple[Argument, Json]]


@dataclass(slots=True)
class Draft:
    """A request without a server or credentials. All parts are encoded as they go out."""

    method: str
    """HTTP method."""
    path: str
    """Path, from its first slash; with the query, where the template has one."""
    query: list[Pair] = field(default_factory=list[Pair])
    """Parameters of the query, in order."""
    headers: list[Pair] = field(default_factory=list[Pair])
    """Headers that carry arguments, and those that describe the body and the answer."""
    cookies: list[Pair] = field(default_factory=list[Pair])
    """Cookies, in order."""
    body: Body = field(default_factory=Body)
    """The body."""

    @property
    def target(self) -> str:
        """Path and query."""
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return self.path + (f"{'&' if '?' in self.path else '?'}{query}" if query else "")


def build(tool: Tool, binding: HttpBinding, arguments: JsonObject) -> Draft:
    """Return the request that a call makes.

    Args:
        tool: the closed tool; its parameters' schemas tell files in multipart bodies from text.
        binding: where each argument goes: the tool's.
        arguments: the call's arguments, JSON that can be encoded. Those missing are left out, and so are nulls but
            in JSON bodies.

    Raises:
        ArgumentError: an argument has no form there, or would change more than its own part of the request.
    """
    given = [(each, _value(each, arguments[each.name])) for each in binding.arguments if each.name in arguments]
    draft = Draft(binding.method, _path(binding.path, given))
    draft.headers.append(("Accept", f"{binding.response_type}, */*;q=0.1" if binding.response_type else "*/*"))
    for argument, value in given:
        if not is_absent(value):
            _place(draft, argument, value)
    draft.body = _body(tool, binding, given)
    if draft.body.content_type:
        draft.headers.append(("Content-Type", draft.body.content_type))
    return draft


def _value(argument: Argument, value: Json) -> Json:
    """Return an argument's value, as the text of a document where the parameter's `content` says so."""
    if value is None or argument.location == "body" or not argument.content_type:
        return value
    return orjson.dumps(value).decode() if is_json(argument.content_type) else as_text(value)


def _path(template: str, given: _Given) -> str:
    filled = {argument.key: _in_path(argument, value) for argument, value in given if argument.location == "path"}
    # Some descriptions tell operations on one path apart by a fragment, which is never sent.
    segments = template.partition("#")[0].lstrip("/").split("/")
    return "/" + "/".join(_segment(segment, filled) for segment in segments)


def _in_path(argument: Argument, value: Json) -> str:
    text = "" if is_absent(value) else in_path(argument, value)
    if not text:
        raise ArgumentError(argument.name, "must not be empty: it is part of the path")
    return text


def _segment(segment: str, filled: dict[str, str]) -> str:
    literal, *rest = _TEMPLATE.split(segment)
    written = quote(literal, safe=_LITERAL_SAFE)
    for key, literal in zip(rest[::2], rest[1::2], strict=True):
        if key not in filled:
            raise ArgumentError(key, "is missing, and the path needs it")
        written += filled[key] + quote(literal, safe=_LITERAL_SAFE)
    if rest and written in (".", ".."):
        raise ArgumentError(rest[0], f"must not be {written!r}: it would lead to another path")
    return written


def _place(draft: Draft, argument: Argument, value: Json) -> None:
    """Put an argument into the query, a header or a cookie."""
    if argument.location == "query":
        draft.query += pairs(argument, value)
    elif argument.location == "cookie":
        draft.cookies += pairs(argument, value)
    elif argument.location == "header":
        draft.headers.append((argument.key, _header(argument, value)))


def _header(argument: Argument, value: Json) -> str:
    """Return a header's value: not percent-encoded, as OpenAPI's own examples have it."""
    name = argument.key.lower()
    if not _TOKEN.fullmatch(name) or name in _OF_THE_CONNECTION or name.startswith("proxy-"):
        raise ArgumentError(argument.name, f"the header {argument.key!r} is not a call's to set")
    text = joined(value, str, explode=argument.explode).strip()
    if _CONTROL.search(text):
        raise ArgumentError(argument.name, "a header cannot hold control characters")
    return text


def _body(tool: Tool, binding: HttpBinding, given: _Given) -> Body:
    properties: JsonObject = tool.parameters.get("properties") or {}
    fields = [
        Field(argument, value, properties.get(argument.name) or {})
        for argument, value in given
        if argument.location == "body"
    ]
    takes_object = any(argument.location == "body" and argument.key for argument in binding.arguments)
    # Servers that await an object take an empty one, but stumble over nothing at all.
    if fields or (takes_object and is_json(binding.media_type) and binding.method in _WITH_BODY):
        return encode(binding.media_type, fields)
    return Body()
