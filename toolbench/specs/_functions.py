"""Functions, however they are described, as the tools of one API."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolbench.model import Api, Json, JsonObject, SecurityScheme, Source, Tool, is_array, is_object
from toolbench.model.tool import Binding, Safety
from toolbench.specs._json import as_list, as_object, as_text
from toolbench.specs._names import ToolNames
from toolbench.specs._references import Place, References
from toolbench.specs._schemas import Schemas
from toolbench.specs._text import plain
from toolbench.specs.base import Document, Note, Reading

_VALUES = frozenset(("const", "default", "enum", "example", "examples"))
_NAMED = frozenset(("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"))
_BRANCHES = ("allOf", "anyOf", "oneOf")
_SAID_ANEW = frozenset(("$defs", "additionalProperties", "properties", "title", "type", "unevaluatedProperties"))


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its document describes it."""

    name: str
    """Its own name."""
    tokens: tuple[str, ...]
    """Tokens of the JSON pointer to it."""
    parameters: str
    """Key of the schema of its arguments, which may be missing."""
    returns: str
    """Key of the schema of its result, which may be missing."""
    binding: Binding
    """How it is called."""
    safety: Safety
    """What a call does."""
    category: str = ""
    """Topic."""


class Functions:
    """Makes an API of functions.

    Args:
        document: describes the functions; references in its schemas lead to places in it.
        api_id: the API's id.
        kind: name of the loader.
        shared: places of schemas that keep their names, as tokens of JSON pointers.
        notes: what was mended before.
    """

    def __init__(
        self,
        document: Document,
        api_id: str,
        kind: str,
        *,
        shared: Iterable[Sequence[str]] = (),
        notes: Iterable[Note] = (),
    ) -> None:
        self._document, self._api_id, self._kind = document, api_id, kind
        self._notes = list(notes)
        self._references = References(document)
        components = [self._references.root.at(*tokens) for tokens in shared]
        self._schemas = Schemas(self._references, components, self._notes, siblings=True)
        self._names = ToolNames(api_id)

    def reading(
        self,
        functions: Iterable[Function],
        dialect: str,
        *,
        title: str = "",
        description: str = "",
        api_version: str = "",
        servers: tuple[str, ...] = (),
        security_schemes: dict[str, SecurityScheme] | None = None,
    ) -> Reading:
        """Return the API.

        Raises:
            SpecError: a reference in a schema leads nowhere.
        """
        tools = tuple(self._tool(function) for function in functions)
        api = Api(
            id=self._api_id,
            title=title or self._api_id,
            description=plain(description),
            api_version=api_version,
            servers=servers,
            security_schemes=security_schemes or {},
            definitions=self._schemas.definitions(),
            tools=tools,
            source=self._source(),
        )
        return Reading(api, dialect, tuple(self._notes))

    def _tool(self, function: Function) -> Tool:
        place = self._references.root.at(*function.tokens)
        raw = _at(self._document.content, function.tokens)
        returns = raw.get(function.returns)
        return Tool(
            name=self._names.name(function.name, self._kind, place.pointer),
            api=self._api_id,
            category=function.category,
            description=plain(as_text(raw.get("description"))),
            parameters=self._parameters(raw.get(function.parameters), place.at(function.parameters)),
            returns=self._schemas.convert(returns, place.at(function.returns), "output") if returns else None,
            binding=function.binding,
            safety=function.safety,
            source=self._source(place.pointer, function.name),
        )

    def _source(self, pointer: str = "", name: str = "") -> Source:
        sha256 = self._document.sha256
        return Source(spec=self._api_id, kind=self._kind, sha256=sha256, pointer=pointer, name=name)

    def _parameters(self, raw: Json, place: Place) -> JsonObject:
        """Return the schema of the arguments: an object with these properties and no others."""
        root, at = self._references.follow_object(raw, place)
        schema = self._schemas.convert(root, at, "input")
        if schema.get("additionalProperties", False) is not False:
            self._schemas.note("arguments beyond those that are named left out", at)
        if schema.get("type", "object") != "object":
            self._schemas.note("arguments that are no object taken as one", at)
        kept = {key: value for key, value in schema.items() if key not in _SAID_ANEW}
        properties = {**as_object(schema.get("properties"))}
        for name in (*as_list(schema.get("required")), *_in_branches(schema)):
            properties.setdefault(name, {})
        return {"type": "object", "properties": properties, **kept, "additionalProperties": False}


def _in_branches(schema: JsonObject) -> Iterator[str]:
    """Yield the names of the properties that a schema's branches speak of."""
    for keyword in _BRANCHES:
        for member in as_list(schema.get(keyword)):
            yield from as_object(as_object(member).get("properties"))


def _at(content: Json, tokens: Sequence[str]) -> JsonObject:
    for token in tokens:
        content = content[int(token)] if is_array(content) else content[token]
    return as_object(content)


def rebased(schema: Json, pointer: str) -> Json:
    """Return a schema that stands on its own as a part of a document.

    References to the schema's root lead to its place in the document; those that lead out of it are dropped, so that
    a stranger's description never has files read. `any`, which is no type of JSON Schema, is left out.

    Args:
        schema: a schema as written.
        pointer: JSON pointer to it.
    """
    if is_array(schema):
        return [rebased(member, pointer) for member in schema]
    if not is_object(schema):
        return schema
    whole: JsonObject = {}
    for key, value in schema.items():
        if key in _VALUES:
            whole[key] = value
        elif key in _NAMED and is_object(value):
            whole[key] = {name: rebased(member, pointer) for name, member in value.items()}
        elif key == "$ref":
            whole |= _rebased_reference(value, pointer)
        elif key != "type" or value != "any":
            whole[key] = rebased(value, pointer)
    return whole


def _rebased_reference(reference: Json, pointer: str) -> JsonObject:
    if isinstance(reference, str) and (reference == "#" or reference.startswith("#/")):
        return {"$ref": f"#{pointer}{reference[1:]}"}
    return {}
