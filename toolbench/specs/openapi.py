"""OpenAPI 3.1, 3.0 and Swagger 2.0 documents, JSON or YAML, over one file or several."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from toolbench.errors import SpecError
from toolbench.model import Api, HttpBinding, Json, JsonObject, SecurityScheme, Source, Tool, is_object
from toolbench.model.tool import Safety
from toolbench.specs._json import as_list, as_object, as_text
from toolbench.specs._links import WrittenLink, with_links, written_links
from toolbench.specs._names import ToolNames
from toolbench.specs._references import Found, Place, References
from toolbench.specs._requests import Request, Requests
from toolbench.specs._responses import Response, Responses
from toolbench.specs._schemas import Schemas
from toolbench.specs._text import joined, plain
from toolbench.specs.base import Document, Note, Reading

__all__ = ["OpenApi"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Keys of a path item that hold operations."""

MAX_EXAMPLES = 4
"""Documented examples that a tool keeps: so many of success, and so many of failures."""

MAX_EXAMPLE_BYTES = 16_384
"""Size above which an example is left out."""

_API_VERSION = re.compile(r"v\d+(?:\.\d+)*", re.IGNORECASE)
_READING = ("get", "head", "options", "trace")

_Alternatives: TypeAlias = tuple[tuple[str, ...], ...]


class OpenApi:
    """Loader of OpenAPI 3.1, OpenAPI 3.0 and Swagger 2.0 descriptions."""

    def recognises(self, document: Document) -> bool:
        """Tell whether the document says that it is one of these."""
        content = as_object(document.content)
        return "openapi" in content or "swagger" in content

    def title(self, document: Document) -> str:
        """Return `info.title`."""
        return as_text(as_object(as_object(document.content).get("info")).get("title"))

    def load(self, document: Document, api_id: str) -> Reading:
        """Return the API: a tool for each path and method, all schemas in JSON Schema 2020-12.

        Raises:
            SpecError: not one of these versions, or a reachable `$ref` that cannot be followed.
        """
        version = _version(document)
        return _Load(document, api_id, version).reading()


def _version(document: Document) -> str:
    content = as_object(document.content)
    openapi, swagger = as_text(content.get("openapi")), as_text(content.get("swagger"))
    if not openapi.startswith(("3.0", "3.1")) and not swagger.startswith("2"):
        raise SpecError(
            f"version {openapi or swagger or 'none'!r} of OpenAPI is not known",
            where=str(document.path),
            hint="Known are `openapi: 3.1`, `openapi: 3.0` and `swagger: 2.0`",
        )
    if not is_object(content.get("paths") or {}):
        raise SpecError("`paths` is not an object", where=f"{document.path}#/paths", hint="Mend it there")
    return openapi or swagger


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    raw: JsonObject
    at: Place
    parameters: list[Found]


class _Load:
    """Turns one document into an API."""

    def __init__(self, document: Document, api_id: str, version: str) -> None:
        self._document, self._api_id, self._version = document, api_id, version
        self._content = as_object(document.content)
        self._swagger = "openapi" not in self._content
        self._notes: list[Note] = []
        self._references = References(document)
        self._schemas = Schemas(self._references, self._components(), self._notes, siblings=version.startswith("3.1"))
        self._requests = Requests(self._schemas, swagger=self._swagger)
        self._responses = Responses(self._schemas, swagger=self._swagger)
        self._names = ToolNames(api_id)
        self._operation_ids: set[str] = set()
        self._links: dict[str, tuple[WrittenLink, ...]] = {}
        self._security_schemes = self._read_security_schemes()

    def reading(self) -> Reading:
        info = as_object(self._content.get("info"))
        tools = with_links([self._tool(operation) for operation in self._operations()], self._links)
        api = Api(
            id=self._api_id,
            title=plain(as_text(info.get("title"))) or self._api_id,
            description=plain(as_text(info.get("description"))),
            api_version=as_text(info.get("version")),
            servers=self._servers(),
            security_schemes=self._security_schemes,
            definitions=self._schemas.definitions(),
            tools=tools,
            source=self._source("", ""),
        )
        return Reading(api, f"{'Swagger' if self._swagger else 'OpenAPI'} {self._version}", tuple(self._notes))

    def _source(self, pointer: str, name: str) -> Source:
        return Source(spec=self._api_id, kind="openapi", sha256=self._document.sha256, pointer=pointer, name=name)

    def _components(self) -> Sequence[Place]:
        tokens = ("definitions",) if self._swagger else ("components", "schemas")
        below: Json = self._content
        for token in tokens:
            below = as_object(below).get(token)
        return [self._references.root.at(*tokens, name) for name in as_object(below)]

    def _operations(self) -> Iterator[_Operation]:
        for path, written in as_object(self._content.get("paths")).items():
            if path.startswith("x-") or not is_object(written):
                continue
            yield from self._in_item(path, written, self._references.root.at("paths", path))

    def _in_item(self, path: str, written: JsonObject, at: Place) -> Iterator[_Operation]:
        shared, shared_at = self._references.follow_object(written, at)
        # What stands beside a path item's `$ref` goes before what it refers to.
        sources = {key: (value, shared_at) for key, value in shared.items()}
        sources |= {key: (value, at) for key, value in written.items()}
        common = [
            (each, place.at("parameters", str(index)))
            for written_parameters, place in [sources.get("parameters", (None, at))]
            for index, each in enumerate(as_list(written_parameters))
        ]
        self._note_own_servers(sources.get("servers", (None, at))[0], at)
        for method in METHODS:
            raw, place = sources.get(method, (None, at))
            if is_object(raw):
                own = place.at(method, "parameters")
                listed = [(each, own.at(str(index))) for index, each in enumerate(as_list(raw.get("parameters")))]
                yield _Operation(method, path, raw, place.at(method), common + listed)

    def _tool(self, operation: _Operation) -> Tool:
        raw, name = operation.raw, self._operation_id(operation)
        self._note_own_servers(raw.get("servers"), operation.at)
        request = self._requests.build(
            operation.path,
            operation.at,
            operation.parameters,
            (raw["requestBody"], operation.at.at("requestBody")) if "requestBody" in raw else None,
            self._media_types(raw, "consumes"),
        )
        response = self._responses.build(
            raw.get("responses"), operation.at.at("responses"), self._media_types(raw, "produces")
        )
        tool_name = self._names.name(name, operation.method, operation.path)
        self._links[tool_name] = written_links(raw.get("responses"), operation.at.at("responses"), self._references)
        return Tool(
            name=tool_name,
            api=self._api_id,
            category=_category(raw, operation.path),
            description=joined(as_text(raw.get("summary")), as_text(raw.get("description"))),
            parameters=request.parameters,
            returns=response.returns,
            errors=response.errors,
            binding=self._binding(operation, request, response),
            examples=_examples(request, response),
            safety=_safety(operation.method),
            deprecated=raw.get("deprecated") is True,
            source=self._source(Place(self._document.path, ("paths", operation.path, operation.method)).pointer, name),
        )

    def _operation_id(self, operation: _Operation) -> str:
        name = as_text(operation.raw.get("operationId"))
        if name and name in self._operation_ids:
            self._schemas.note("operationId that another operation has too", operation.at)
        self._operation_ids.add(name)
        return name

    def _binding(self, operation: _Operation, request: Request, response: Response) -> HttpBinding:
        security, scopes = self._security(operation.raw, operation.at)
        return HttpBinding(
            method=operation.method.upper(),
            path=operation.path,
            arguments=request.arguments,
            media_type=request.media_type,
            bodily=request.bodily,
            needed=request.needed,
            closed=request.closed,
            success=response.success,
            response_type=response.media_type,
            error_types=response.error_types,
            security=security,
            scopes=scopes,
        )

    def _media_types(self, raw: JsonObject, key: str) -> list[str]:
        written = as_list(raw[key] if key in raw else self._content.get(key))
        return [name for name in written if isinstance(name, str)]

    def _security(self, raw: JsonObject, at: Place) -> tuple[_Alternatives, _Alternatives]:
        """Return the alternatives' schemes, and the scopes that each asks for."""
        written = as_list(raw["security"] if "security" in raw else self._content.get("security"))
        alternatives = [alternative for alternative in written if is_object(alternative)]
        known = [each for each in alternatives if all(name in self._security_schemes for name in each)]
        if len(known) < len(alternatives):
            self._schemas.note("security requirement without a known scheme dropped", at)
        scopes = tuple(tuple(str(scope) for asked in each.values() for scope in as_list(asked)) for each in known)
        return tuple(tuple(each) for each in known), scopes if any(scopes) else ()

    def _read_security_schemes(self) -> dict[str, SecurityScheme]:
        tokens = ("securityDefinitions",) if self._swagger else ("components", "securitySchemes")
        below: Json = self._content
        for token in tokens:
            below = as_object(below).get(token)
        at = self._references.root.at(*tokens)
        return {
            name: _security_scheme(self._references.follow_object(written, at.at(name))[0])
            for name, written in as_object(below).items()
        }

    def _note_own_servers(self, written: Json, at: Place) -> None:
        if written and written != self._content.get("servers"):
            self._schemas.note("servers of its own left out: calls go to those of the whole API", at)

    def _servers(self) -> tuple[str, ...]:
        if self._swagger:
            return _swagger_servers(self._content)
        return tuple(url for server in as_list(self._content.get("servers")) if (url := _url(as_object(server))))


def _security_scheme(raw: JsonObject) -> SecurityScheme:
    kind = as_text(raw.get("type"))
    if kind == "basic":
        return SecurityScheme(type="http", scheme="basic")
    location, name = as_text(raw.get("in")), as_text(raw.get("name"))
    return SecurityScheme(type=kind, scheme=as_text(raw.get("scheme")).lower(), location=location, name=name)


def _url(server: JsonObject) -> str:
    url = as_text(server.get("url"))
    for name, variable in as_object(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", as_text(as_object(variable).get("default")))
    return url


def _swagger_servers(content: JsonObject) -> tuple[str, ...]:
    host, base = as_text(content.get("host")), as_text(content.get("basePath"))
    if not host:
        return (base,) if base else ()
    schemes = [scheme for scheme in as_list(content.get("schemes")) if isinstance(scheme, str)] or ["https"]
    return tuple(f"{scheme}://{host}{base.rstrip('/')}" for scheme in schemes)


def _category(raw: JsonObject, path: str) -> str:
    tags = [tag for tag in as_list(raw.get("tags")) if isinstance(tag, str) and tag]
    literal = [part for part in path.split("/") if part and "{" not in part and not _API_VERSION.fullmatch(part)]
    return next(iter([*tags, *literal]), "")


def _safety(method: str) -> Safety:
    if method in _READING:
        return "read"
    return "destructive" if method == "delete" else "write"


def _examples(request: Request, response: Response) -> tuple[JsonObject, ...]:
    """Return documented examples; a request's and a response's of the same name belong together."""
    pairs: list[JsonObject] = []
    for name in dict.fromkeys((*request.examples, *response.examples)):
        pair: JsonObject = {"name": name} if name else {}
        if name in request.examples:
            pair["arguments"] = request.examples[name]
        if name in response.examples:
            pair["result"] = response.examples[name]
        pairs.append(pair)
    failed = [
        {"name": name, "status": status, "error": example}
        for status, named in response.error_examples.items()
        for name, example in named.items()
    ]
    return (*_some(pairs), *_some(failed))


def _some(examples: Sequence[JsonObject]) -> list[JsonObject]:
    return [each for each in examples if len(orjson.dumps(each)) <= MAX_EXAMPLE_BYTES][:MAX_EXAMPLES]
