"""The journal: what endpoints and live APIs answered, so that nothing is asked or paid for twice."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from toolbench.errors import RunError
from toolbench.model import ChatAnswer, ChatModel, ChatRequest, Json, JsonObject, digest

SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer BLOB NOT NULL)"

INSERT = "INSERT INTO answers VALUES (?, ?) ON CONFLICT DO NOTHING"

PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


def entry_key(kind: str, request: Json, model: str, sample: int) -> str:
    """Return the key of a question: 32 hex digits.

    Args:
        kind: what sort of question, such as `chat`; keeps equal requests to different things apart.
        request: all that is asked. It must hold no clock and no random id.
        model: who is asked.
        sample: which of several equal questions.
    """
    return digest([kind, request, model, sample])


class Journal:
    """Answers by key, in one SQLite file. Belongs to the thread that opened it.

    An answer is on record when `put` or `record` returns, and stays there if the process is killed: it is in the
    write-ahead log. Only a crash of the whole machine may cost the last ones.

    Raises:
        RunError: the file cannot be opened, or is no journal. All methods raise it when reading or writing fails.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[tuple[str, bytes]] = []
        self._writing: asyncio.Task[None] | None = None
        with self._explained():
            self._base = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
            try:
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = NORMAL")
                self._base.execute(SCHEMA)
            except sqlite3.Error:
                self._base.close()
                raise

    def get(self, key: str) -> bytes | None:
        """Return the answer on record, or None."""
        with self._explained():
            row: tuple[bytes] | None = self._base.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, key: str, answer: bytes) -> None:
        """Record an answer. The first one stays: what has been used must not change."""
        with self._explained():
            self._base.execute(INSERT, (key, answer))

    async def record(self, key: str, answer: bytes) -> None:
        """Do as `put` does, in one transaction with all that is recorded in the same turn of the event loop."""
        self._waiting.append((key, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        # One who stops waiting must not take the others' answers off the record.
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        await asyncio.sleep(0)
        waiting, self._waiting, self._writing = self._waiting, [], None
        with self._explained(), self._base:
            self._base.execute("BEGIN")
            self._base.executemany(INSERT, waiting)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            hint = "Free some space, or end what else uses the file; if it is damaged, move it away: it is made anew."
            raise RunError(f"the journal cannot be used: {error}", where=str(self._path), hint=hint) from error


class JournaledModel:
    """A model that is asked only what the journal does not hold. Equal requests made at once are asked once."""

    def __init__(self, model: ChatModel, journal: Journal) -> None:
        self._model, self._journal = model, journal
        self._asking: dict[str, asyncio.Task[bytes]] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        """Return the answer on record, or the model's.

        Raises:
            EndpointError: as the model raises it; nothing is recorded then.
            RunError: the journal cannot be used.
        """
        key = entry_key("chat", _asked(request), self.name, request.sample)
        recorded = self._journal.get(key)
        # Read back even when new: the first run must see the very answer that a later one will.
        return ChatAnswer.model_validate_json(recorded if recorded is not None else await self._shared(key, request))

    async def _shared(self, key: str, request: ChatRequest) -> bytes:
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, request))
            task.add_done_callback(lambda done: self._forget(key, done))
        # One who stops waiting must not take the answer from the others; it has been paid for, too.
        return await asyncio.shield(task)

    async def _ask(self, key: str, request: ChatRequest) -> bytes:
        answer = (await self._model.chat(request)).model_dump_json().encode()
        await self._journal.record(key, answer)
        return answer

    def _forget(self, key: str, task: asyncio.Task[bytes]) -> None:
        del self._asking[key]
        if not task.cancelled():
            task.exception()  # Marks it as seen, for the case that nobody waits any more.


def _asked(request: ChatRequest) -> Json:
    """Return what a request asks, without what is left to the endpoint."""
    parts: JsonObject = {
        "chat": request.chat.digest,
        "tools": request.tools,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "response_format": request.response_format,
    }
    return {name: part for name, part in parts.items() if part is not None}
