"""Error bodies in the API's own form."""

from dataclasses import dataclass, replace

from toolbench.model import Json, JsonObject, Tool
from toolbench.world.answers import ApiError
from toolbench.world.fitting import Fitter
from toolbench.world.nouns import snake, words
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
_MOST_LISTS = 2
"""Lists inside each other that are filled in: some errors hold errors of their own form."""
_CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 422: "invalid"}
_MESSAGES = (
    "message detail description error_message error_description msg reason issue problem explanation summary text"
).split()
_POINTERS = ("pointer", "path")
_PLACES = ("field", "param", "parameter", "property", "location", "attribute")
_LISTS = frozenset("detail error violation issue problem field param cause message invalid warning reason".split())
"""Words in the names of lists that say what is wrong where."""


def error_body(tool: Tool, error: ApiError, shapes: Shapes, sampler: Sampler) -> Json:
    """Return what the API would say of an error: in its documented form for the status, else in a plain one."""
    schema = _documented(tool, error.status)
    if schema is not None and main_type(shapes.view(schema)) == "string":
        return error.message
    if schema is None or not (shapes.properties(schema) or shapes.items(schema)):
        plain: JsonObject = {"status": error.status, "message": error.message}
        return {"error": plain | ({"details": list(error.details)} if error.details else {})}
    made = _Body(error, shapes).value("errors", schema)
    return Fitter(shapes, sampler).fit(made, schema, (tool.name, error.status), owner="error")


def _documented(tool: Tool, status: int) -> JsonObject | None:
    """Return the schema documented for a status, or for the nearest to it: most APIs have one form for all failures."""
    asked = (str(status), f"{status // 100}XX", "default", "400", "422", *sorted(tool.errors))
    shown = {key: schema for key, schema in tool.errors.items() if schema.keys() - {"description"}}
    return next((shown[key] for key in asked if key in shown), None)


@dataclass(frozen=True, slots=True)
class _Body:
    """Fills in what an error's form has room for; what must be there besides is left to the fitter."""

    error: ApiError
    shapes: Shapes
    depth: int = 0
    lists: int = 0
    """Lists of objects that it stands in."""

    def value(self, name: str, schema: Json) -> Json:
        view = self.shapes.view(schema)
        match main_type(view):
            case "object" if self.shapes.properties(schema):
                return self._object(schema) if self.depth <= _DEEPEST else None
            case "array":
                return self._list(name, schema)
            case _:
                return self._scalar(snake(name), view)

    def _object(self, schema: Json) -> JsonObject:
        inside = replace(self, depth=self.depth + 1)
        needed = self.shapes.view(schema).get("required") or ()
        made = {name: inside.value(name, inner) for name, inner in self.shapes.properties(schema).items()}
        # Where no place is at fault, none is made up.
        made |= {name: "" for name in needed if made.get(name) is None and snake(name) in _PLACES}
        return {name: value for name, value in made.items() if value is not None}

    def _list(self, name: str, schema: Json) -> list[Json] | None:
        if not _LISTS.intersection(word.removesuffix("s") for word in words(name)):
            return None
        items, error = self.shapes.items(schema), self.error
        if main_type(self.shapes.view(items)) == "string":
            said = [f"{detail['pointer']}: {detail['message']}" for detail in error.details]
            return [text for text in said if self.shapes.accepts(text, self.shapes.view(items))]
        if self.lists == _MOST_LISTS:
            return None
        one = [ApiError(error.status, str(detail["message"]), (detail,)) for detail in error.details]
        # A list that is the whole answer says at least what went wrong.
        for_each = one or ([] if self.depth else [error])
        return [_Body(each, self.shapes, _DEEPEST, self.lists + 1).value(name, items) for each in for_each]

    def _scalar(self, name: str, view: JsonObject) -> Json:
        options: JsonObject = {
            **dict.fromkeys(_MESSAGES, self.error.message),
            **dict.fromkeys(("status", "status_code", "http_status", "error_code"), self.error.status),
            **dict.fromkeys(_POINTERS, self._pointer()),
            **dict.fromkeys(_PLACES, self._place()),
            "name": self._place() if self.depth > _DEEPEST else _TITLES.get(self.error.status, "Error"),
            "title": _TITLES.get(self.error.status, "Error"),
            "code": self._code(view),
            "error": _TITLES.get(self.error.status, "Error"),
            "type": "about:blank" if view.get("format") in ("uri", "uri-reference") else self._code(view),
        }
        value = options.get(name)
        text = str(value) if isinstance(value, int) else value
        return next((each for each in (value, text) if each is not None and self.shapes.accepts(each, view)), None)

    def _pointer(self) -> Json:
        return self.error.details[0]["pointer"] if self.error.details else None

    def _place(self) -> Json:
        return str(self._pointer()).removeprefix("/").replace("/", ".") if self.error.details else None

    def _code(self, view: JsonObject) -> Json:
        if main_type(view) in ("integer", "number"):
            return self.error.status
        code = _CODES.get(self.error.status, "error")
        options = [option for option in view.get("enum") or () if isinstance(option, str)]
        if options and code not in options:
            return next((o for o in options if code.split("_")[-1] in o.lower()), options[0])
        return code
