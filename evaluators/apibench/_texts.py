"""Calls found in free text: of Python, whole or torn, in JSON, and of OpenAI's form. Nothing is run."""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evaluators.matching._syntax import UnreadableError, dotted, expression, value
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.base import is_shallow

LONGEST = 200_000
"""Characters of a text that are looked at."""
LONGEST_CALL = 5_000
"""Characters of a call that are looked at."""
MOST = 200
"""Calls, and objects of JSON, that are looked at in a text."""

_START = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\(")
_KEYWORD = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)\s*(.*)", re.DOTALL)
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_SCANNER = json.JSONDecoder()

_ORDER: dict[str, tuple[str, ...]] = {
    "torch.hub.load": ("repo_or_dir", "model"),
    "pipeline": ("task", "model"),
    "from_pretrained": ("pretrained_model_name_or_path",),
    "hub.load": ("handle",),
    "hub.KerasLayer": ("handle",),
}
"""What the first arguments of well-known functions are called."""


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call found in a text."""

    name: str
    """The dotted name of what is called."""
    text: str
    """The call as written; of one in JSON, as Python would write it."""
    positional: tuple[Json, ...] = ()
    """Values given by place."""
    keywords: JsonObject = field(default_factory=dict[str, Json])
    """Values given by name."""

    def named(self) -> dict[str, Json]:
        """Return all arguments by name, those given by place by their place where the name is not known."""
        names = _ORDER.get(self.name) or _ORDER.get(self.name.rpartition(".")[2], ())
        placed = {names[at] if at < len(names) else f"#{at + 1}": one for at, one in enumerate(self.positional)}
        return placed | self.keywords

    def values(self) -> list[Json]:
        """Return the values of all arguments."""
        return [*self.positional, *self.keywords.values()]


def calls_in(text: str) -> list[FoundCall]:
    """Return the calls in a text in the order in which they begin, those in JSON last."""
    found = list(_of_python(text[:LONGEST]))
    for item in _objects(text[:LONGEST]):
        found += _of_json(item)
    return found


def _of_python(text: str) -> Iterator[FoundCall]:
    for count, start in enumerate(_START.finditer(text)):
        if count == MOST:
            return
        end = closing(text, start.end() - 1)
        yield _read(text[start.start() : end], start[0][:-1])


def closing(text: str, start: int) -> int:
    """Return the place behind the bracket that closes the one at a place; where none does, behind all looked at."""
    expected: list[str] = []
    quote, skip = "", False
    limit = min(len(text), start + LONGEST_CALL)
    for place in range(start, limit):
        letter = text[place]
        if skip or quote:
            quote, skip = ("" if letter == quote and not skip else quote), letter == "\\" and not skip
        elif letter in "\"'":
            quote = letter
        elif letter in _CLOSERS:
            expected.append(_CLOSERS[letter])
        elif expected and letter == expected[-1]:
            expected.pop()
            if not expected:
                return place + 1
    return limit


def _read(text: str, name: str) -> FoundCall:
    """Return a call as parsed; where it is torn, or no Python, as far as it can be told apart."""
    try:
        tree = expression(text)
    except UnreadableError:
        return _read_torn(text, name)
    if not isinstance(tree, ast.Call):
        return _read_torn(text, name)
    keywords = {word.arg or "**": _value(word.value) for word in tree.keywords}
    return FoundCall(dotted(tree.func), text, tuple(map(_value, tree.args)), keywords)


def _value(node: ast.expr) -> Json:
    try:
        return value(node)
    except UnreadableError:
        return ast.unparse(node)


def _read_torn(text: str, name: str) -> FoundCall:
    inner = text[len(name) + 1 :].removesuffix(")")
    positional: list[Json] = []
    keywords: JsonObject = {}
    for part in filter(str.strip, _split(inner)):
        word = _KEYWORD.fullmatch(part)
        if word:
            keywords[word[1]] = _bare(word[2])
        else:
            positional.append(_bare(part))
    return FoundCall(name, text, tuple(positional), keywords)


def _split(text: str) -> Iterator[str]:
    """Yield what stands between commas outside brackets and quotation marks."""
    depth, quote, start = 0, "", 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "," and depth == 0:
            yield text[start:place]
            start = place + 1
        else:
            depth += (letter in "([{") - (letter in ")]}")
    yield text[start:]


def _bare(text: str) -> Json:
    try:
        return value(expression(text.strip()))
    except UnreadableError:
        return text.strip().strip("\"'")


def _objects(text: str) -> Iterator[Json]:
    """Yield the JSON objects and lists in a text, the outermost of each."""
    place = 0
    for _ in range(MOST):
        opened = re.compile(r"[\[{]").search(text, place)
        if opened is None:
            return
        try:
            found, place = _SCANNER.raw_decode(text, opened.start())
        except (ValueError, RecursionError):
            place = opened.end()
            continue
        if is_shallow(found):
            yield found


def _of_json(item: Json) -> Iterator[FoundCall]:
    """Yield the calls in a JSON value: objects with a name and arguments, and texts of calls as `api_call`."""
    if is_array(item):
        for inner in item:
            yield from _of_json(inner)
    elif is_object(item):
        name, given = item.get("name"), _arguments(item)
        if isinstance(name, str) and given is not None:
            yield FoundCall(name, _written(name, given), (), given)
            return
        for key, inner in item.items():
            if key == "api_call" and isinstance(inner, str):
                yield from _of_python(inner)
            else:
                yield from _of_json(inner)


def _arguments(item: JsonObject) -> JsonObject | None:
    given: Json = next((item[key] for key in ("arguments", "parameters", "args") if key in item), None)
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    return given if is_object(given) and is_shallow(given) else None


def _written(name: str, given: JsonObject) -> str:
    return f"{name}({', '.join(f'{key}={one!r}' for key, one in given.items())})"


def api_call_part(text: str) -> str | None:
    """Return what stands in the field `api_call` of a response, up to the field `api_provider`; None without one."""
    parts = text.split("api_call")
    if len(parts) == 1:
        return None
    part = parts[1].split("api_provider")[0]
    return part[part.find(":") + 1 :]


def strings(values: Sequence[Json]) -> list[str]:
    """Return the texts among values that are not empty."""
    return [one for one in values if isinstance(one, str) and one]
