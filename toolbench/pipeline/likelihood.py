"""The embedded model as a scorer, its scores kept in a journal."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from toolbench.llm.direct import DirectScorer, read_weights, reading
from toolbench.llm.journal import Journal, entry_key
from toolbench.model import Scored, Scorer
from toolbench.store import make_folder

AT_ONCE = 32
"""Texts scored before their scores are put on record."""


class JournaledScorer:
    """A scorer that is asked only what the journal does not hold.

    Args:
        scorer: the scorer.
        journal: its scores.
        identity: what tells its weights from others of the same name.
    """

    def __init__(self, scorer: Scorer, journal: Journal, identity: str) -> None:
        self._scorer, self._journal, self._identity = scorer, journal, identity

    @property
    def name(self) -> str:
        """The model's name."""
        return self._scorer.name

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return the score of each pair's second text after its first; see `Scorer`."""
        keys = [entry_key("score", list(pair), self._identity, 0) for pair in pairs]
        known = {key: answer for key in keys if (answer := self._journal.get(key)) is not None}
        missing = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in known}
        for start in range(0, len(missing), AT_ONCE):
            asked = dict(list(missing.items())[start : start + AT_ONCE])
            scored = await self._scorer.score(list(asked.values()))
            for key, one in zip(asked, scored, strict=True):
                known[key] = orjson.dumps([[list(token) for token in one.tokens], list(one.logprobs)])
                self._journal.put(key, known[key])
        return [_read(known[key]) for key in keys]


def _read(answer: bytes) -> Scored:
    tokens, logprobs = orjson.loads(answer)
    return Scored(tuple(map(bytes, tokens)), tuple(logprobs))


@asynccontextmanager
async def open_scorer(journal: Path) -> AsyncGenerator[Scorer]:
    """Open the embedded model as a scorer.

    Args:
        journal: the file its scores are kept in; its folder is made.

    Raises:
        InputError: it is not installed.
        RunError: the journal cannot be used.
        WorkError: its process did not start.
    """
    identity = read_weights()
    make_folder(journal.parent)
    with Journal(journal) as kept:
        async with reading() as model:
            yield JournaledScorer(DirectScorer(model), kept, identity)
