"""The ASGI application: from bytes to requests, to whoever answers them, and back.

It stands on bare ASGI: a router and request objects of a framework would cost more than the simulation does.
"""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from toolbench.model import Api
from toolbench.server.control import PREFIX, Control
from toolbench.server.messages import Answer, Request, json_answer, read_pairs
from toolbench.server.security import Guard
from toolbench.server.simulation import Simulation
from toolbench.server.site import Site
from toolbench.world.answers import ApiError
from toolbench.world.faults import NONE
from toolbench.world.world import Landscape

MAX_BODY = 64 * 1024 * 1024
"""Bytes of the largest request body that is read."""

_EXPOSED = "Allow, Location, Retry-After, WWW-Authenticate"


class Application:
    """A world of some APIs over HTTP.

    Requests are answered one after another: from the last byte of a request to the first of its answer nothing is
    awaited, so no other request comes in between.

    Args:
        apis: the APIs.
        seed: the world's seed.
        guard: looks at the credentials of requests.
        faults: profile of the faults it shows, a name in `world.faults.PROFILES`.
        delays: whether slow answers and timeouts take their time, rather than the world's clock alone.

    Raises:
        ConfigError: there is no such profile.
    """

    def __init__(
        self,
        apis: Iterable[Api],
        seed: int = 0,
        *,
        guard: Guard = Guard(),  # noqa: B008 - frozen
        faults: str = NONE,
        delays: bool = False,
    ) -> None:
        self.simulation = Simulation(Landscape(apis), seed, faults)
        self.site = Site(self.simulation)
        self._control = Control(self.simulation)
        self._guard, self._delays = guard, delays

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = _request(scope)
        body = await _body(receive)
        if body is None:
            answer = json_answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": {"message": "The body is too large"}})
        else:
            request.body = body
            answer = self.answer(request)
        if self._delays and answer.seconds:
            await asyncio.sleep(answer.seconds)
        await _send(answer, send, with_body=request.method != "HEAD")

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        origin = request.headers.get("origin")
        answer = self._plain_answer(request)
        if origin is not None:
            answer.headers |= {
                "access-control-allow-origin": origin,
                "access-control-allow-credentials": "true",
                "access-control-expose-headers": _EXPOSED,
                "vary": "Origin",
            }
        return answer

    def _plain_answer(self, request: Request) -> Answer:
        if request.path.startswith(PREFIX):
            if request.method == "OPTIONS" and (methods := self._control.methods(request.path)):
                return _options(request, methods)
            return self._control.answer(request)
        place = self.site.find(request.path)
        if place is None:
            return self._not_found(request)
        endpoint = place.endpoint(request)
        if endpoint is not None and not _is_preflight(request):
            return endpoint.answer(request, place.values, prefix=place.prefix, guard=self._guard)
        if request.method == "OPTIONS":
            return _options(request, place.methods())
        error = ApiError(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} cannot be used here")
        refused = place.endpoints[0].refused(error)
        refused.headers["allow"] = ", ".join(place.methods())
        return refused

    def _not_found(self, request: Request) -> Answer:
        mounted = self.site.api_of(request.path)
        model = mounted.model(HTTPStatus.NOT_FOUND) if mounted else None
        if model is not None:
            return model.refused(ApiError(HTTPStatus.NOT_FOUND, "There is nothing under this path"))
        known = ", ".join(f"/{name}" for name in self.site.apis)
        message = f"There is nothing under this path. APIs are under {known}"
        return json_answer(HTTPStatus.NOT_FOUND, {"error": {"status": 404, "message": message}})


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _options(request: Request, methods: list[str]) -> Answer:
    headers = {"allow": ", ".join(methods)}
    if _is_preflight(request):
        headers["access-control-allow-methods"] = headers["allow"]
        headers["access-control-allow-headers"] = request.headers.get("access-control-request-headers", "*")
        headers["access-control-max-age"] = "600"
    return Answer(HTTPStatus.NO_CONTENT, headers=headers)


def _request(scope: Scope) -> Request:
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query: bytes = scope["query_string"]
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in headers else text
    return Request(
        method=scope["method"],
        path=path.decode("latin-1"),
        query=read_pairs(query.decode("latin-1")) if query else [],
        headers=headers,
        scheme=scope.get("scheme", "http"),
    )


async def _body(receive: Receive) -> bytes | None:
    """Return the request's body, or None where it is too large."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
