"""Documents of the catalogue's tools: OpenAPI operations, MCP tools, Python functions, lists of functions."""

import re
from collections.abc import Mapping

from toolbench.gorilla.docset import ApiDoc, Parameter, Problem, dotted_name, shown
from toolbench.model import Api, HttpBinding, Json, JsonObject, PythonBinding, Tool, is_array, is_object

LONGEST_DESCRIPTION = 600
"""Characters of an API's description that stand in its document."""

_KEPT = (
    "type", "format", "enum", "const", "default", "pattern", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip
_LONGEST_REMARK = (200, 80, 0)
_DEEPEST = (2, 1, 0)
"""How much of parameters is told, at most, in ever shorter documents: characters of a description, levels of
nesting."""

_MARKUP = re.compile(r"<[^<>]{1,200}>|!?\[([^\]]*)\]\([^)]*\)|[*_]{2,}")
_REFERENCE = "#/$defs/"
_MOST_OPTIONS = 40
_WAYS_IN = ("anyOf", "oneOf")


def documents(api: Api, *, longest: int) -> tuple[list[ApiDoc], list[Problem]]:
    """Return a document for each tool of an API, and what is wrong with the others.

    Args:
        api: the API.
        longest: characters that a document may have. A longer one tells less of its parameters; where that is not
            enough, there is none.
    """
    docs: list[ApiDoc] = []
    problems: list[Problem] = []
    for tool in api.tools:
        where = f"{api.id}, {tool.source.pointer or tool.name}"
        if not _plain(tool.description) and not tool.parameters.get("properties"):
            problems.append(Problem(where, "the document says nothing", "left out"))
            continue
        doc = _fitting(api, tool, longest)
        if doc is None:
            problems.append(Problem(where, f"the document is longer than {longest} characters", "left out"))
        else:
            docs.append(doc)
            if len(shown(_document(api, tool, 0).document)) > longest:
                problems.append(Problem(where, f"the document is longer than {longest} characters", "shortened"))
    return docs, problems


def _fitting(api: Api, tool: Tool, longest: int) -> ApiDoc | None:
    made = (_document(api, tool, brevity) for brevity in range(len(_DEEPEST)))
    return next((doc for doc in made if len(doc.text) <= longest), None)


def _document(api: Api, tool: Tool, brevity: int) -> ApiDoc:
    binding = tool.binding
    extra: JsonObject = {}
    if isinstance(binding, HttpBinding):
        extra = {"method": binding.method, "path": binding.path}
    return ApiDoc(
        id=tool.name,
        name=_name(api, tool),
        framework=api.id,
        domain=tool.category or api.title,
        description=_plain(tool.description)[:LONGEST_DESCRIPTION],
        api_version=api.api_version,
        parameters=tuple(_parameters(api, tool, brevity)),
        deprecated=tool.deprecated,
        extra=extra,
        source=f"{api.id}{tool.source.pointer and '#'}{tool.source.pointer}",
    )


def _name(api: Api, tool: Tool) -> str:
    if isinstance(tool.binding, PythonBinding):
        return dotted_name([tool.binding.target.replace(":", ".")])
    own = tool.source.name or tool.name.removeprefix(f"{api.id}_")
    return dotted_name([own] if own.startswith(f"{api.id}.") else [api.id, own])


def _parameters(api: Api, tool: Tool, brevity: int) -> list[Parameter]:
    required: list[str] = tool.parameters.get("required") or []
    properties: JsonObject = tool.parameters.get("properties") or {}
    # Headers and cookies are the client's business: nobody asks for a signature or a trace id.
    hidden = {argument.name for argument in tool.arguments if argument.location in ("header", "cookie")}
    return [
        Parameter(
            name=name,
            content=plain_schema(schema, api.definitions, depth=_DEEPEST[brevity], remark=_LONGEST_REMARK[brevity]),
            required=name in required,
        )
        for name, schema in properties.items()
        if name not in hidden
    ]


def plain_schema(schema: Json, definitions: Mapping[str, JsonObject], *, depth: int, remark: int) -> JsonObject:
    """Return a schema as it stands in a document: references followed, alternatives cut to the first, inner ones told
    down to a depth.

    Args:
        schema: an open schema.
        definitions: what it refers to.
        depth: levels of nesting that are told.
        remark: characters of a description that are kept.
    """
    view = _view(schema, definitions, 8)
    told: JsonObject = {key: view[key] for key in _KEPT if key in view}
    told["type"] = _type(view)
    if len(told.get("enum") or ()) > _MOST_OPTIONS:
        told["enum"] = told["enum"][:_MOST_OPTIONS]
    description = _plain(str(view.get("description") or ""))
    if description and remark:
        told["description"] = _cut(description, remark)
    if depth > 0 and is_object(view.get("items")):
        told["items"] = plain_schema(view["items"], definitions, depth=depth - 1, remark=remark // 2)
    if depth > 0 and is_object(properties := view.get("properties")):
        told["properties"] = {
            name: plain_schema(inner, definitions, depth=depth - 1, remark=remark // 2)
            for name, inner in properties.items()
        }
        if inside := [name for name in view.get("required") or () if name in properties]:
            told["required_properties"] = inside
    return {key: value for key, value in told.items() if value != "" or key == "default"}


def _view(schema: Json, definitions: Mapping[str, JsonObject], patience: int) -> JsonObject:
    """Return a schema without references and alternatives at its top."""
    if not is_object(schema) or patience == 0:
        return {}
    own = {key: value for key, value in schema.items() if key not in ("$ref", "allOf", *_WAYS_IN)}
    parts: list[Json] = list(schema.get("allOf") or ())
    if str(schema.get("$ref", "")).startswith(_REFERENCE):
        parts.append(definitions.get(str(schema["$ref"]).removeprefix(_REFERENCE), {}))
    for key in _WAYS_IN:
        options = [one for one in schema.get(key) or () if not (is_object(one) and one.get("type") == "null")]
        parts += options[:1]
    merged: JsonObject = {}
    for part in parts:
        view = _view(part, definitions, patience - 1)
        properties: JsonObject = {**(merged.get("properties") or {}), **(view.get("properties") or {})}
        required: list[str] = [*(merged.get("required") or ()), *(view.get("required") or ())]
        merged |= view
        merged |= ({"properties": properties} if properties else {}) | ({"required": required} if required else {})
    return merged | own


def _type(view: JsonObject) -> Json:
    said: Json = view.get("type")
    if is_array(said):
        usable = [one for one in said if one != "null"]
        return usable[0] if len(usable) == 1 else usable
    if isinstance(said, str):
        return said
    if options := view.get("enum"):
        return _type_of(options[0])
    if "const" in view:
        return _type_of(view["const"])
    return "object" if "properties" in view else "array" if "items" in view else ""


def _type_of(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "string"


def _plain(text: str) -> str:
    """Return a description without its markup."""
    return re.sub(r"[ \t]+", " ", _MARKUP.sub(lambda found: found[1] or " ", text)).strip()


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]}…"
