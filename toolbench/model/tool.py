"""Tools: what an agent may call, and how a call reaches the thing behind it."""

from typing import Annotated, Literal

from pydantic import Field

from toolbench.model.base import JsonObject, Part, Record

Location = Literal["path", "query", "header", "cookie", "body"]
Safety = Literal["read", "write", "destructive"]


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
    """The operation's own name there (an OpenAPI operationId), before it was made a legal tool name."""


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
    success: int = 200
    """Documented status of success."""
    response_type: str = ""
    """Media type of the successful response; empty when it has no body."""
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each a set of security schemes (names in `Api.security_schemes`); empty: open to all."""


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


Binding = Annotated[HttpBinding | PythonBinding | McpBinding, Field(discriminator="kind")]


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
    """Documented examples: `{"arguments": {…}}` and/or `{"result": …}`."""
    safety: Safety
    """`read` changes nothing; `write` changes something; `destructive` removes or cannot be undone."""
    deprecated: bool = False
    """Whether the description says not to use it any more."""
    source: Source
    """Where it was read."""


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
