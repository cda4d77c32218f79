"""LangGraph's checkpoints in a run's journal: SQLite, written in the event loop's own thread."""

import sqlite3
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.sqlite import SqliteSaver

from toolbench.errors import RunError
from toolbench.llm.journal import PATIENCE


class Checkpoints(SqliteSaver):
    """Checkpoints of explorations in flight, by the id of the trace that each is to become.

    LangGraph asks for them from a coroutine. A write takes less than a millisecond, so it is made there and then: it
    outlives the process before the next superstep begins, and needs no thread. A checkpoint holds ids, counters and
    what was decided; a few are written for each step that is proposed, and all are deleted once the trace is written.

    Raises:
        RunError: the file cannot be opened, read or written; methods raise it, too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            base = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
            # As in the journal: with its write-ahead log, only a crash of the whole machine may cost the last ones.
            base.execute("PRAGMA synchronous = NORMAL")
        super().__init__(base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.conn.close()

    @contextmanager
    def cursor(self, transaction: bool = True) -> Generator[sqlite3.Cursor]:  # noqa: FBT001, FBT002 - as inherited
        """Give a cursor, and commit what was done with it."""
        with self._explained(), super().cursor(transaction) as cursor:
            yield cursor

    def threads(self) -> list[str]:
        """Return the ids of what there are checkpoints of."""
        with self.cursor(transaction=False) as cursor:
            return [name for (name,) in cursor.execute("SELECT DISTINCT thread_id FROM checkpoints")]

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint asked for, or a thread's latest."""
        return self.get_tuple(config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - as inherited
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield checkpoints, the newest first."""
        for found in self.list(config, filter=filter, before=before, limit=limit):
            yield found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint."""
        return self.put(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a node has written before its superstep is over."""
        self.put_writes(config, writes, task_id, task_path)

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            hint = "Free some space, or end what else uses the file."
            raise RunError(f"the review cannot be recorded: {error}", where=str(self._path), hint=hint) from error
