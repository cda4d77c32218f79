"""Any OpenAI-compatible endpoint as a chat model."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
import orjson
from openai import AsyncOpenAI

from toolbench.errors import EndpointError, RequestRefusedError, UnreachableError
from toolbench.llm.envelope import excerpt, read_answer
from toolbench.llm.lanes import Lanes
from toolbench.llm.retry import PATIENT, Retrier, Retry, Sleep, TransientError, retry_after
from toolbench.model import Chat, ChatAnswer, ChatRequest, Json, JsonObject, Usage, is_array, is_object

T = TypeVar("T")

TIMEOUT = httpx2.Timeout(600, connect=10)
"""Seconds. A small machine takes minutes over a long answer, but nobody takes long to say hello."""

PROBE = ChatRequest(chat=Chat([{"role": "user", "content": "Reply with OK."}]))
"""What is asked to find out whether a model answers at all."""

LOOPBACK = {"127.0.0.1", "::1", "localhost"}

TOKENS_PRICED = 1_000_000
"""Tokens that prices are given for."""

LISTED = 8
"""Models named in a hint."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    read: float
    """For tokens that the model reads."""
    written: float
    """For tokens that it writes."""

    def of(self, usage: Usage) -> float:
        """Return what tokens cost."""
        return (usage.prompt_tokens * self.read + usage.completion_tokens * self.written) / TOKENS_PRICED


class EndpointModel:
    """A model behind the Chat Completions interface, with one pool of connections. Belongs to one event loop.

    The key is read from `OPENAI_API_KEY`; an endpoint that wants none is given `none`.

    Args:
        name: the model's name at the endpoint.
        base_url: where it is, up to and including `/v1`; `OPENAI_BASE_URL` where not given.
        api_key: the key, in place of the environment's.
        in_flight: most requests under way at a time; the others wait.
        price: what tokens cost, where the endpoint itself says nothing of cost.
        needs_cost: whether an answer whose cost nobody knows is of no use.
        retry: how patient to be.
        sleep: how to wait between attempts.

    Raises:
        UnreachableError: the base URL is not a URL.
    """

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        in_flight: int = 16,
        price: Price | None = None,
        needs_cost: bool = False,
        retry: Retry = PATIENT,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self._price, self._needs_cost = price, needs_cost
        url = _checked(base_url or os.environ.get("OPENAI_BASE_URL"))
        # No proxy leads to this machine.
        is_remote = not (url and urlsplit(url).hostname in LOOPBACK)
        # A client with a transport of its own passes by the proxies that the environment names.
        lanes = None if is_remote and getproxies() else Lanes()
        limits = httpx2.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
        self._http = httpx2.AsyncClient(timeout=TIMEOUT, limits=limits, transport=lanes, trust_env=is_remote)
        key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
        sdk = AsyncOpenAI(base_url=url, api_key=key, http_client=self._http)
        self.url = str(sdk.base_url).rstrip("/")
        """The endpoint's base URL."""
        self._headers = httpx2.Headers(self._http.headers)
        self._headers.update(_headers(sdk))
        self._addresses: dict[str, httpx2.URL] = {}
        self._slots = asyncio.Semaphore(in_flight)
        self._retrier = Retrier(retry, sleep)
        self._limit_field = "max_tokens"
        self._takes_seed = True
        self._offered: tuple[str, ...] = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def probe(self) -> None:
        """Find out, before any work is done, whether the model answers: by the endpoint's list, or by a tiny chat.

        Raises:
            UnreachableError: it does not; the message names the URL and the way out.
        """
        if self.name in await self.offered():
            return
        # Unlisted names may be aliases, and some endpoints have no list: only the model itself can tell.
        try:
            await self.chat(PROBE)
        except UnreachableError:
            raise
        except EndpointError as error:
            raise UnreachableError(str(error), hint="Check the endpoint, then start again.") from error

    async def offered(self) -> tuple[str, ...]:
        """Return the models that the endpoint says it has; none where it does not say.

        Raises:
            UnreachableError: nothing answers there.
        """
        self._offered = await self._list()
        return self._offered

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        """Return the model's answer.

        Raises:
            UnreachableError: the endpoint refuses us or does not know the model, or all attempts to connect failed; or
                the cost of its answers is needed, and nobody knows it.
            RequestRefusedError: it refused this request.
            EndpointError: no attempt brought a usable answer.
        """
        return self._priced(await self.post("/chat/completions", lambda: self._body(request), read_answer))

    def _priced(self, answer: ChatAnswer) -> ChatAnswer:
        if answer.usage.cost:
            return answer
        if self._price is not None:
            cost = self._price.of(answer.usage)
            return answer.model_copy(update={"usage": answer.usage.model_copy(update={"cost": cost})})
        if self._needs_cost:
            hint = "Give its prices, in dollars for a million tokens read and written: --price 0.15,0.60."
            raise UnreachableError("the endpoint does not say what its answers cost", where=self.url, hint=hint)
        return answer

    async def post(self, url: str, body: Callable[[], JsonObject], read: Callable[[bytes], T]) -> T:
        """Return what is read of the answer to a body, after as many attempts as it takes.

        Args:
            url: path below the base URL, or a whole URL.
            body: makes the body, anew for each attempt.
            read: reads an answer's body; it raises `TransientError` for one that is worth another attempt.

        Raises:
            UnreachableError, EndpointError: as `chat`.
        """
        try:
            return await self._retrier.run(lambda: self._ask(url, body, read))
        except TransientError as error:
            if error.lost:
                raise self._unconnected(error) from error
            raise EndpointError(f"{self.name} at {self.url} gave no usable answer, the last time: {error}") from error

    async def _ask(self, url: str, body: Callable[[], JsonObject], read: Callable[[bytes], T]) -> T:
        content = orjson.dumps(body())
        async with self._slots:
            response = await self._send("POST", url, content)
        if not response.is_success:
            raise self._failure(_Failure.of(response))
        return read(response.content)

    async def _send(self, method: str, url: str, content: bytes | None = None) -> httpx2.Response:
        """Send a request by the SDK's HTTP client: its methods above that take as much CPU again."""
        request = httpx2.Request(method, self._address(url), content=content, headers=self._headers)
        try:
            return await self._http.send(request)
        except httpx2.RequestError as error:
            raise _disconnected(error) from error

    def _address(self, url: str) -> httpx2.URL:
        """Return a URL, which is taken apart once."""
        if url not in self._addresses:
            self._addresses[url] = httpx2.URL(f"{self.url}{url}" if url.startswith("/") else url)
        return self._addresses[url]

    def _body(self, request: ChatRequest) -> JsonObject:
        optional = {
            "tools": request.tools or None,
            "temperature": request.temperature,
            "top_p": request.top_p,
            self._limit_field: request.max_tokens,
            "seed": request.seed if self._takes_seed else None,
            "response_format": request.response_format,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        return {"model": self.name, "messages": orjson.Fragment(request.chat.to_json()), **given}

    async def _list(self) -> tuple[str, ...]:
        """Return the models the endpoint says it has; none when it does not say."""
        try:
            response = await self._send("GET", "/models")
        except TransientError as error:
            raise self._unconnected(error) from error
        return _model_names(response.content) if response.is_success else ()

    def _failure(self, error: "_Failure") -> Exception:
        """Return what a status that is no success means: worth another try, or for this request, or for all."""
        status, said = error.status, error.said
        if status == 400 and error.param == "max_tokens":
            # OpenAI's reasoning models want the newer name, which older servers pass over without a word.
            self._limit_field = "max_completion_tokens"
            return TransientError(said, wait=0)
        if status == 400 and error.param == "seed" and self._takes_seed:
            self._takes_seed = False
            return TransientError(said, wait=0)
        if error.code == "insufficient_quota" or status in {401, 402, 404}:
            return UnreachableError(said, where=self.url, hint=self._way_out(status))
        if status in {408, 409, 429} or status >= 500:
            return TransientError(said, wait=retry_after(error.wait))
        return RequestRefusedError(f"{self.name} at {self.url} refuses a request: {said}")

    def _way_out(self, status: int) -> str:
        if status == 401:
            return "Set OPENAI_API_KEY to a key that is valid there."
        if status != 404:
            return "Top up the account, or use another endpoint."
        if self._offered:
            return f"There is no {self.name!r} there; it has: {', '.join(self._offered[:LISTED])}."
        return f"Check the model's name ({self.name!r}) and the base URL, which mostly ends in /v1."

    def _unconnected(self, error: TransientError) -> UnreachableError:
        return UnreachableError(
            f"nothing answers there: {error}",
            where=self.url,
            hint="Start the server, or give its address (--base-url, OPENAI_BASE_URL).",
        )


def _checked(url: str | None) -> str | None:
    if url is not None and not (urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc):
        raise UnreachableError(
            "not a base URL", where=url or "OPENAI_BASE_URL is empty", hint="It looks like http://127.0.0.1:8000/v1."
        )
    return url


def _headers(sdk: AsyncOpenAI) -> dict[str, str]:
    """Return what the SDK sends along: who asks, and by what right. What it tells of this machine stays here."""
    headers = {**sdk.default_headers, **sdk.auth_headers}
    return {
        name: value
        for name, value in headers.items()
        if isinstance(value, str) and not name.lower().startswith("x-stainless-")
    }


def _disconnected(error: httpx2.RequestError) -> TransientError:
    reason = excerpt(error) if str(error) else type(error).__name__
    return TransientError(reason, lost=isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout))


@dataclass(frozen=True, slots=True)
class _Failure:
    """An answer whose status is no success."""

    status: int
    said: str
    """The status and the server's own words."""
    code: Json
    """The error's short name, where it has one."""
    param: Json
    """Name of the parameter at fault, where there is one."""
    wait: str | None
    """How long to wait, in the words of HTTP."""

    @classmethod
    def of(cls, response: httpx2.Response) -> Self:
        """Read a failure as OpenAI writes them, or however it is written."""
        try:
            body: Json = orjson.loads(response.content)
        except ValueError:
            body = response.text.strip()
        error: Json = body.get("error", body) if is_object(body) else body
        told = error if is_object(error) else {}
        words: Json = told.get("message") or error
        return cls(
            status=response.status_code,
            said=f"HTTP {response.status_code}: {excerpt(words or response.reason_phrase)}",
            code=told.get("code"),
            param=told.get("param"),
            wait=response.headers.get("retry-after"),
        )


def _model_names(body: bytes) -> tuple[str, ...]:
    try:
        listed: Json = orjson.loads(body)
    except ValueError:
        return ()
    models = listed.get("data") if is_object(listed) else None
    return tuple(str(model.get("id")) for model in models if is_object(model)) if is_array(models) else ()
