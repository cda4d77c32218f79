"""API documents: what a model is shown of an API, and what a call must keep to.

A doc set is a list of them with unique ids. Whatever a document was read from (an OpenAPI operation, a row of APIBench,
a section of a manual, a Python function), it is shown as one plain JSON object, by which its answers are made and
checked.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from keyword import iskeyword
from typing import Any, Self

import orjson
from pydantic import Field

from evaluators.apibench import calls_in
from toolbench.model import Json, JsonObject
from toolbench.model.base import Part, Record

_NOT_A_WORD = re.compile(r"\W+", re.ASCII)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"'(])|\n\s*\n|\n(?=[A-Z])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|max|min|no|dr|mrs?|ms|prof|st)\.|\b[A-Z]\.)$", re.IGNORECASE
)


class Parameter(Part):
    """A parameter of an API."""

    name: str
    """Its name, as a call gives it."""
    content: JsonObject = Field(default_factory=dict[str, Json])
    """What the document says of it: a JSON Schema, `description` and `default` included. Empty: anything goes."""
    required: bool = False
    """Whether each call must give it."""

    @property
    def has_default(self) -> bool:
        """Whether the document names a default."""
        return "default" in self.content

    @property
    def shown(self) -> JsonObject:
        """What stands in the document."""
        return {**self.content, "required": True} if self.required else dict(self.content)


class ApiDoc(Record):
    """One API, as its document describes it."""

    id: str
    """Unique in its doc set."""
    name: str
    """Dotted name by which it is called: `library.search_books`, `AutoModel.from_pretrained`."""
    framework: str
    """The library, service or hub that it belongs to."""
    domain: str = ""
    """What it is for, in a word or two."""
    title: str = ""
    """What the source calls it, where that is not its name: the id of a model."""
    description: str = ""
    """What it does."""
    api_version: str = ""
    """Version of the API that the document describes."""
    parameters: tuple[Parameter, ...] = ()
    """What it takes by name."""
    placed: tuple[Json, ...] = ()
    """Values that each call gives by place, first."""
    fixed: JsonObject = Field(default_factory=dict[str, Json])
    """Values that each call gives by name."""
    written: str = ""
    """The call as the source writes it, where it is always the same one; empty where it has arguments to fill in."""
    is_open: bool = False
    """Whether the document does not tell all of its parameters."""
    deprecated: bool = False
    """Whether it is not to be used any more."""
    successor: str = ""
    """Name of the API to use instead; empty where none is named."""
    extra: JsonObject = Field(default_factory=dict[str, Json])
    """What else the document says."""
    source: str = ""
    """Where it was read."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, as pydantic does; its document is its own."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("document", "text", "form", "purpose"):
            vars(copied).pop(name, None)
        return copied

    @cached_property
    def document(self) -> JsonObject:
        """The document: all that a model is shown of the API. It needs no other to be understood."""
        said: JsonObject = {
            "domain": self.domain,
            "framework": self.framework,
            "api_name": self.title or self.name,
            "api_call": self.form,
            "api_version": self.api_version,
            "functionality": self.description,
        }
        told = {name: value for name, value in said.items() if value}
        if self.parameters or not self.is_open:
            told["api_arguments"] = {parameter.name: parameter.shown for parameter in self.parameters}
        if self.deprecated:
            told["deprecated"] = True
        if self.successor:
            told["successor"] = self.successor
        return told | self.extra

    @cached_property
    def text(self) -> str:
        """The document as it is shown, on one line."""
        return shown(self.document)

    @cached_property
    def form(self) -> str:
        """How it is called: the call itself where it is always the same, else its form with parameters."""
        if self.written:
            return self.written
        named = sorted(self.parameters, key=lambda parameter: not parameter.required)
        return f"{self.name}({', '.join(map(_form, named))})"

    @property
    def operation(self) -> str:
        """The last part of its name."""
        return self.name.rpartition(".")[2]

    @cached_property
    def purpose(self) -> str:
        """What it does, in the first sentence of its description."""
        return next(iter(sentences(self.description)), "")

    def parameter(self, name: str) -> Parameter | None:
        """Return a parameter by its name; None where the document has none of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def from_document(document: JsonObject, like: ApiDoc) -> ApiDoc:
    """Return the API that a document describes as it was shown, changed perhaps.

    Args:
        document: what was shown.
        like: the document it was made from, whose call it shares unless it says otherwise.
    """
    said: JsonObject = document.get("api_arguments") or {}
    parameters = tuple(
        Parameter(
            name=name,
            content={key: value for key, value in about.items() if not (key == "required" and value is True)},
            required=about.get("required") is True,
        )
        for name, about in said.items()
    )
    form = str(document.get("api_call", ""))
    update: JsonObject = {"name": form.partition("(")[0], "parameters": parameters}
    update |= {"is_open": "api_arguments" not in document, "deprecated": bool(document.get("deprecated"))}
    return like.model_copy(update=update | {"title": ""} | _fixed(form if like.written else ""))


def _fixed(call: str) -> JsonObject:
    """Return what a call gives that is always the same."""
    found = calls_in(call)
    if not found:
        return {"written": call, "placed": (), "fixed": {}}
    return {"written": call, "placed": found[0].positional, "fixed": dict(found[0].keywords)}


def _form(parameter: Parameter) -> str:
    name = parameter.name if is_identifier(parameter.name) else repr(parameter.name)
    if parameter.required:
        return name
    return f"{name}={parameter.content.get('default')!r}"


@dataclass(slots=True)
class DocSet:
    """APIs to make rows of, and what could not be taken in."""

    docs: list[ApiDoc] = field(default_factory=list[ApiDoc])
    problems: list["Problem"] = field(default_factory=list["Problem"])

    def add(self, docs: Iterable[ApiDoc], problems: Iterable["Problem"] = ()) -> None:
        """Take documents in. What has an id that is taken gets another one, and a remark: nothing is lost."""
        self.problems += problems
        taken = {doc.id for doc in self.docs}
        names = {doc.name: doc.framework for doc in self.docs}
        for doc in docs:
            identity = _free(doc.id, taken)
            if identity != doc.id:
                self.problems.append(Problem(doc.source, f"a second document with the id {doc.id}", f"now {identity}"))
            elif names.get(doc.name, doc.framework) != doc.framework:
                remark = f"{doc.name} is also the name of an API of {names[doc.name]}"
                self.problems.append(Problem(doc.source, remark, f"told apart as {identity}"))
            taken.add(identity)
            names.setdefault(doc.name, doc.framework)
            self.docs.append(doc if identity == doc.id else doc.model_copy(update={"id": identity}))

    def by_id(self) -> dict[str, ApiDoc]:
        """Return the documents by id."""
        return {doc.id: doc for doc in self.docs}

    def kinds_of_problems(self) -> Counter[str]:
        """Return how often what was done with a document was done."""
        return Counter(problem.done for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a source that could not be taken as it is."""

    where: str
    """The file and the place in it."""
    what: str
    """What is wrong."""
    done: str
    """What was done: `left out`, …"""


def _free(identity: str, taken: set[str]) -> str:
    if identity not in taken:
        return identity
    number = next(number for number in range(2, len(taken) + 3) if f"{identity}#{number}" not in taken)
    return f"{identity}#{number}"


def shown(document: JsonObject) -> str:
    """Return a document as text: one line of JSON."""
    return orjson.dumps(document).decode()


def is_identifier(name: str) -> bool:
    """Tell whether a name can stand in a call of Python as it is."""
    return name.isidentifier() and not iskeyword(name)


def dotted_name(parts: Sequence[str]) -> str:
    """Return names as one dotted name of Python: what is no letter, digit or underscore becomes one."""
    return ".".join(_safe(part) for whole in parts for part in whole.split(".") if part.strip())


def _safe(name: str) -> str:
    plain = _NOT_A_WORD.sub("_", name).strip("_") or "_"
    plain = f"_{plain}" if plain[0].isdigit() else plain
    return f"{plain}_" if iskeyword(plain) else plain


def sentences(text: str) -> list[str]:
    """Return the sentences and headings of a text, each on one line."""
    found: list[str] = []
    for part in _SENTENCE_END.split(text):
        line = " ".join(part.split())
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] = f"{found[-1]} {line}"
        elif line:
            found.append(line)
    return found
