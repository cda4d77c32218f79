"""An answer's calls, as BFCL's result files hold them: a list of calls, or a text of calls of Python."""

import ast
import json
import re
from collections.abc import Iterator

from evaluators.matching._fault import NamedCall
from evaluators.matching._rules import Rules
from evaluators.matching._syntax import LONGEST, UnreadableError, arguments, dotted, expression
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.base import DEEPEST, is_shallow

__all__ = ["UnreadableError", "decode"]

_FENCED = re.compile(r"```[\w-]*\n?(.*?)```", re.DOTALL)
_TAGGED = re.compile(r"<(tool_?call)s?>(.*?)</\1s?>", re.DOTALL | re.IGNORECASE)


def decode(result: Json, rules: Rules) -> tuple[NamedCall, ...]:
    """Return the calls of an answer.

    Args:
        result: a text `[f(a=1), g(b="x")]`, or a list of objects `{name: arguments}`, the arguments an object or its
            JSON; with tolerant text also calls in fences, in tags, as JSON and of OpenAI's form.
        rules: how a text is read.

    Raises:
        UnreadableError: it holds no such calls, or something else besides.
    """
    if isinstance(result, str):
        return _of_text(result, rules)
    if not is_array(result):
        raise UnreadableError("the answer is neither a text nor a list of calls")
    if not is_shallow(result):
        raise UnreadableError(f"nested deeper than {DEEPEST} levels")
    return tuple(_of_item(item, rules) for item in result)


def _of_item(item: Json, rules: Rules) -> NamedCall:
    if not is_object(item) or not item:
        raise UnreadableError("what stands among the calls is no call")
    if rules.tolerant_text and (named := _of_openai(item)):
        return named
    if len(item) > 1 and is_object(next(iter(item.values()))):
        raise UnreadableError("what stands among the calls has several names")
    name, given = next(iter(item.items()))
    return NamedCall(name, _object_of(given))


def _of_openai(item: JsonObject) -> NamedCall | None:
    """Return a call of the form `{name, arguments}`, alone or as a `function`; None where it has another."""
    inner: Json = item.get("function", item)
    if not is_object(inner) or not isinstance(inner.get("name"), str):
        return None
    given: Json = next((inner[key] for key in ("arguments", "parameters", "args") if key in inner), None)
    return NamedCall(inner["name"], _object_of(given or {}))


def _object_of(given: Json) -> JsonObject:
    found = _json(given) if isinstance(given, str) else given
    if not is_object(found):
        raise UnreadableError("a call's arguments are no object")
    return found


def _json(text: str) -> Json:
    if len(text) > LONGEST:
        raise UnreadableError(f"longer than {LONGEST} characters")
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not JSON: {error}") from error
    if not is_shallow(found):
        raise UnreadableError(f"nested deeper than {DEEPEST} levels")
    return found


def _of_text(text: str, rules: Rules) -> tuple[NamedCall, ...]:
    if not rules.tolerant_text:
        return _of_python(text, rules)
    problems: list[UnreadableError] = []
    for part in _parts(text):
        for reads in (_of_python, _of_json):
            try:
                if found := reads(part, rules):
                    return found
            except UnreadableError as error:
                problems.append(error)
    if problems:
        raise problems[0]
    return ()


def _parts(text: str) -> Iterator[str]:
    """Yield what of a text may be its calls: all of it, what is tagged, what is fenced, its outermost list."""
    yield text
    if tagged := [found[2].strip() for found in _TAGGED.finditer(text)]:
        yield from (tagged[0] if len(tagged) == 1 else f"[{','.join(tagged)}]",)
    yield from (found[1] for found in _FENCED.finditer(text))
    start, end = text.find("["), text.rfind("]")
    if 0 <= start < end:
        yield text[start : end + 1]


def _of_json(text: str, rules: Rules) -> tuple[NamedCall, ...]:
    found = _json(text.strip())
    return tuple(_of_item(item, rules) for item in (found if is_array(found) else [found]))


def _of_python(text: str, rules: Rules) -> tuple[NamedCall, ...]:
    bare = text.strip("`\n ")
    bare = bare if bare.startswith("[") else f"[{bare}"
    bare = bare if bare.endswith("]") else f"{bare}]"
    listed = expression(bare.strip())
    if not isinstance(listed, ast.List | ast.Tuple):
        raise UnreadableError("the text is no list of calls")
    return tuple(_of_call(item, rules) for item in listed.elts)


def _of_call(item: ast.expr, rules: Rules) -> NamedCall:
    if not isinstance(item, ast.Call):
        raise UnreadableError("what stands in the list is no call")
    return NamedCall(dotted(item.func), arguments(item, as_published=rules.as_published))
