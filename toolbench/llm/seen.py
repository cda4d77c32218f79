"""Models behind an endpoint whose probabilities can be seen: of given texts, not only of what they write.

llama.cpp's server is made to write a text and tells how likely it was; vLLM tells it of the prompt, in a field of its
own or, as older interfaces do, by an echo of the prompt. An endpoint that can do none of these is refused, and what
comes back is held against what was asked: the tokens must be the very same.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import BaseModel, FiniteFloat, TypeAdapter, ValidationError

from toolbench.errors import EndpointError, UnreachableError
from toolbench.llm.client import EndpointModel
from toolbench.llm.envelope import excerpt
from toolbench.llm.journal import Journal, entry_key
from toolbench.llm.retry import TransientError
from toolbench.llm.scorer import LlamaScorer, LlamaToken
from toolbench.model import Json, JsonObject, LanguageModel, Parts, Tokens, canonical, is_array, is_object

T = TypeVar("T")

CONTEXT = 2048
"""Tokens that a model is taken to read where its server does not say."""

BETWEEN = "\n"
"""What stands before a text where a model has no token to begin with."""

PROBE = "one two three"
"""A text that must be scored before any work is begun."""

WAY_OUT = "Name a server of llama.cpp or vLLM, or leave `--model` out: the embedded model can."


class _Reader(Protocol):
    async def begin(self) -> tuple[int, ...]: ...

    async def context(self) -> int: ...

    async def split(self, text: str) -> Tokens: ...

    async def logprobs(self, before: Sequence[int], text: Sequence[int]) -> list[float]: ...


class SeenModel:
    """A model at an endpoint. See `LanguageModel`.

    Args:
        endpoint: the server.
        reader: how it is asked for tokens and probabilities.
        begin: what texts begin with.
        context: most tokens that the model reads.
    """

    def __init__(self, endpoint: EndpointModel, reader: _Reader, begin: tuple[int, ...], context: int) -> None:
        self._endpoint, self._reader, self._begin, self._context = endpoint, reader, begin, context

    @property
    def name(self) -> str:
        """The model's name."""
        return self._endpoint.name

    @property
    def begin(self) -> tuple[int, ...]:
        """What texts begin with."""
        return self._begin

    @property
    def context(self) -> int:
        """Most tokens that it reads."""
        return self._context

    async def split(self, text: str) -> Tokens:
        """Return the tokens of a text by itself."""
        tokens = await self._reader.split(text)
        if b"".join(tokens.pieces) != text.encode():
            raise EndpointError("the tokens of a text do not make up the text")
        return tokens

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        """Return the log-probabilities of some of the text's tokens."""
        before = _joined(parts)
        spans = list(_spans(at))
        asked = (self._reader.logprobs([*before, *text[:start]], text[start:end]) for start, end in spans)
        found = await asyncio.gather(*asked)
        known = {start + n: one for (start, _), row in zip(spans, found, strict=True) for n, one in enumerate(row)}
        return [known[place] for place in at]

    async def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        """Return the log-probability of `wanted` at each place of the text."""
        before = _joined(parts)
        places = (self._reader.logprobs([*before, *text[:place]], wanted) for place in range(len(text)))
        return [sum(row) for row in await asyncio.gather(*places)]

    async def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        """Return what it writes after the parts, `count` times."""
        prompt = _joined(parts)

        async def one(n: int) -> str | None:
            body = {
                "model": self.name,
                "prompt": prompt,
                "max_tokens": limit,
                "temperature": 1,
                "seed": (seed + n) % 2**31,
            }
            written = await self._endpoint.post("/completions", lambda: body, _read_text)
            said, closed, _ = written.partition(stop)
            # Whether it ended by itself is not told alike everywhere, so the end is looked for here.
            return said if closed and "\n" not in said else None

        return list(await asyncio.gather(*map(one, range(count))))


class _Llama:
    def __init__(self, endpoint: EndpointModel) -> None:
        self._endpoint, self._scorer = endpoint, LlamaScorer(endpoint)
        self._known: dict[int, LlamaToken] = {}

    async def begin(self) -> tuple[int, ...]:
        return tuple(token.id for token in await self._scorer.split("", special=True))

    async def context(self) -> int:
        return CONTEXT

    async def split(self, text: str) -> Tokens:
        tokens = await self._scorer.split(text)
        self._known.update((token.id, token) for token in tokens)
        return Tokens(tuple(token.id for token in tokens), tuple(token.piece for token in tokens))

    async def logprobs(self, before: Sequence[int], text: Sequence[int]) -> list[float]:
        return list((await self._scorer.score_tokens(before, [self._known[token] for token in text])).logprobs)


class _Vllm:
    def __init__(self, endpoint: EndpointModel) -> None:
        self._endpoint = endpoint

    async def begin(self) -> tuple[int, ...]:
        return tuple((await self._tokenize("", special=True)).tokens)

    async def context(self) -> int:
        return (await self._tokenize("", special=False)).max_model_len or CONTEXT

    async def split(self, text: str) -> Tokens:
        told = await self._tokenize(text, special=False)
        pieces = _pieces(told.token_strs or [], text.encode())
        if pieces is None or len(pieces) != len(told.tokens):
            raise EndpointError(f"{self._endpoint.name} does not tell what its tokens stand for")
        return Tokens(tuple(told.tokens), tuple(pieces))

    async def logprobs(self, before: Sequence[int], text: Sequence[int]) -> list[float]:
        prompt = [*before, *text]
        body = {"model": self._endpoint.name, "prompt": prompt, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
        start = len(before)
        return await self._endpoint.post("/completions", lambda: body, lambda said: _read_prompt(said, prompt, start))

    async def _tokenize(self, text: str, *, special: bool) -> "_Tokenized":
        body = {
            "model": self._endpoint.name,
            "prompt": text,
            "add_special_tokens": special,
            "return_token_strs": True,
        }
        url = f"{self._endpoint.url.removesuffix('/v1')}/tokenize"
        return await self._endpoint.post(url, lambda: body, _read_tokenized)


class _Echo(_Vllm):
    """As `_Vllm`, where the server repeats the prompt before what it writes, and tells of both."""

    async def logprobs(self, before: Sequence[int], text: Sequence[int]) -> list[float]:
        prompt = [*before, *text]
        asked = {"echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0, "return_tokens_as_token_ids": True}
        body = {"model": self._endpoint.name, "prompt": prompt, **asked}
        start = len(before)
        return await self._endpoint.post("/completions", lambda: body, lambda said: _read_echo(said, prompt, start))


async def open_language(endpoint: EndpointModel) -> SeenModel:
    """Return a model whose probabilities can be seen, after a first text has been scored.

    Raises:
        UnreachableError: the endpoint cannot be reached, or cannot tell how likely a given text is; with the reason.
    """
    # Where nothing answers at all, this says so at once, and patience would be lost on each way to ask.
    await endpoint.offered()
    reasons: list[str] = []
    readers = {"llama.cpp": _Llama(endpoint), "vLLM": _Vllm(endpoint), "an echo": _Echo(endpoint)}
    for name, reader in readers.items():
        try:
            begin = await reader.begin() or (await reader.split(BETWEEN)).ids
            model = SeenModel(endpoint, reader, begin, await reader.context())
            tokens = await model.split(PROBE)
            await model.logprobs([begin], tokens.ids, range(len(tokens.ids)))
        except EndpointError as error:
            reasons.append(f"as {name}: {error.message if isinstance(error, UnreachableError) else error}")
        else:
            return model
    raise UnreachableError(
        f"{endpoint.name} cannot tell how likely a given text is ({'; '.join(reasons)})",
        where=endpoint.url,
        hint=WAY_OUT,
    )


class JournaledLanguage:
    """A model that is asked only what the journal does not hold. See `LanguageModel`.

    Args:
        model: who is asked.
        journal: what was answered.
    """

    def __init__(self, model: LanguageModel, journal: Journal) -> None:
        self._model, self._journal = model, journal

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def begin(self) -> tuple[int, ...]:
        """What texts begin with."""
        return self._model.begin

    @property
    def context(self) -> int:
        """Most tokens that it reads."""
        return self._model.context

    async def split(self, text: str) -> Tokens:
        """Return the tokens of a text by itself."""
        return await self._model.split(text)

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        """Return the log-probabilities of some of the text's tokens."""
        asked = {"before": _joined(parts), "text": list(text), "at": list(at)}
        return await self._kept("logprobs", asked, lambda: self._model.logprobs(parts, text, at))

    async def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        """Return the log-probability of `wanted` at each place of the text."""
        asked = {"before": _joined(parts), "text": list(text), "wanted": list(wanted)}
        return await self._kept("chances", asked, lambda: self._model.chances(parts, text, wanted))

    async def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        """Return what it writes after the parts, `count` times."""
        asked = {"before": _joined(parts), "count": count, "limit": limit, "stop": stop, "seed": seed}
        return await self._kept("sample", asked, lambda: self._model.sample(parts, count, limit, stop, seed))

    async def _kept(self, kind: str, asked: JsonObject, ask: Any) -> Any:
        key = entry_key(kind, asked, self.name, 0)
        held = self._journal.get(key)
        if held is None:
            held = canonical(await ask())
            await self._journal.record(key, held)
        return orjson.loads(held)


def _joined(parts: Parts) -> list[int]:
    return [token for part in parts for token in part]


def _spans(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of places that follow each other, each from its first to after its last."""
    start = end = -1
    for place in sorted(places):
        if place != end:
            if start >= 0:
                yield start, end
            start = place
        end = place + 1
    if start >= 0:
        yield start, end


class _Tokenized(BaseModel):
    tokens: list[int]
    token_strs: list[str] | None = None
    max_model_len: int = 0


class _Chance(BaseModel):
    logprob: FiniteFloat


_BY_NUMBER = "token_id:"
"""What tokens are called by their numbers."""


class _Echoed(BaseModel):
    tokens: list[str]
    token_logprobs: list[FiniteFloat | None]


_PROMPT = TypeAdapter(list[dict[int, _Chance] | None])
_ECHO = TypeAdapter(_Echoed)


def _read_tokenized(body: bytes) -> _Tokenized:
    try:
        return _Tokenized.model_validate_json(body)
    except ValidationError as error:
        raise TransientError(f"no tokens: {_start(body)}") from error


def _read_text(body: bytes) -> str:
    text = _choice(body).get("text")
    if not isinstance(text, str):
        raise TransientError(f"no text: {_start(body)}")
    return text


def _read_prompt(body: bytes, prompt: Sequence[int], start: int) -> list[float]:
    """Return the log-probabilities of a prompt's tokens from a place on, which must be of the very tokens asked for."""
    rows = _told(body, "prompt_logprobs", _PROMPT)
    if len(rows) != len(prompt):
        raise EndpointError("the log-probabilities are those of other tokens than were asked for")
    found = [(row or {}).get(token) for row, token in zip(rows[start:], prompt[start:], strict=True)]
    known = [one.logprob for one in found if one is not None]
    if len(known) != len(found):
        raise EndpointError("the log-probabilities are those of other tokens than were asked for")
    return known


def _read_echo(body: bytes, prompt: Sequence[int], start: int) -> list[float]:
    """As `_read_prompt`, of an answer that begins with the prompt."""
    echo = _told(body, "logprobs", _ECHO)
    if echo.tokens[: len(prompt)] != [f"{_BY_NUMBER}{token}" for token in prompt]:
        raise EndpointError("the log-probabilities are those of other tokens than were asked for")
    found = echo.token_logprobs[start : len(prompt)]
    known = [one for one in found if one is not None]
    if len(known) != len(prompt) - start:
        raise EndpointError("a token that was asked for has no log-probability")
    return known


def _told(body: bytes, field: str, form: TypeAdapter[T]) -> T:
    """Return what a field of an answer tells of the prompt."""
    told = _choice(body).get(field)
    if told is None:
        raise EndpointError(f"it tells no log-probabilities of a prompt: {_start(body)}")
    try:
        return form.validate_python(told)
    except ValidationError as error:
        raise TransientError(f"no log-probabilities: {_start(body)}") from error


def _choice(body: bytes) -> JsonObject:
    try:
        told: Json = orjson.loads(body)
    except ValueError as error:
        raise TransientError(f"not JSON: {_start(body)}") from error
    choices = told.get("choices") if is_object(told) else None
    if not is_array(choices) or not choices or not is_object(choices[0]):
        raise TransientError(f"no choice: {_start(body)}")
    return choices[0]


def _start(body: bytes) -> str:
    return excerpt(body.decode(errors="replace"))


def _pieces(names: Sequence[str], text: bytes) -> list[bytes] | None:
    """Return what tokens stand for, by their names in a vocabulary: those of bytes, or of SentencePiece.

    None where neither gives the text.
    """
    letters = _byte_letters()
    if all(letter in letters for name in names for letter in name):
        pieces = [bytes(letters[letter] for letter in name) for name in names]
        if b"".join(pieces) == text:
            return pieces
    pieces = [_sentence_piece(name) for name in names]
    if b"".join(pieces) == b" " + text and pieces[0] != b" ":
        pieces[0] = pieces[0][1:]
    return pieces if b"".join(pieces) == text else None


def _sentence_piece(name: str) -> bytes:
    byte = re.fullmatch(r"<0x([0-9A-F]{2})>", name)
    return bytes([int(byte[1], 16)]) if byte else name.replace("\u2581", " ").encode()


@cache
def _byte_letters() -> dict[str, int]:
    """Return the letters that stand for bytes where a vocabulary is one of bytes."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + n): byte for n, byte in enumerate(others)}
