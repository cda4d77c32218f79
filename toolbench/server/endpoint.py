"""One operation over HTTP: its requests become calls, the world's answers become responses."""

from collections.abc import Mapping
from functools import cached_property
from http import HTTPStatus
from urllib.parse import quote, unquote

import orjson

from toolbench.model import HttpBinding, Json, JsonObject, SecurityScheme, Tool, is_object
from toolbench.server.arguments import Reader
from toolbench.server.coercion import Coercion
from toolbench.server.messages import JSON, Answer, Pairs, Request, is_json, json_answer, media_type, read_pairs
from toolbench.server.preferences import Preferences, preferences
from toolbench.server.security import challenge, is_authorised
from toolbench.server.simulation import Simulation
from toolbench.world.behaviour import ApiError, Response
from toolbench.world.resources import Operation

_BODILESS = (204, 205, 304)


class Endpoint:
    """An operation that can be requested.

    Args:
        tool: the tool, open.
        binding: its binding.
        schemes: the API's security schemes.
        coercion: gives text the types of the API's schemas.
        simulation: the world that answers.
    """

    def __init__(
        self,
        tool: Tool,
        binding: HttpBinding,
        schemes: Mapping[str, SecurityScheme],
        coercion: Coercion,
        simulation: Simulation,
    ) -> None:
        self.tool, self.binding = tool, binding
        self._schemes, self._coercion, self._simulation = schemes, coercion, simulation
        path, _, query = binding.path.partition("#")[0].partition("?")
        self.template = path
        """The path's template, without what some descriptions put behind it."""
        self.names = _names(path)
        """Its parameters, in order."""
        self._asks = read_pairs(query)

    @property
    def operation(self) -> Operation:
        """What the operation does."""
        return self._simulation.landscape.operations[self.tool.name]

    def fits(self, query: Pairs) -> int | None:
        """Return how many parts of the query the path's template asks for, or None where one of them is missing."""
        sent = dict(query)
        for name, wanted in self._asks:
            if name not in sent or not (wanted.startswith("{") or unquote(sent[name]) == unquote(wanted)):
                return None
        return len(self._asks)

    def answer(self, request: Request, values: tuple[str, ...], *, prefix: str, auth: bool) -> Answer:
        """Return the answer to a request.

        Args:
            request: the request.
            values: what stands in the path for each of `names`, as sent.
            prefix: what stands before the path of the API.
            auth: whether credentials are asked for.
        """
        try:
            self._admit(request, auth=auth)
            path = self._path_values(request, values)
            arguments = self._reader.read(request, path)
            self._validate(arguments)
            wanted = preferences(request)
            if wanted.any:
                return self._respond(*self._preferred(wanted))
        except ApiError as error:
            return self.refuse(error)
        response = self._simulation.call(self.tool.name, arguments)
        answer = self._respond(response.status, response.body)
        if answer.status == HTTPStatus.CREATED and (location := self._location(path, response)):
            answer.headers["location"] = prefix + location
        return answer

    def refuse(self, error: ApiError) -> Answer:
        """Return the answer that turns a request down, in the API's own form."""
        answer = json_answer(error.status, self._simulation.refusal(self.tool, error))
        if error.status == HTTPStatus.UNAUTHORIZED and (value := challenge(self.binding.security, self._schemes)):
            answer.headers["www-authenticate"] = value
        return answer

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.binding, self.tool.parameters, self._coercion)

    def _admit(self, request: Request, *, auth: bool) -> None:
        if auth and not is_authorised(request, self.binding.security, self._schemes):
            raise ApiError(HTTPStatus.UNAUTHORIZED, "No credentials were given, or not of the kind that is asked for")
        offered, wanted = self.binding.response_type, request.headers.get("accept", "")
        if offered and wanted and not _is_acceptable(media_type(offered), wanted):
            raise ApiError(HTTPStatus.NOT_ACCEPTABLE, f"The answer comes as {offered} only")

    def _path_values(self, request: Request, values: tuple[str, ...]) -> dict[str, str]:
        found = dict(zip(self.names, values, strict=True))
        if self._asks:
            sent = dict(request.query)
            found |= {ask[1:-1]: sent[name] for name, ask in self._asks if ask.startswith("{") and name in sent}
        return found

    def _validate(self, arguments: JsonObject) -> None:
        found = self._simulation.problems(self.tool.name, arguments)
        if found:
            placed = tuple({**each, "pointer": self._reader.place(each["pointer"])} for each in found)
            raise ApiError(self._status_of_invalid(found), "The request is not valid", placed)

    def _status_of_invalid(self, found: list[JsonObject]) -> int:
        """Return the documented status for a request that is not valid; 422 where there is none.

        A path with an impossible key leads nowhere: that is a 404 where nothing better is documented.
        """
        options = ["422", "400"]
        if all(self._reader.is_of_path(each["pointer"]) for each in found):
            options.append("404")
        return int(next((status for status in options if status in self.tool.errors), "422"))

    def _preferred(self, wanted: Preferences) -> tuple[int, Json]:
        code = wanted.code or self.binding.success
        if code == self.binding.success:
            return code, self._success(wanted)
        schema = _documented(self.tool, code)
        if schema is None:
            raise ApiError(HTTPStatus.NOT_FOUND, f"The status {code} is not documented for this operation")
        if wanted.dynamic:
            return code, self._simulation.sample(self.tool, schema, fresh=True)
        return code, self._simulation.refusal(self.tool, ApiError(code, _phrase(code)))

    def _success(self, wanted: Preferences) -> Json:
        examples = self._examples()
        if wanted.example and not examples:
            raise ApiError(HTTPStatus.NOT_FOUND, f"No example {wanted.example!r} is documented for this operation")
        if examples and (wanted.example or not wanted.dynamic):
            return examples[0]
        if self.tool.returns is None:
            return None
        return self._simulation.sample(self.tool, self.tool.returns, fresh=wanted.dynamic)

    def _examples(self) -> list[Json]:
        return [example["result"] for example in self.tool.examples if "result" in example]

    def _respond(self, status: int, body: Json) -> Answer:
        if status in _BODILESS:
            return Answer(status)
        offered = self.binding.response_type
        if status >= HTTPStatus.BAD_REQUEST or (is_json(media_type(offered)) and self.tool.returns is not None):
            return Answer(status, orjson.dumps(body), JSON if status >= HTTPStatus.BAD_REQUEST else offered)
        if not offered:
            return Answer(status) if body is None else json_answer(status, body)
        return Answer(status, self._undescribed(body), offered)

    def _undescribed(self, body: Json) -> bytes:
        """Return a body of which the description gives no schema: a documented example, else as good as nothing."""
        shown = body if body is not None else next(iter(self._examples()), None)
        if is_json(media_type(self.binding.response_type)):
            return orjson.dumps({} if shown is None else shown)
        return shown.encode() if isinstance(shown, str) else b""

    def _location(self, path: Mapping[str, str], response: Response) -> str:
        """Return the path of a new entity, or nothing where its key is not in the answer."""
        resource = self.operation.resource
        if self.operation.role != "create" or resource is None or not resource.key_path:
            return ""
        item = next(
            (name for role in ("get", "replace", "update", "delete") for name in resource.tools.get(role, ())), ""
        )
        if not item:
            return ""
        binding = self._simulation.landscape.operations[item].tool.binding
        template = binding.path if isinstance(binding, HttpBinding) else ""
        own = _own_key(response.body, resource.key_path)
        return _filled(template, {**path, _names(template)[-1]: quote(str(own), safe="")}) if own is not None else ""


def _names(template: str) -> tuple[str, ...]:
    return tuple(part.partition("}")[0] for part in template.split("{")[1:])


def _filled(template: str, values: Mapping[str, str]) -> str:
    if any(name not in values for name in _names(template)):
        return ""
    for name in _names(template):
        template = template.replace(f"{{{name}}}", values[name])
    return template


def _own_key(body: Json, key_path: tuple[str, ...]) -> Json:
    """Return an entity's own key, out of itself or an object that wraps it."""
    wrapped = [inner for inner in body.values() if is_object(inner)] if is_object(body) else []
    for held in (body, *wrapped):
        for name in key_path:
            held = held.get(name) if is_object(held) else None
        if isinstance(held, str | int):
            return held
    return None


def _documented(tool: Tool, code: int) -> JsonObject | None:
    """Return the schema of a documented failure, or None where there is none of that status."""
    keys = (str(code), f"{str(code)[0]}XX", "default")
    return next((tool.errors[key] for key in keys if key in tool.errors), None)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return f"Status {code}"


def _is_acceptable(offered: str, accept: str) -> bool:
    """Tell whether a media type is among those a client accepts. Kinds of JSON stand for one another."""
    for each in accept.split(","):
        wanted, _, parameters = each.strip().lower().partition(";")
        kind, _, inner = wanted.strip().partition("/")
        if "q=0" in (part.strip().rstrip(".0") + "0" * part.strip().endswith("0") for part in parameters.split(";")):
            continue
        if wanted.strip() == offered or kind == "*" or (inner == "*" and offered.startswith(f"{kind}/")):
            return True
        if is_json(wanted.strip()) and is_json(offered):
            return True
    return False
