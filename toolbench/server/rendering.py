"""What the world answers, put into the form in which the API documents it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

import orjson

from toolbench.model import HttpBinding, Json, Tool, is_object
from toolbench.server.messages import JSON, Answer, is_json, media_type

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED)
_UNWANTED = re.compile(r";\s*q=0(?:\.0*)?\s*(?:;|$)")


def rendered(tool: Tool, binding: HttpBinding, status: int, body: Json) -> Answer:
    """Return the answer that carries a body, in the documented media type."""
    if status >= HTTPStatus.BAD_REQUEST:
        offered = binding.error_types.get(documented(tool, status), JSON)
        text = isinstance(body, str) and not is_json(media_type(offered))
        return Answer(status, body.encode() if text else orjson.dumps(body), offered)
    if status in _BODILESS or (not binding.response_type and body is None):
        return Answer(status)
    offered = binding.response_type or JSON
    if is_json(media_type(offered)):
        # Where no schema says what is in a body that must be JSON, an empty object is.
        return Answer(status, orjson.dumps({} if body is None and tool.returns is None else body), offered)
    return Answer(status, body.encode() if isinstance(body, str) else b"", offered)


def documented(tool: Tool, status: int) -> str:
    """Return the key in `Tool.errors` under which a failure is documented; empty for none."""
    keys = (str(status), f"{str(status)[0]}XX", "default")
    return next((key for key in keys if key in tool.errors), "")


def examples(tool: Tool, status: str = "") -> dict[str, Json]:
    """Return the documented bodies of a tool by name.

    Args:
        tool: the tool.
        status: the key in `Tool.errors` of a failure; by default success is meant.
    """
    key = "error" if status else "result"
    return {
        each.get("name", ""): each[key] for each in tool.examples if key in each and each.get("status", "") == status
    }


@lru_cache(maxsize=1024)
def is_acceptable(offered: str, accept: str) -> bool:
    """Tell whether a media type is among those a client accepts. Kinds of JSON stand for one another.

    Args:
        offered: the media type, without parameters.
        accept: the header `Accept`.
    """
    for each in accept.lower().split(","):
        wanted = media_type(each)
        kind, _, inner = wanted.partition("/")
        fits = wanted == offered or kind == "*" or (inner == "*" and offered.startswith(f"{kind}/"))
        if (fits or (is_json(wanted) and is_json(offered))) and not _UNWANTED.search(each):
            return True
    return False


def parameter_names(template: str) -> tuple[str, ...]:
    """Return the names of a path template's parameters, in order."""
    return tuple(part.partition("}")[0] for part in template.split("{")[1:])


def location(template: str, path: Mapping[str, str], key_path: tuple[str, ...], body: Json) -> str:
    """Return the path of a new entity, percent-encoded; empty where it cannot be told.

    Args:
        template: path template of the entity.
        path: the parameters of the path it was made under, percent-encoded.
        key_path: where an entity holds its own key.
        body: what was answered: the entity, or an object that wraps it.
    """
    own = _own_key(body, key_path)
    names = parameter_names(template)
    if own is None or not names:
        return ""
    values = {**path, names[-1]: quote(str(own), safe="")}
    if not values.keys() >= set(names):
        return ""
    for name in names:
        template = template.replace(f"{{{name}}}", values[name])
    return template


def _own_key(body: Json, key_path: tuple[str, ...]) -> Json:
    wrapped = [inner for inner in body.values() if is_object(inner)] if is_object(body) else []
    found = (_held(each, key_path) for each in (body, *wrapped))
    return next((own for own in found if isinstance(own, str | int)), None)


def _held(value: Json, path: tuple[str, ...]) -> Json:
    for name in path:
        value = value.get(name) if is_object(value) else None
    return value
