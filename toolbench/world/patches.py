"""Changes to a JSON value: nested fields merged, or a JSON Patch (RFC 6902) carried out."""

from collections.abc import Sequence

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import at, parts


def merged_into(before: Json, change: Json) -> Json:
    """Return a value with the fields of a change written over its own, at every depth."""
    if not is_object(before) or not is_object(change):
        return change
    return {**before, **{name: merged_into(before.get(name), inner) for name, inner in change.items()}}


def patched(value: Json, steps: Sequence[JsonObject]) -> Json:
    """Return a value after a JSON Patch. A step of an unknown kind, or at the root, changes nothing."""
    for step in steps:
        if where := parts(str(step.get("path", ""))):
            value = _after(value, step, where)
    return value


def _after(value: Json, step: JsonObject, where: list[str]) -> Json:
    match step.get("op"):
        case "add" | "replace" as kind:
            return _with(value, where, step.get("value"), insert=kind == "add")
        case "copy" | "move" as kind:
            source = str(step.get("from", ""))
            rest = _without(value, parts(source)) if kind == "move" else value
            return _with(rest, where, at(value, source), insert=True)
        case "remove":
            return _without(value, where)
        case _:
            return value


def _with(value: Json, tokens: Sequence[str], written: Json, *, insert: bool) -> Json:
    if not tokens:
        return written
    token, *rest = tokens
    if is_object(value):
        return {**value, token: _with(value.get(token), rest, written, insert=insert)}
    if is_array(value):
        place = int(token) if token.isdecimal() else len(value)
        if insert and not rest:
            return [*value[:place], written, *value[place:]]
        return [_with(v, rest, written, insert=insert) if i == place else v for i, v in enumerate(value)]
    return {token: _with(None, rest, written, insert=insert)}


def _without(value: Json, tokens: Sequence[str]) -> Json:
    if not tokens:
        return value
    token, *rest = tokens
    if is_object(value) and token in value:
        kept = {name: inner for name, inner in value.items() if name != token}
        return {**value, token: _without(value[token], rest)} if rest else kept
    if is_array(value) and token.isdecimal():
        place = int(token)
        return [_without(v, rest) if i == place else v for i, v in enumerate(value) if rest or i != place]
    return value
