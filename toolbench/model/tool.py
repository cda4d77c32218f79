"""Tools: what an agent may call, and how a call reaches the thing behind it."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from toolbench.model.base import Json, JsonObject, Part, Record, canonical, is_array, is_object

Location = Literal["path", "query", "header", "cookie", "body"]
Safety = Literal["read", "write", "destructive"]

_NOT_A_NAME = re.compile(r"[^A-Z0-9]")


class Source(Part):
    """Where a tool or an API was read from."""

    spec: str
    """Identifier of the API description (the `Api.id`)."""
    kind: str
    """Loader that read it: `openapi`, `python`, …"""
    sha256: str
    """SHA-256 of the description's bytes, 64 hex digits."""
    pointer: str = ""
    """JSON pointer (RFC 6901) to the operation inside the description; empty for the whole."""
    name: str = ""
    """The operation's own name there (an OpenAPI operationId), before it was made a legal tool name; of an imported API
    the name of the toolset."""
    alias: str = ""
    """The name under which the source has models call it, where that is another one still."""


class Argument(Part):
    """Where one property of a tool's parameters goes in the request."""

    name: str
    """Property name in `Tool.parameters`. Unique in the tool."""
    location: Location
    """Part of the request that carries it."""
    key: str
    """Name on the wire. For the body: the top-level property; empty when the argument is the whole body."""
    style: str = ""
    """OpenAPI serialisation style (`form`, `simple`, `deepObject`, …); empty for the location's default."""
    explode: bool = False
    """Whether arrays and objects are spread over several values."""
    content_type: str = ""
    """Media type of a `content`-style parameter: its value is that document as text."""


class HttpBinding(Part):
    """A tool that is an HTTP operation."""

    kind: Literal["http"] = "http"
    """Tells bindings apart."""
    method: str
    """HTTP method, upper case."""
    path: str
    """Path template as in the description, `/orders/{order_id}`."""
    arguments: tuple[Argument, ...] = ()
    """Every property of the tool's parameters, once."""
    media_type: str = ""
    """Media type of the request body; empty when there is none."""
    bodily: bool = False
    """Whether a request must have a body, be it an empty object."""
    needed: tuple[str, ...] = ()
    """Keys that a body spread over several arguments must hold where there is a body at all."""
    closed: bool = False
    """Whether a body spread over several arguments may hold nothing else."""
    success: int = 200
    """Documented status of success."""
    response_type: str = ""
    """Media type of the successful response; empty when it has no body."""
    error_types: dict[str, str] = Field(default_factory=dict)
    """Media types of documented failures by status, where they are not `application/json`."""
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each a set of security schemes (names in `Api.security_schemes`); empty: open to all."""
    scopes: tuple[tuple[str, ...], ...] = ()
    """The scopes or roles that each alternative of `security` asks for, in the same order; empty: none asks for any."""


class PythonBinding(Part):
    """A tool that is a Python function."""

    kind: Literal["python"] = "python"
    """Tells bindings apart."""
    target: str
    """`module:function`."""


class McpBinding(Part):
    """A tool offered by a Model Context Protocol server."""

    kind: Literal["mcp"] = "mcp"
    """Tells bindings apart."""
    server: str
    """Command line or URL of the server."""
    tool: str
    """The tool's name there."""


class NoBinding(Part):
    """A tool that is only described: it can be simulated, and nothing says how to call it."""

    kind: Literal["none"] = "none"
    """Tells bindings apart."""


Binding = Annotated[HttpBinding | PythonBinding | McpBinding | NoBinding, Field(discriminator="kind")]


class Link(Part):
    """Where a field of a result may go, as the description says."""

    source: str
    """JSON pointer into the result."""
    tool: str
    """Name of the tool that takes it."""
    argument: str
    """The argument of that tool."""


class Tool(Record):
    """One callable operation.

    Inside an `Api` the schemas are *open*: their references point to `Api.definitions` as `#/$defs/NAME`.
    `Api.tool(name)` and the catalogue hand out *closed* tools, whose schemas carry the `$defs` they need.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """Name shown to models. Unique in the catalogue; starts with the API's id; `source` leads back to the origin."""
    api: str
    """The `Api.id` it belongs to."""
    category: str = ""
    """Topic, for grouping (an OpenAPI tag)."""
    description: str = ""
    """What it does, in plain text."""
    parameters: JsonObject
    """JSON Schema 2020-12 of the arguments: an object, `additionalProperties` false."""
    returns: JsonObject | None = None
    """JSON Schema 2020-12 of a successful result; None when there is no body or nothing is known of it."""
    errors: dict[str, JsonObject] = Field(default_factory=dict)
    """JSON Schemas of documented failures by status (`404`, `4XX`, `default`)."""
    binding: Binding
    """How it is called."""
    examples: tuple[JsonObject, ...] = ()
    """Documented examples, `name`d or not: `{"arguments": {…}}` and/or `{"result": …}`; `{"status": "404", "error": …}`
    of failures."""
    links: tuple[Link, ...] = ()
    """Where fields of the result may go."""
    safety: Safety
    """`read` changes nothing; `write` changes something; `destructive` removes or cannot be undone."""
    deprecated: bool = False
    """Whether the description says not to use it any more."""
    source: Source
    """Where it was read."""

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Where each argument goes. What is no HTTP operation takes them all as if in one body."""
        if isinstance(self.binding, HttpBinding):
            return self.binding.arguments
        return tuple(Argument(name=name, location="body", key=name) for name in self.parameters.get("properties") or ())


def credential_variable(api: str, scheme: str) -> str:
    """Return the name of the environment variable that holds an API's credential for a security scheme."""
    return "_".join(("TOOLBENCH", *(_NOT_A_NAME.sub("_", part.upper()) for part in (api, scheme))))


class SecurityScheme(Part):
    """A way to authenticate, as OpenAPI describes it."""

    type: str
    """`http`, `apiKey`, `oauth2`, `openIdConnect` or `mutualTLS`."""
    scheme: str = ""
    """For `http`: `bearer`, `basic`, …"""
    location: str = ""
    """For `apiKey`: `header`, `query` or `cookie`."""
    name: str = ""
    """For `apiKey`: the name of the header, parameter or cookie."""


class Api(Record):
    """One API: its operations, and the schemas they share."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    """Short name, unique in the catalogue, first part of its tools' names."""
    title: str
    """Title as documented."""
    description: str = ""
    """What it is for."""
    api_version: str = ""
    """The description's own version of the API."""
    servers: tuple[str, ...] = ()
    """Base URLs."""
    security_schemes: dict[str, SecurityScheme] = Field(default_factory=dict)
    """Ways to authenticate, by name."""
    definitions: dict[str, JsonObject] = Field(default_factory=dict)
    """Shared schemas by name; they refer to one another as `#/$defs/NAME`."""
    tools: tuple[Tool, ...] = ()
    """Open tools, in the order of the description."""
    source: Source
    """The description it was read from."""

    @cached_property
    def _by_name(self) -> dict[str, Tool]:
        return {tool.name: tool for tool in self.tools}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, as pydantic does; it finds its own tools."""
        copied = super().model_copy(update=update, deep=deep)
        vars(copied).pop("_by_name", None)
        return copied

    def tool(self, name: str) -> Tool:
        """Return a closed tool.

        Raises:
            KeyError: there is no tool of that name.
        """
        return closed(self._by_name[name], self.definitions)


CLOSURE_LIMIT = 65_536
"""Bytes, as canonical JSON, up to which a closed `returns` or one of the `errors` carries shared definitions."""

_REFERENCE = "#/$defs/"
_VALUES = frozenset(("const", "default", "enum", "examples"))
_NAMED = frozenset(("$defs", "dependentSchemas", "patternProperties", "properties"))
_NARROWING = frozenset(("else", "if", "maxContains", "not", "then", "unevaluatedItems", "unevaluatedProperties"))


def closed(tool: Tool, definitions: Mapping[str, JsonObject]) -> Tool:
    """Return a closed tool: each of its schemas carries the `$defs` it needs, and no others.

    `parameters` is always whole. Where `returns` or one of the `errors` would exceed `CLOSURE_LIMIT`, definitions are
    taken in breadth-first order, those that no longer fit are left out, and what referred to them accepts anything: a
    cut schema accepts all that the whole one does.

    Args:
        tool: an open tool.
        definitions: shared schemas by name. Those asked for are all that is read.
    """
    parts: dict[str, Any] = {"parameters": _closed(tool.parameters, definitions, None)}
    if tool.returns is not None:
        parts["returns"] = _closed(tool.returns, definitions, CLOSURE_LIMIT)
    parts["errors"] = {status: _closed(schema, definitions, CLOSURE_LIMIT) for status, schema in tool.errors.items()}
    return tool.model_copy(update=parts)


def _closed(schema: JsonObject, definitions: Mapping[str, JsonObject], limit: int | None) -> JsonObject:
    kept, left_out = _needed(schema, definitions, limit)
    if not kept and not left_out:
        return schema
    if left_out:
        kept = {name: _widened(definition, left_out) for name, definition in kept.items()}
        schema = _widened(schema, left_out)
    return {**schema, "$defs": dict(sorted(kept.items()))} if kept else schema


def _needed(
    schema: JsonObject, definitions: Mapping[str, JsonObject], limit: int | None
) -> tuple[dict[str, JsonObject], set[str]]:
    """Return the definitions a schema reaches that fit within the limit, nearest first, and the names of the others."""
    kept: dict[str, JsonObject] = {}
    left_out: set[str] = set()
    size, waiting = len(canonical(schema)) if limit else 0, deque(_references(schema))
    while waiting:
        name = waiting.popleft()
        if name in kept or name in left_out:
            continue
        definition = definitions[name]
        after = size + len(canonical({name: definition})) if limit else 0
        if limit and after > limit:
            left_out.add(name)
        else:
            kept[name], size = definition, after
            waiting.extend(_references(definition))
    return kept, left_out


def _references(schema: JsonObject) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to, in its order."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield reference.removeprefix(_REFERENCE)
    for key, value in schema.items():
        if key not in _VALUES:
            for part in _parts(key, value):
                yield from _references(part)


def _parts(key: str, value: Json) -> Iterator[JsonObject]:
    """Yield the schemas that stand directly in the value of a keyword."""
    if is_array(value):
        yield from (part for part in value if is_object(part))
    elif is_object(value) and key in _NAMED:
        yield from (part for part in value.values() if is_object(part))
    elif is_object(value):
        yield value


def _widened(schema: JsonObject, left_out: AbstractSet[str]) -> JsonObject:
    """Return a schema without references to what is left out, nor keywords under which widening a part narrows all."""
    wide: JsonObject = {}
    for key, value in schema.items():
        if key == "$ref" and value.removeprefix(_REFERENCE) in left_out:
            continue
        if key == "oneOf":
            # A value may now match several alternatives. Beside an `anyOf` there is no room for another.
            wide |= {} if "anyOf" in schema else {"anyOf": _widened_value(key, value, left_out)}
        elif key not in _NARROWING:
            wide[key] = value if key in _VALUES else _widened_value(key, value, left_out)
    return wide


def _widened_value(key: str, value: Json, left_out: AbstractSet[str]) -> Json:
    if is_array(value):
        return [_widened(part, left_out) if is_object(part) else part for part in value]
    if is_object(value) and key in _NAMED:
        return {name: _widened(part, left_out) if is_object(part) else part for name, part in value.items()}
    return _widened(value, left_out) if is_object(value) else value
