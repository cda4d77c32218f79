"""Documents from APIBench and API Zoo: one row an API, with the very call that is right as `api_call`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from evaluators.apibench import api_row
from toolbench.errors import InputError
from toolbench.gorilla.docset import ApiDoc, Parameter, Problem
from toolbench.gorilla.sources.texts import read_text
from toolbench.importers._rows import entries_of
from toolbench.model import Json, JsonObject, is_array, is_object

_OWN = ("domain", "framework", "functionality", "description", "api_name", "api_call", "api_arguments", "api_version")
_DROPPED = ("user_name", "questions", "code", "provider")
_OPEN_NAMES = ("kwargs", "args")
_TYPES = {
    "str": "string", "string": "string", "int": "integer", "integer": "integer", "float": "number", "number": "number",
    "double": "number", "bool": "boolean", "boolean": "boolean", "list": "array", "array": "array", "dict": "object",
    "object": "object",
}  # fmt: skip
_ASSIGNED = re.compile(r"^\w+\s*=\s*(?=[\w.]+\()")
_ITEM = re.compile(r"^\s*\*{0,2}(?P<name>[A-Za-z_]\w*)\s*(?::\s*(?P<type>[^=]+?))?\s*(?:=\s*(?P<default>.+?))?\s*$")


def is_apibench(row: Json) -> bool:
    """Tell whether a JSON value looks like a row of APIBench or API Zoo, or like one of its questions."""
    return is_object(row) and ("api_call" in row or is_object(row.get("api_data")))


def documents(path: Path, *, longest: int) -> tuple[list[ApiDoc], list[Problem]]:
    """Return a document for each row of a file, and what is wrong with the others. Questions give their API's row;
    the same row twice is one document.

    Args:
        path: JSON lines, or a JSON list.
        longest: characters that a document may have. From a longer one what APIBench has besides is left out, then its
            description is cut.

    Raises:
        InputError: the file cannot be read.
    """
    read = read_text(path)
    problems = list(read.problems)
    docs: dict[bytes, ApiDoc] = {}
    for entry in entries_of(read.text):
        where = f"{path.name}, line {entry.line}"
        try:
            if entry.problem or not is_object(entry.content):
                raise InputError(entry.problem or "the row is no object")
            doc = _document(entry.content, where)
        except InputError as error:
            problems.append(Problem(where, error.message, "left out"))
            continue
        fitted = _fitted(doc, longest)
        if fitted is None:
            problems.append(Problem(where, f"the document is longer than {longest} characters", "left out"))
        else:
            if fitted is not doc:
                problems.append(Problem(where, f"the document is longer than {longest} characters", "shortened"))
            docs.setdefault(fitted.text.encode(), fitted)
    return list(docs.values()), problems


def _document(row: JsonObject, where: str) -> ApiDoc:
    """Return the document of a row.

    Raises:
        InputError: it is none of an API; `message` says why.
    """
    inner: Json = row.get("api_data")
    row = inner if is_object(inner) else row
    if not any(row.values()):
        raise InputError("the document is empty")
    known = api_row(row)
    if known is None or not known.call.name:
        raise InputError("the row names no call (`api_call`)")
    call = known.call
    written = _call(str(row.get("api_call", "")), call.name)
    if not written:
        raise InputError(f"`api_call` is no call of a dotted name: {str(row.get('api_call'))[:80]!r}")
    framework = str(row.get("framework") or row.get("user_name") or row.get("provider") or "")
    title = str(row.get("api_name") or "")
    description = " ".join(dict.fromkeys(_said(row, ("functionality", "description"))))
    fixed = dict(call.keywords)
    return ApiDoc(
        id="/".join(part for part in (framework, title or call.name) if part),
        name=call.name,
        framework=framework,
        domain=str(row.get("domain") or ""),
        title=title,
        description=description,
        api_version=str(row.get("api_version") or ""),
        parameters=tuple(_parameters(row.get("api_arguments"))),
        placed=call.positional,
        fixed=fixed,
        written=written,
        is_open=not row.get("api_arguments"),
        extra={
            key: value for key, value in row.items() if key not in (*_OWN, *_DROPPED) and value not in (None, "", [])
        },
        source=where,
    )


def _call(written: str, name: str) -> str:
    """Return a text that is one call of a name and nothing else, in one way of writing; empty where it is none."""
    try:
        tree = ast.parse(_ASSIGNED.sub("", written.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    is_one = isinstance(tree, ast.Call) and ast.unparse(tree.func) == name and all(word.arg for word in tree.keywords)
    return ast.unparse(tree) if is_one else ""


def _said(row: JsonObject, keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        if isinstance(row.get(key), str) and row[key].strip():
            said = row[key].strip()
            yield said if said[-1] in ".!?" else f"{said}."


def _fitted(doc: ApiDoc, longest: int) -> ApiDoc | None:
    shorter = doc.model_copy(update={"extra": {}})
    cut = shorter.model_copy(update={"description": doc.description[: longest // 3]})
    return next((one for one in (doc, shorter, cut) if len(one.text) <= longest), None)


def _parameters(said: Json) -> Iterator[Parameter]:
    """Yield what a row says of arguments, in any of the forms in which rows say it."""
    seen: set[str] = set()
    for name, content in _named(_parsed(said) if isinstance(said, str) else said):
        if name not in seen and name not in _OPEN_NAMES:
            seen.add(name)
            yield Parameter(name=name, content=content)


def _parsed(text: str) -> Json:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return text.split(",")


def _named(said: Json) -> Iterator[tuple[str, JsonObject]]:
    if is_object(said):
        for name, about in said.items():
            yield str(name), _content(about)
    for item in said if is_array(said) else ():
        if is_object(item) and isinstance(item.get("name"), str):
            yield item["name"], _content({key: value for key, value in item.items() if key != "name"})
        elif is_object(item):
            yield from _named(item)
        elif isinstance(item, str) and (found := _ITEM.match(item)):
            default = {"default": _value(found["default"])} if found["default"] else {}
            yield found["name"], {**_typed(found["type"] or ""), **default}


def _content(about: Json) -> JsonObject:
    """Return what a row says of one argument, as a schema."""
    if not is_object(about):
        return {"description": about} if isinstance(about, str) and about else {}
    kind = _typed(str(about.get("type") or ""))
    description = about.get("description")
    told = {"description": description} if isinstance(description, str) and description else {}
    return {**kind, **told, **({"default": about["default"]} if about.get("default") is not None else {})}


def _typed(kind: str) -> JsonObject:
    known = _TYPES.get(kind.strip().lower())
    return {"type": known} if known else {}


def _value(text: str) -> Json:
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return text.strip("'\" ")
