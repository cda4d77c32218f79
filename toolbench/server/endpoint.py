"""One operation over HTTP: its requests become calls, the world's answers become responses."""

from collections.abc import Hashable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from toolbench.model import Fault, HttpBinding, Json, JsonObject, SecurityScheme, Tool
from toolbench.server.arguments import Reader
from toolbench.server.coercion import Coercion
from toolbench.server.messages import HTML, JSON, Answer, Pairs, Request, json_answer, media_type, read_pairs
from toolbench.server.preferences import Preferences, preferences
from toolbench.server.rendering import documented, examples, is_acceptable, location, parameter_names, rendered
from toolbench.server.security import Guard, challenge
from toolbench.server.simulation import Simulation
from toolbench.world.answers import ApiError, Response
from toolbench.world.faults import SLOW
from toolbench.world.resources import Operation, Role

_INVALID = {400: (400, 422), 422: (422, 400)}
"""What an API may say of a request that is not valid, by preference; APIs differ in which of the two they know."""
_ITEM_ROLES: tuple[Role, ...] = ("get", "replace", "update", "delete")


_MOST_MEANINGS = 1024


class _Meaning(NamedTuple):
    """What a request asks for."""

    path: dict[str, str]
    """What stands in the path for each of its parameters, as sent."""
    arguments: JsonObject
    wanted: Preferences


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
        self.template, _, query = binding.path.partition("#")[0].partition("?")
        """The path's template, without the query or fragment that some descriptions put behind it."""
        self.names = parameter_names(self.template)
        """Its parameters, in order."""
        self._asks = read_pairs(query)
        self._meanings: dict[Hashable, _Meaning] = {}

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

    def answer(self, request: Request, values: tuple[str, ...], *, prefix: str, guard: Guard) -> Answer:
        """Return the answer to a request.

        Args:
            request: the request.
            values: what stands in the path for each of `names`, as sent.
            prefix: what stands before the path of the API.
            guard: looks at its credentials.
        """
        try:
            guard.check(request, self.tool, self.binding, self._schemes)
            path, arguments, wanted = self._understood(request, values)
            return self._preferred(wanted) if wanted.any else self._called(request, arguments, prefix, path)
        except ApiError as error:
            return self.refused(error)

    def _understood(self, request: Request, values: tuple[str, ...]) -> _Meaning:
        """Return what a request asks for; it is read once for as long as equal ones come, as from clients that poll."""
        if request.body:
            return self._read(request, values)
        asked = (values, tuple(request.query), tuple(request.headers.items()))
        if asked not in self._meanings:
            meaning = self._read(request, values)
            if len(self._meanings) == _MOST_MEANINGS:
                self._meanings.clear()
            self._meanings[asked] = meaning
        return self._meanings[asked]

    def _read(self, request: Request, values: tuple[str, ...]) -> _Meaning:
        self._check_accept(request)
        path = self._path_values(request, values)
        arguments = self._reader.read(request, path)
        self._validate(arguments)
        return _Meaning(path, arguments, preferences(request))

    def refused(self, error: ApiError) -> Answer:
        """Return the answer that turns a request down, in the API's own form and with a status that it documents."""
        options = _INVALID.get(error.status, ())
        status = next((status for status in options if str(status) in self.tool.errors), error.status)
        told = ApiError(status, error.message, error.details)
        answer = rendered(self.tool, self.binding, status, self._simulation.refusal(self.tool, told))
        if error.status == HTTPStatus.UNAUTHORIZED:
            self._challenge(answer)
        return answer

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.binding, self.tool.parameters, self._coercion)

    @cached_property
    def _item_template(self) -> str:
        """Path template of the entities that this operation creates; empty where there is none."""
        resource = self.operation.resource
        if self.operation.role != "create" or resource is None:
            return ""
        names = [name for role in _ITEM_ROLES for name in resource.tools.get(role, ())]
        bindings = [self._simulation.landscape.operations[name].tool.binding for name in names]
        return next((each.path for each in bindings if isinstance(each, HttpBinding)), "")

    def _check_accept(self, request: Request) -> None:
        offered, wanted = self.binding.response_type, request.headers.get("accept")
        if offered and wanted and not is_acceptable(media_type(offered), wanted):
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
            # An impossible key in the path leads nowhere, where the API has no word of its own for it.
            nowhere = all(self._reader.is_of_path(each["pointer"]) for each in found) and "404" in self.tool.errors
            spoken_of = any(str(status) in self.tool.errors for status in _INVALID)
            raise ApiError(404 if nowhere and not spoken_of else 422, "The request is not valid", placed)

    def _called(self, request: Request, arguments: JsonObject, prefix: str, path: Mapping[str, str]) -> Answer:
        response = self._simulation.call(self.tool.name, arguments)
        if response.fault is not None:
            return self._faulty(response, response.fault)
        answer = self._rendered(response.status, response.body)
        if answer.status == HTTPStatus.CREATED and (place := self._location(response.body, path)):
            answer.headers["location"] = request.address(prefix + place)
        return answer

    def _faulty(self, response: Response, fault: Fault) -> Answer:
        """Return an answer with a fault on purpose, of which it says no more than a real server would."""
        if fault.kind == "truncated":
            answer = Answer(response.status, response.body.encode(), self.binding.response_type or JSON)
        elif fault.kind == "malformed":
            answer = Answer(response.status, response.body.encode(), HTML)
        elif fault.kind == "error_in_ok":
            answer = json_answer(response.status, response.body)
        else:
            answer = self._rendered(response.status, response.body)
        if response.wait is not None:
            answer.headers["retry-after"] = str(response.wait)
        if response.status == HTTPStatus.UNAUTHORIZED:
            self._challenge(answer)
        answer.seconds = SLOW if fault.kind in ("slow", "timeout") else 0
        return answer

    def _challenge(self, answer: Answer) -> None:
        if value := challenge(self.binding.security, self._schemes):
            answer.headers["www-authenticate"] = value

    def _location(self, body: Json, path: Mapping[str, str]) -> str:
        resource = self.operation.resource
        return location(self._item_template, path, resource.key_path, body) if resource else ""

    def _preferred(self, wanted: Preferences) -> Answer:
        code = wanted.code or self.binding.success
        if code == self.binding.success:
            return self._rendered(code, self._success(wanted))
        key = documented(self.tool, code)
        if not key:
            raise ApiError(HTTPStatus.NOT_FOUND, f"The status {code} is not documented for this operation")
        known = examples(self.tool, key)
        if wanted.example or (known and not wanted.dynamic):
            return self._rendered(code, _example(known, wanted))
        if wanted.dynamic:
            return self._rendered(code, self._simulation.sample(self.tool, self.tool.errors[key], fresh=True))
        return self.refused(ApiError(code, _phrase(code)))

    def _success(self, wanted: Preferences) -> Json:
        known = examples(self.tool)
        if wanted.example or (known and not wanted.dynamic):
            return _example(known, wanted)
        if self.tool.returns is None:
            return None
        return self._simulation.sample(self.tool, self.tool.returns, fresh=wanted.dynamic)

    def _rendered(self, status: int, body: Json) -> Answer:
        if body is None and self.tool.returns is None:
            body = next(iter(examples(self.tool).values()), None)
        return rendered(self.tool, self.binding, status, body)


def _example(known: Mapping[str, Json], wanted: Preferences) -> Json:
    """Return the example that is asked for by name, or the first.

    Raises:
        ApiError: 404, there is none of that name.
    """
    if not wanted.example:
        return next(iter(known.values()))
    if wanted.example not in known:
        there = f"There is {', '.join(map(repr, known))}" if known else "There is none"
        raise ApiError(HTTPStatus.NOT_FOUND, f"No example {wanted.example!r} is documented. {there}")
    return known[wanted.example]


def _phrase(code: int) -> str:
    return next((status.phrase for status in HTTPStatus if status == code), f"Status {code}")
