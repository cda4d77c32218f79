"""Log-probabilities of given texts, from llama.cpp's server.

The server has no way to ask for them: it passes over `echo` without a word. So it is made to write the text: a grammar
allows just the text's tokens in their order, and the probabilities told beside them are those from before the grammar
had its say. Grammars cannot hold tokens that are but a part of a character: each of those is looked up in a request of
its own among the probabilities of all tokens.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass

import orjson
from pydantic import BaseModel, FiniteFloat, TypeAdapter, ValidationError

from toolbench.errors import EndpointError
from toolbench.llm.client import EndpointModel
from toolbench.llm.envelope import excerpt
from toolbench.llm.retry import TransientError
from toolbench.model import Json, JsonObject, Scored, is_array, is_object

STAND_IN = "."
"""What is written in place of a part of a character, about which the server would keep quiet."""

CERTAIN = 1_000
"""Bias that leaves a token no rival; the probabilities told are those without it."""

ALL = 1_000_000
"""More tokens than any vocabulary holds."""


@dataclass(frozen=True, slots=True)
class LlamaToken:
    """A token as the server splits texts."""

    id: int
    is_whole: bool
    """Whether it is whole characters."""
    piece: bytes
    """What it stands for, in UTF-8."""


class LlamaScorer:
    """A scorer behind llama.cpp's server.

    A text is split into tokens by itself, so it has the same ones after every prefix, and scores compare token by
    token. What looks like a control token is read as plain text. The same pair scores the same, whatever was asked
    before and is asked beside it: the server is told to reckon without its cache.

    Args:
        endpoint: the server; it bounds the requests in flight and is as patient as it was made.
    """

    def __init__(self, endpoint: EndpointModel) -> None:
        self._endpoint = endpoint

    @property
    def name(self) -> str:
        """The model's name."""
        return self._endpoint.name

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return the score of each pair's second text after its first, in order; see `Scorer`.

        An empty text has no tokens and the score 0. Equal texts are split once.

        Raises:
            UnreachableError: the endpoint refuses us or is no server of llama.cpp's, or all attempts to connect failed.
            EndpointError: a prefix is empty, the two do not fit the context, or no attempt brought a usable answer.
        """
        if any(not prefix for prefix, _ in pairs):
            raise EndpointError("a text is scored after another, and one of those is empty")
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        tokens = dict(zip(texts, await asyncio.gather(*map(self.split, texts)), strict=True))
        known = {text: [token.id for token in split] for text, split in tokens.items()}
        scored = (self.score_tokens(known[before], tokens[text]) for before, text in pairs)
        return list(await asyncio.gather(*scored))

    async def split(self, text: str, *, special: bool = False) -> list[LlamaToken]:
        """Return the tokens of a text.

        Args:
            text: the text.
            special: whether those that the model wants before and after a text are added.

        Raises:
            UnreachableError, EndpointError: as `score`.
        """
        body = {"content": text, "add_special": special, "parse_special": False, "with_pieces": True}
        # It lies beside the OpenAI-compatible part of the server.
        url = f"{self._endpoint.url.removesuffix('/v1')}/tokenize"
        return await self._endpoint.post(url, lambda: body, _read_tokens)

    async def score_tokens(self, before: Sequence[int], text: Sequence[LlamaToken]) -> Scored:
        """Return the score of tokens after others, of which there must be one at least.

        Raises:
            UnreachableError, EndpointError: as `score`.
        """
        known = list(before)
        other = 0 if all(token.is_whole for token in text) else (await self.split(STAND_IN))[0].id
        parts: list[Coroutine[None, None, Scored]] = []
        for run in _runs(text):
            ids = [token.id for token in run]
            parts.append(
                self._written(list(known), ids) if run[0].is_whole else self._found(list(known), ids[0], other)
            )
            known += ids
        scored = await asyncio.gather(*parts)
        return Scored(
            tuple(token for part in scored for token in part.tokens),
            tuple(logprob for part in scored for logprob in part.logprobs),
        )

    async def _written(self, before: list[int], ids: list[int]) -> Scored:
        """Return the score of tokens that are whole characters."""
        grammar = f"root ::= {' '.join(f'<[{token}]>' for token in ids)}"
        body = self._body(before, max_tokens=len(ids), logprobs=1, grammar=grammar)
        return await self._endpoint.post("/completions", lambda: body, lambda answer: _read_scores(answer, ids))

    async def _found(self, before: list[int], token: int, other: int) -> Scored:
        """Return the score of a part of a character: another token is written, and what this one's chance was, read."""
        body = self._body(before, max_tokens=1, logprobs=ALL, logit_bias=[[other, CERTAIN]])
        return await self._endpoint.post("/completions", lambda: body, lambda answer: _read_chance(answer, token))

    def _body(self, before: list[int], **more: Json) -> JsonObject:
        return {"model": self.name, "prompt": before, "temperature": 0, "cache_prompt": False, **more}


def _runs(text: Sequence[LlamaToken]) -> Iterator[Sequence[LlamaToken]]:
    """Yield the tokens in order: those that are whole characters as many together as there are, the others alone."""
    start = 0
    for place, token in enumerate(text):
        if not token.is_whole:
            if start < place:
                yield text[start:place]
            yield text[place : place + 1]
            start = place + 1
    if start < len(text):
        yield text[start:]


def _read_tokens(body: bytes) -> list[LlamaToken]:
    tokens = _object(body).get("tokens")
    if not is_array(tokens):
        raise TransientError(f"no tokens: {_start(body)}")
    try:
        # A piece that is no text comes as its bytes.
        return [_read_token(token) for token in tokens]
    except (KeyError, TypeError, ValueError) as error:
        raise TransientError(f"no tokens: {_start(body)}") from error


def _read_token(token: JsonObject) -> LlamaToken:
    piece = token["piece"]
    is_whole = isinstance(piece, str)
    return LlamaToken(int(token["id"]), is_whole, piece.encode() if is_whole else bytes(piece))


def _read_scores(body: bytes, ids: list[int]) -> Scored:
    """Return the scores in an answer, which must be of the very tokens asked for."""
    told = _told(body)
    if [token.id for token in told] != ids:
        raise TransientError("the log-probabilities are those of other tokens than were asked for")
    return Scored(tuple(bytes(token.bytes) for token in told), tuple(token.logprob for token in told))


def _read_chance(body: bytes, wanted: int) -> Scored:
    """Return the score of one token, whichever was written."""
    for token in (token for told in _told(body)[:1] for token in told.top_logprobs):
        if token.id == wanted:
            return Scored((bytes(token.bytes),), (token.logprob,))
    raise TransientError("the log-probabilities lack the token that was asked for")


class _Chance(BaseModel):
    id: int
    bytes: list[int]
    logprob: FiniteFloat


class _Told(_Chance):
    top_logprobs: list[_Chance] = []


_TOLD = TypeAdapter(list[_Told])


def _told(body: bytes) -> list[_Told]:
    try:
        return _TOLD.validate_python(_object(body)["choices"][0]["logprobs"]["content"])
    except (KeyError, IndexError, TypeError, ValidationError) as error:
        raise TransientError(f"no log-probabilities: {_start(body)}") from error


def _object(body: bytes) -> JsonObject:
    try:
        value: Json = orjson.loads(body)
    except ValueError as error:
        raise TransientError(f"not JSON: {_start(body)}") from error
    if not is_object(value):
        raise TransientError(f"no JSON object: {_start(body)}")
    return value


def _start(body: bytes) -> str:
    return excerpt(body.decode(errors="replace"))
