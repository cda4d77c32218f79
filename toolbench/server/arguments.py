"""Requests turned into the arguments of a tool, by its binding."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

import orjson

from toolbench.model import Argument, HttpBinding, Json, JsonObject, is_object
from toolbench.model.pointers import escape, parts
from toolbench.server.bodies import FORMS, accepts, read_form, read_json, text_of
from toolbench.server.coercion import Coercion
from toolbench.server.messages import Pairs, Request, is_json, media_type
from toolbench.server.styles import MARKS, Tree, form, label, matrix, nested, simple
from toolbench.world.answers import ApiError

_MISSING = object()

_Reader = Callable[[Mapping[str, list[str]], Pairs], Json]
"""Reads one argument out of values by name and all pairs; `_MISSING` where it is not there."""


class Reader:
    """Reads the arguments of one tool out of requests.

    Args:
        binding: where each argument goes.
        parameters: the tool's open parameters.
        coercion: gives text the types of the API's schemas.
    """

    def __init__(self, binding: HttpBinding, parameters: JsonObject, coercion: Coercion) -> None:
        self._binding, self._coercion = binding, coercion
        self._schemas: JsonObject = parameters.get("properties", {})
        self._media = media_type(binding.media_type)
        self._bodily = [argument for argument in binding.arguments if argument.location == "body"]
        self._path = self._readers("path", self._segment)
        self._query = self._readers("query", self._parameter)
        self._headers = self._readers("header", self._header)
        self._cookies = self._readers("cookie", self._parameter)

    def read(self, request: Request, path: Mapping[str, str]) -> JsonObject:
        """Return the arguments that a request carries; their validity is not checked.

        Args:
            request: the request.
            path: what stands in the path for each of its parameters, as sent.

        Raises:
            ApiError: the body cannot be read: 400, or 415 where its media type is another than the operation's.
        """
        arguments: JsonObject = {}
        _fill(arguments, self._path, [(name, raw) for name, raw in path.items()])
        if request.query:
            _fill(arguments, self._query, request.query)
        if self._headers:
            _fill(arguments, self._headers, list(request.headers.items()))
        if self._cookies:
            _fill(arguments, self._cookies, request.cookies())
        if self._bodily and request.body:
            arguments |= self._body(request)
        elif self._binding.bodily:
            raise ApiError(422, "A body is required", ({"pointer": "", "message": "is required"},))
        return arguments

    def place(self, pointer: str) -> str:
        """Return where in the request the place in the arguments is that a pointer leads to."""
        name, *rest = parts(pointer) or [""]
        argument = next((each for each in self._binding.arguments if each.name == name), None)
        if argument is None:
            return pointer
        return "".join(f"/{escape(part)}" for part in ([argument.key] if argument.key else []) + rest)

    def is_of_path(self, pointer: str) -> bool:
        """Tell whether a pointer into the arguments leads to one that stands in the path."""
        return any(part in self._path for part in parts(pointer)[:1])

    def _readers(self, location: str, make: Callable[[Argument], _Reader]) -> dict[str, _Reader]:
        return {each.name: make(each) for each in self._binding.arguments if each.location == location}

    def _schema(self, argument: Argument) -> Json:
        return self._schemas.get(argument.name, {})

    def _typed(self, argument: Argument, tree: Tree) -> Json:
        if isinstance(tree, str) and is_json(media_type(argument.content_type)):
            return _document(tree)
        return self._coercion.value(tree, self._schema(argument))

    def _segment(self, argument: Argument) -> _Reader:
        kind, key, explode = self._kind(argument), argument.key, argument.explode

        def read(values: Mapping[str, list[str]], _: Pairs) -> Json:
            if key not in values:
                return _MISSING
            raw = values[key][-1]
            if argument.style == "label":
                return self._typed(argument, label(raw, kind, explode=explode))
            if argument.style == "matrix":
                return self._typed(argument, matrix(raw, key, kind, explode=explode))
            return self._typed(argument, simple(raw, kind, explode=explode))

        return read

    def _header(self, argument: Argument) -> _Reader:
        kind, key = self._kind(argument), argument.key.lower()

        def read(values: Mapping[str, list[str]], _: Pairs) -> Json:
            if key not in values:
                return _MISSING
            # Headers are not percent-encoded: what looks so is text.
            items = [item.strip() for item in values[key][-1].split(",")]
            raw = ",".join(quote(item, safe="=") for item in items) if kind else quote(values[key][-1])
            return self._typed(argument, simple(raw, kind, explode=argument.explode))

        return read

    def _parameter(self, argument: Argument) -> _Reader:
        kind, key, mark = self._kind(argument), argument.key, MARKS.get(argument.style, ",")

        def plain(values: Mapping[str, list[str]], _: Pairs) -> Json:
            if key not in values:
                return _MISSING
            return self._typed(argument, form(values[key], kind, mark, explode=argument.explode))

        if argument.style == "deepObject":
            return self._deep(argument)
        return self._spread(argument) if kind == "object" and argument.explode else plain

    def _deep(self, argument: Argument) -> _Reader:
        def read(_: Mapping[str, list[str]], pairs: Pairs) -> Json:
            own = [pair for pair in pairs if pair[0] == argument.key or pair[0].startswith(f"{argument.key}[")]
            return self._typed(argument, nested(own)[argument.key]) if own else _MISSING

        return read

    def _spread(self, argument: Argument) -> _Reader:
        """Return the reader of an object whose properties stand in the query under their own names."""
        taken = {each.key for each in self._binding.arguments if each.location == argument.location}
        known = set(self._coercion.properties(self._schema(argument)))

        def read(values: Mapping[str, list[str]], pairs: Pairs) -> Json:
            names = known or {name for name in values if name not in taken and not name.startswith("__")}
            own = [(name, raw) for name, raw in pairs if name in names]
            return self._typed(argument, nested(own)) if own else _MISSING

        return read

    def _kind(self, argument: Argument) -> str:
        return "" if argument.content_type else self._coercion.structure(self._schema(argument))

    def _body(self, request: Request) -> JsonObject:
        sent = media_type(request.headers.get("content-type", ""))
        if not accepts(self._media, sent):
            raise ApiError(415, f"The body must be {self._binding.media_type}, not {sent}")
        if (sent or self._media) in FORMS:
            return self._fields(read_form(request))
        if not is_json(sent or self._media):
            return {each.name: text_of(request.body) for each in self._bodily if not each.key}
        return self._members(read_json(request.body))

    def _members(self, body: Json) -> JsonObject:
        if not self._bodily[0].key:
            return {self._bodily[0].name: body}
        if not is_object(body):
            detail: JsonObject = {"pointer": "", "message": "must be an object"}
            raise ApiError(422, "The body is not an object", (detail,))
        self._check_keys(body)
        return {each.name: body[each.key] for each in self._bodily if each.key in body}

    def _check_keys(self, keys: Iterable[str]) -> None:
        """Turn down what a body holds or lacks that the arguments, spread as they are, cannot say."""
        given, known = list(keys), [each.key for each in self._bodily]
        lacking = [(key, "is required") for key in self._binding.needed if key not in given]
        strange = [(key, "is not known") for key in given if self._binding.closed and key not in known]
        if problems := [*lacking, *strange]:
            details: list[JsonObject] = [{"pointer": f"/{escape(key)}", "message": said} for key, said in problems]
            raise ApiError(422, "The request is not valid", tuple(details))

    def _fields(self, fields: dict[str, Tree]) -> JsonObject:
        if not self._bodily[0].key:
            return {self._bodily[0].name: self._typed(self._bodily[0], fields)}
        self._check_keys(fields)
        return {each.name: self._field(each, fields[each.key]) for each in self._bodily if each.key in fields}

    def _field(self, argument: Argument, tree: Tree) -> Json:
        listed = isinstance(tree, str) and not tree.startswith("[") and self._kind(argument) == "array"
        if listed and not argument.explode:
            mark = MARKS.get(argument.style, ",")
            return self._typed(argument, [item for item in str(tree).split(mark) if item])
        return self._typed(argument, tree)


def _fill(arguments: JsonObject, readers: Mapping[str, _Reader], pairs: Pairs) -> None:
    values: dict[str, list[str]] = {}
    for name, raw in pairs:
        values.setdefault(name, []).append(raw)
    for name, read in readers.items():
        value = read(values, pairs)
        if value is not _MISSING:
            arguments[name] = value


def _document(text: str) -> Json:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
