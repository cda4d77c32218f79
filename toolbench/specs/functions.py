"""Lists of functions: OpenAI's `tools`, bare `{name, description, parameters}`, and BFCL's function docs."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from toolbench.errors import SpecError
from toolbench.model import Json, JsonObject, NoBinding, is_array, is_object
from toolbench.specs._functions import Function, Functions, rebased
from toolbench.specs._json import as_object, as_text
from toolbench.specs._references import Place
from toolbench.specs._safety import guessed
from toolbench.specs.base import Document, Reading

__all__ = ["FunctionList"]

_PARAMETERS, _RETURNS = "parameters", "response"
_LISTS = ("tools", "functions")


class FunctionList:
    """Loader of lists of functions. They say nothing of how to call them: their tools can only be simulated."""

    def recognises(self, document: Document) -> bool:
        """Tell whether the document is a function or a list of functions."""
        entries = list(_entries(document.content))
        return bool(entries) and all(_is_function(entry) for _, entry in entries)

    def title(self, document: Document) -> str:
        """Return an empty title: lists have none."""
        del document
        return ""

    def load(self, document: Document, api_id: str) -> Reading:
        """Return the API: a tool for each function.

        Names that are no legal tool names (`math.factorial`) become such (`ID_math_factorial`); `Tool.source` keeps
        the function's own name and its place. What a call does is guessed from the name's verb.

        Raises:
            SpecError: an entry is no function, or a reference in a schema leads nowhere.
        """
        found = list(_entries(document.content))
        for tokens, entry in found:
            if not _is_function(entry):
                place = Place(document.path, tokens)
                raise SpecError("no function: it has no name", where=str(place), hint="Give it `name` and `parameters`")
        whole = replace(document, content=_rebased(document.content))
        functions = [_function(tokens, as_text(entry["name"])) for tokens, entry in found]
        return Functions(whole, api_id, "functions").reading(functions, "functions")


def _function(tokens: tuple[str, ...], name: str) -> Function:
    category = name.rpartition(".")[0]
    return Function(name, tokens, _PARAMETERS, _RETURNS, NoBinding(), guessed(name), category)


def _entries(content: Json) -> Iterator[tuple[tuple[str, ...], JsonObject]]:
    """Yield each function, or what stands in its place, with the tokens of the pointer to it."""
    above: tuple[str, ...] = ()
    if is_object(content):
        listed = next((name for name in _LISTS if is_array(content.get(name))), "")
        above, content = ((listed,), content[listed]) if listed else ((), content)
    if is_object(content):
        yield _unwrapped((), content)
    for index, each in enumerate(content if is_array(content) else ()):
        yield _unwrapped((*above, str(index)), as_object(each))


def _unwrapped(tokens: tuple[str, ...], entry: JsonObject) -> tuple[tuple[str, ...], JsonObject]:
    inner = entry.get("function")
    return ((*tokens, "function"), inner) if is_object(inner) else (tokens, entry)


def _is_function(entry: JsonObject) -> bool:
    named = isinstance(entry.get("name"), str) and bool(entry["name"])
    described = isinstance(entry.get("description"), str) or is_object(entry.get(_PARAMETERS))
    return named and described


def _rebased(content: Json) -> Json:
    """Return the document with each function's schemas as parts of it."""
    whole: Json = deepcopy(content)
    for tokens, entry in _entries(whole):
        for key in (_PARAMETERS, _RETURNS):
            if key in entry:
                entry[key] = rebased(entry[key], Place(Path(), (*tokens, key)).pointer)
    return whole
