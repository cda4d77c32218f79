"""Functions of a Python module, by their type hints and docstrings: `module` or `module:function`."""

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeAlias

import orjson
import pydantic_core
from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from toolbench.errors import SpecError
from toolbench.model import JsonObject, PythonBinding
from toolbench.specs._docstrings import parsed
from toolbench.specs._functions import Function, Functions
from toolbench.specs._json import as_list, as_object, as_text
from toolbench.specs._safety import guessed
from toolbench.specs._signatures import Parameter, PlainSchema, signature_of
from toolbench.specs.base import Document, Note, Reading, asked

__all__ = ["PythonFunctions"]

_SOURCE = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::(?P<function>[^\W\d]\w*))?")
_REFERENCE = "#/$defs/{model}"
_Mode: TypeAlias = Literal["validation", "serialization"]
_RESULT = ""
_FILES = (".json", ".yaml", ".yml", ".toml", ".txt", ".py")
_UNUSABLE = (PydanticUserError, pydantic_core.SchemaError, NameError, TypeError)


class PythonFunctions:
    """Loader of Python functions: those of a module's `__all__`, else its own public ones; or one, by name.

    The module is imported. Parameters get their schema from type hints, their description from the docstring. What a
    call does is guessed from the verb that the name begins with (`get_…` reads, `delete_…` destroys, else it writes).
    """

    def claims(self, source: str) -> bool:
        """Tell whether the source is `module:function`, or a module that can be found."""
        match = _SOURCE.fullmatch(source)
        return bool(match) and (bool(match["function"]) or _is_found(match["module"]))

    def ask(self, source: str, api_id: str | None) -> Document:
        """Return what the functions of a module say of themselves.

        Raises:
            SpecError: there is no such module or function, it cannot be imported or none of it can be described.
        """
        del api_id
        match = _SOURCE.fullmatch(source)
        if match is None:
            raise SpecError("no Python function", where=source, hint="Write `module` or `module:function`")
        module = _imported(match["module"])
        described = _Description()
        for name, function in _chosen(module, match["function"]).items():
            described.add(name, function)
        doc = inspect.getdoc(module) or ""
        return asked(match["module"].rpartition(".")[2], {"module": match["module"], "doc": doc, **described.content()})

    def recognises(self, document: Document) -> bool:
        """Return false: no file is of this kind."""
        del document
        return False

    def title(self, document: Document) -> str:
        """Return the module's name."""
        return as_text(as_object(document.content).get("module"))

    def load(self, document: Document, api_id: str) -> Reading:
        """Return the API: a tool for each function."""
        content = as_object(document.content)
        module, doc = self.title(document), as_text(content.get("doc"))
        notes = [Note(as_text(each["message"]), as_text(each["pointer"])) for each in as_list(content.get("notes"))]
        functions = [_tool(module, name) for name in as_object(content.get("functions"))]
        shared = [("$defs", name) for name in as_object(content.get("$defs"))]
        made = Functions(document, api_id, "python", shared=shared, notes=notes)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return made.reading(functions, f"Python {version}", title=module, description=doc)


def _tool(module: str, name: str) -> Function:
    binding = PythonBinding(target=f"{module}:{name}")
    return Function(name, ("functions", name), "parameters", "returns", binding, guessed(name))


@dataclass(frozen=True, slots=True)
class _Described:
    """A function that can be described."""

    name: str
    doc: str
    parameters: tuple[Parameter, ...]
    returns: Any


class _Description:
    """Collects what functions take and give, with the types that they share."""

    def __init__(self) -> None:
        self.notes: list[JsonObject] = []
        self._functions: list[_Described] = []

    def add(self, name: str, function: Callable[..., Any]) -> None:
        """Take in a function, unless it cannot be described."""
        try:
            signature = signature_of(function)
        except Exception:  # noqa: BLE001 - to evaluate hints is to run the module's code, which may raise anything
            self._note("function whose signature cannot be read left out", name)
            return
        usable = tuple(each for each in signature.parameters if _is_usable(each.annotation, "validation"))
        if any(each.is_required and each not in usable for each in signature.parameters):
            self._note("function that takes what JSON cannot express left out", name)
            return
        if len(usable) < len(signature.parameters):
            self._note("parameter that JSON cannot express left at its default", name)
        returns = signature.returns if _is_usable(signature.returns, "serialization") else Any
        self._functions.append(_Described(name, inspect.getdoc(function) or "", usable, returns))

    def content(self) -> JsonObject:
        """Return the functions by name, the schemas that they share, and the notes."""
        adapters: list[tuple[tuple[str, str], _Mode, TypeAdapter[Any]]]
        adapters = [(key, mode, TypeAdapter(hint)) for key, mode, hint in self._hints()]
        made, shared = TypeAdapter.json_schemas(adapters, ref_template=_REFERENCE, schema_generator=PlainSchema)
        schemas = {key: schema for (key, _), schema in made.items()}
        functions = {function.name: _function(function, schemas) for function in self._functions}
        return {"functions": functions, "$defs": shared.get("$defs", {}), "notes": self.notes}

    def _hints(self) -> Iterator[tuple[tuple[str, str], _Mode, Any]]:
        """Yield the types of all parameters and results, each with the names of its function and of its parameter."""
        for function in self._functions:
            for each in function.parameters:
                yield (function.name, each.name), "validation", each.annotation
            yield (function.name, _RESULT), "serialization", function.returns

    def _note(self, message: str, name: str) -> None:
        self.notes.append({"message": message, "pointer": f"/functions/{name}"})


def _function(function: _Described, schemas: Mapping[tuple[str, str], JsonObject]) -> JsonObject:
    docs = parsed(function.doc)
    properties = {
        each.name: _property(each, schemas[function.name, each.name], docs.arguments.get(each.name, ""))
        for each in function.parameters
    }
    required = [each.name for each in function.parameters if each.is_required]
    parameters = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    described: JsonObject = {"description": docs.description, "parameters": parameters}
    if function.returns not in (Any, None, type(None)):
        described["returns"] = schemas[function.name, _RESULT]
    return described


def _property(parameter: Parameter, schema: JsonObject, description: str) -> JsonObject:
    said = {"description": description} if description else {}
    if not parameter.is_required and parameter.default is not None:
        # A default that JSON cannot express is left to the function.
        with contextlib.suppress(pydantic_core.PydanticSerializationError, ValueError, orjson.JSONEncodeError):
            said |= {"default": orjson.loads(orjson.dumps(pydantic_core.to_jsonable_python(parameter.default)))}
    return {**said, **schema}


def _is_usable(annotation: Any, mode: _Mode) -> bool:
    try:
        TypeAdapter(annotation).json_schema(mode=mode)
    except _UNUSABLE:
        return False
    return True


def _chosen(module: ModuleType, name: str | None) -> dict[str, Callable[..., Any]]:
    """Return the functions of a module that are meant, by name."""
    listed: list[str] | None = getattr(module, "__all__", None)
    names = [name] if name else listed if listed is not None else [each for each in vars(module) if each[0] != "_"]
    found = {each: getattr(module, each, None) for each in names}
    chosen = {each: value for each, value in found.items() if callable(value) and not inspect.isclass(value)}
    if not name and listed is None:
        # What a module imports is another's.
        chosen = {each: value for each, value in chosen.items() if getattr(value, "__module__", "") == module.__name__}
    if name and not chosen:
        near = difflib.get_close_matches(name, vars(module), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "Check the name"
        raise SpecError(f"no function {name!r} is in the module", where=module.__name__, hint=hint)
    return chosen


def _is_found(module: str) -> bool:
    """Tell whether there is a module of that name, without importing it, as far as that is possible."""
    if module.endswith(_FILES):
        return False
    with _from_here():
        return importlib.util.find_spec(module.partition(".")[0]) is not None


def _imported(name: str) -> ModuleType:
    try:
        # What a module prints when it is imported is no output of ours.
        with _from_here(), contextlib.redirect_stdout(sys.stderr):
            return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        hint = "It is looked for in this folder and where Python finds its packages"
        raise SpecError(f"the module cannot be imported ({reason})", where=name, hint=hint) from error


@contextlib.contextmanager
def _from_here() -> Generator[None, None, None]:
    """Let modules of the working folder be found, as `python -m` does."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        importlib.invalidate_caches()
        yield
    finally:
        sys.path.remove(here)
