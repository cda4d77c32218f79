"""Error bodies in the API's own form."""

from toolbench.model import Json, JsonObject, Tool
from toolbench.world.behaviour import ApiError
from toolbench.world.query import snake
from toolbench.world.rng import rng
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import Shapes, main_type

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
_DEEPEST = 2
"""Objects inside an error that are followed: some APIs put the whole entity in."""
_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "invalid"}


def error_body(tool: Tool, error: ApiError, shapes: Shapes, sampler: Sampler) -> Json:
    """Return what the API would say of an error: in its documented form for the status, else in a plain one."""
    status = str(error.status)
    schema = next(
        (tool.errors[key] for key in (status, f"{status[0]}XX", "400", "422", "default") if key in tool.errors), None
    )
    if schema is None or not shapes.properties(schema):
        plain: JsonObject = {"status": error.status, "message": error.message}
        return {"error": plain | ({"details": list(error.details)} if error.details else {})}
    return _fill(schema, error, shapes, sampler, tool.name)


def _fill(schema: Json, error: ApiError, shapes: Shapes, sampler: Sampler, address: str, depth: int = 0) -> JsonObject:
    view = shapes.view(schema)
    body: JsonObject = {}
    for name, inner in shapes.properties(schema).items():
        made = _field(name, inner, error, shapes, sampler, f"{address}/{name}", depth)
        if made is not None:
            body[name] = made
        elif name in (view.get("required") or ()):
            body[name] = sampler.value(inner, rng(address, error.status, name), name=name, depth=2)
    return body


def _field(
    name: str, schema: Json, error: ApiError, shapes: Shapes, sampler: Sampler, address: str, depth: int
) -> Json:
    view = shapes.view(schema)
    kind = main_type(view)
    if kind == "object" and shapes.properties(schema):
        return _fill(schema, error, shapes, sampler, address, depth + 1) if depth < _DEEPEST else None
    if kind == "array":
        return _details(schema, error, shapes, sampler, address)
    plain = snake(name)
    known: JsonObject = {
        **dict.fromkeys(
            ("message", "detail", "description", "error_message", "error_description", "msg"), error.message
        ),
        **dict.fromkeys(("status", "status_code", "http_status"), error.status),
        "title": _TITLES.get(error.status, "Error"),
        "code": _code(view, error),
        "error": _TITLES.get(error.status, "Error"),
        "type": "about:blank" if view.get("format") in ("uri", "uri-reference") else _code(view, error),
        **dict.fromkeys(("pointer", "field", "path", "param"), error.details[0]["pointer"] if error.details else None),
    }
    value = known.get(plain)
    if value is not None and kind == "string" and isinstance(value, int):
        value = str(value)
    return value if value is not None and shapes.accepts(value, view) else None


def _code(view: JsonObject, error: ApiError) -> Json:
    if main_type(view) == "integer":
        return error.status
    code = _CODES.get(error.status, "error")
    options = [option for option in view.get("enum") or () if isinstance(option, str)]
    if options and code not in options:
        return next((o for o in options if code.split("_")[-1] in o.lower()), options[0])
    return code


def _details(schema: Json, error: ApiError, shapes: Shapes, sampler: Sampler, address: str) -> list[Json]:
    items = shapes.items(schema)
    if main_type(shapes.view(items)) == "string":
        return [f"{detail['pointer']}: {detail['message']}" for detail in error.details]
    one = [ApiError(error.status, str(detail["message"]), (detail,)) for detail in error.details]
    return [_fill(items, each, shapes, sampler, address, _DEEPEST) for each in one]
