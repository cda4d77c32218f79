"""A scripted endpoint: the Chat Completions interface with no model behind it, for tests and for trying things out."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from toolbench.llm.faults import fault
from toolbench.llm.script import Answer, Script, ScriptedCall
from toolbench.llm.validation import RefusedError, check
from toolbench.llm.weak import weak_answer
from toolbench.model import Json, JsonObject, canonical, digest
from toolbench.serving import Server, in_thread

REASONS = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}

CHARACTERS_PER_TOKEN = 4


class ScriptedModel:
    """Decides what is answered: a fault now and then, else what the script says, else what a weak model would do.

    Args:
        script: rules and answers; where none fits, the weak model answers.
        name: the one model offered.
        seed: seed of the weak model and of the faults.
        faults: share of answers that are faults, 0 to 1. Asked again, the same request may fare better.
    """

    def __init__(self, script: Script = (), *, name: str = "scripted", seed: int = 0, faults: float = 0.0) -> None:
        self.name = name
        self.asked = 0
        """Valid requests so far."""
        self._script = list(script)
        self._seed, self._faults = seed, faults
        self._times: Counter[str] = Counter()

    def answer(self, request: JsonObject) -> Answer:
        """Return the answer to a valid request."""
        self.asked += 1
        identity = digest(request)
        self._times[identity] += 1
        luck = random.Random(digest([self._seed, identity, self._times[identity]]))
        if luck.random() < self._faults:
            return fault(request, luck)
        return self._scripted(request) or weak_answer(request, self._seed)

    def _scripted(self, request: JsonObject) -> Answer | None:
        for item in self._script:
            if isinstance(item, Answer):
                self._script.remove(item)
                return item
            if item.when.holds(request):
                return item.answer
        return None


def application(model: ScriptedModel) -> Starlette:
    """Return the ASGI application: `GET /v1/models` and `POST /v1/chat/completions`."""

    async def models(_: Request) -> Response:
        listed = {"id": model.name, "object": "model", "created": 0, "owned_by": "toolbench"}
        return _json({"object": "list", "data": [listed]})

    async def completions(incoming: Request) -> Response:
        try:
            request = check(_decoded(await incoming.body()), model.name)
        except RefusedError as refused:
            return _json(refused.body(), refused.status)
        answer = model.answer(request)
        await asyncio.sleep(answer.delay)
        return _response(answer, request)

    return Starlette(
        routes=[
            Route("/v1/models", models),
            Route("/v1/chat/completions", completions, methods=["POST"]),
        ]
    )


class ScriptedServer(Server):
    """A scripted endpoint on a port of its own, listening as soon as it is made; `url` is the base URL for clients.

    Args:
        model: what decides the answers.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.

    Raises:
        InputError: the port cannot be had.
    """

    def __init__(self, model: ScriptedModel, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(application(model), host=host, port=port)
        self.url += "/v1"


@contextmanager
def serving(model: ScriptedModel) -> Generator[str]:
    """Serve in a thread of its own while the block runs; gives the base URL."""
    with in_thread(ScriptedServer(model)) as url:
        yield url


@asynccontextmanager
async def serve(script: Script = (), *, seed: int = 0, faults: float = 0.0) -> AsyncGenerator[str]:
    """Serve a script in a thread of its own while the block runs; gives the base URL. The model is `scripted`."""
    with serving(ScriptedModel(script, seed=seed, faults=faults)) as url:
        yield url


def _decoded(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise RefusedError(f"The body of the request is not JSON: {error}") from error


def _json(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def _response(answer: Answer, request: JsonObject) -> Response:
    if isinstance(answer.body, str):
        headers = {"Content-Type": "application/json", **answer.headers}
        return Response(answer.body, answer.status, headers)
    if answer.body is None and answer.status >= 400:
        told = {"message": f"Scripted status {answer.status}.", "type": "scripted", "param": None}
        return _json({"error": {**told, "code": REASONS.get(answer.status)}}, answer.status, answer.headers)
    return _json(answer.body or _completion(answer, request), answer.status, answer.headers)


def _completion(answer: Answer, request: JsonObject) -> JsonObject:
    identity = digest([request, answer.model_dump()])
    message = _message(answer, identity)
    reason = answer.finish_reason or ("tool_calls" if answer.tool_calls else "stop")
    read, written = _tokens([request["messages"], request.get("tools")]), _tokens(message)
    return {
        "id": f"chatcmpl-{identity}",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [] if answer.empty_choices else [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }


def _message(answer: Answer, identity: str) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": answer.content, "refusal": None}
    if answer.reasoning is not None:
        message["reasoning_content"] = answer.reasoning
    if answer.tool_calls:
        message["tool_calls"] = [_call(call, f"call_{identity[:16]}{at}") for at, call in enumerate(answer.tool_calls)]
    return message


def _call(call: ScriptedCall, identity: str) -> JsonObject:
    text = call.arguments if isinstance(call.arguments, str) else orjson.dumps(call.arguments).decode()
    return {"id": call.id or identity, "type": "function", "function": {"name": call.name, "arguments": text}}


def _tokens(value: Json) -> int:
    return len(canonical(value)) // CHARACTERS_PER_TOKEN + 1
