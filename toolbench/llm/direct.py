"""The embedded model as one whose probabilities can be seen: its logits, straight from llama.cpp, without a server."""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import IO, Any

import orjson

from toolbench.errors import EndpointError, WorkError
from toolbench.llm.embedded import EMBEDDED, last_words, weights
from toolbench.model import JsonObject, Parts, Scored, Tokens

CONTEXT = 2048
"""Tokens that it reads at most."""

LONGEST_LINE = 1 << 28
"""Bytes of an answer."""

STOP_SECONDS = 5.0
"""Time that the process is given to end by itself."""


class DirectModel:
    """The embedded model, in a process of its own that answers one question at a time. See `LanguageModel`.

    The same question gets the same answer, to the last digit, whatever was asked before it.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self._process, self._log = process, log
        self._turn = asyncio.Lock()
        self._begin: tuple[int, ...] = ()
        self._context = 0

    async def open(self) -> None:
        """Wait until the model has been read.

        Raises:
            WorkError: it cannot be.
        """
        told = await self._ask("about")
        self._begin, self._context = (told["begin"],), told["context"]

    @property
    def name(self) -> str:
        """The model's name."""
        return EMBEDDED

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
        told = await self._ask("split", text=text)
        pieces = tuple(piece.encode("latin-1") for piece in told["pieces"])
        if b"".join(pieces) != text.encode():
            raise EndpointError("the tokens of a text do not make up the text")
        return Tokens(tuple(told["tokens"]), pieces)

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        """Return the log-probabilities of some of the text's tokens."""
        return await self._ask("logprobs", parts=parts, text=text, at=list(at)) if at else []

    async def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        """Return the log-probability of `wanted` at each place of the text."""
        return await self._ask("chances", parts=parts, text=text, wanted=wanted) if text else []

    async def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        """Return what it writes after the parts, `count` times."""
        return await self._ask("sample", parts=parts, count=count, limit=limit, stop=stop, seed=seed)

    async def _ask(self, name: str, **asked: Any) -> Any:
        # One who stops waiting must not leave an answer behind for the next question.
        return await asyncio.shield(asyncio.ensure_future(self._in_turn({"ask": name, **asked})))

    async def _in_turn(self, asked: JsonObject) -> Any:
        async with self._turn:
            return await self._exchange(asked)

    async def _exchange(self, asked: JsonObject) -> Any:
        streams = self._process.stdin, self._process.stdout
        assert streams[0] is not None  # noqa: S101 - they were asked for
        assert streams[1] is not None  # noqa: S101
        with contextlib.suppress(ConnectionError):
            streams[0].write(orjson.dumps(asked) + b"\n")
            await streams[0].drain()
        line = await streams[1].readline()
        if not line.endswith(b"\n"):
            raise WorkError(f"the embedded model ended: {last_words(self._log)}")
        told = orjson.loads(line)
        if "error" in told:
            raise EndpointError(f"the embedded model: {told['error']}")
        return told["answer"]


class DirectScorer:
    """The embedded model as a scorer. See `Scorer`.

    A text is split into tokens by itself, so it has the same ones after every prefix. It is read, not written as
    llama.cpp's server has to (`LlamaScorer`), which is faster.
    """

    def __init__(self, model: DirectModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return the score of each pair's second text after its first, in order; an empty text has no tokens.

        Raises:
            EndpointError: a prefix is empty, or the two do not fit the context.
        """
        return [await self._score(*pair) for pair in pairs]

    async def _score(self, before: str, text: str) -> Scored:
        if not before:
            raise EndpointError("a text is scored after another, and one of those is empty")
        tokens = await self._model.split(text)
        after = (await self._model.split(before)).ids
        return Scored(tokens.pieces, tuple(await self._model.logprobs([after], tokens.ids, range(len(tokens.ids)))))


def read_weights() -> str:
    """Return what identifies the weights that are read.

    Raises:
        InputError: the embedded model is not installed.
    """
    return f"{weights()}, in 16 bits"


@asynccontextmanager
async def reading(*, threads: int | None = None, context: int = CONTEXT) -> AsyncGenerator[DirectModel]:
    """Have the embedded model read while the block runs. Its process ends with the block, and with this process.

    Args:
        threads: processor threads to reckon with; by default half as many as there are cores.
        context: most tokens that it reads.

    Raises:
        InputError: the embedded model is not installed.
        WorkError: its process did not start.
    """
    found = weights()
    given = map(str, (found.path, found.sha256, threads or max(1, (os.cpu_count() or 1) // 2), context))
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"{__package__}._logits",
            *given,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        try:
            model = DirectModel(process, log)
            await model.open()
            yield model
        finally:
            await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
