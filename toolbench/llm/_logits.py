"""A process of its own that reads texts with the embedded model and tells log-probabilities: JSON lines in and out.

It ends when its standard input does, so with whoever started it, however that one ends.

What is read stands in parts. The parts that a question shares with the one before it are not read again; the last one
always is. A part is read by itself, so what a token's chance is depends on the question alone, never on those before.
"""

import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toolbench.llm._llama_library import Engine, LibraryError, Logits, chances_up_to, log_sum
from toolbench.llm._wide_weights import wide

LONG, KEPT = 128, 8
"""Tokens of a first part from which on it is kept, and how many are: each takes some megabytes."""

Parts = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Texts that are being written side by side."""

    lucks: list[random.Random]
    """What each chooses by."""
    found: list[str | None]
    """What has been written; None where it is not closed."""
    stop: bytes
    """What closes a text."""

    def choose(self, members: Sequence[int], row: Logits) -> list[tuple[int, list[int]]]:
        """Return the tokens that members choose, each by its chance, with who chose it."""
        sums = chances_up_to(row)
        chosen: dict[int, list[int]] = defaultdict(list)
        for member in members:
            place = int(sums.searchsorted(self.lucks[member].random() * float(sums[-1]), side="right"))
            token = min(place, len(sums) - 1)
            chosen[token].append(member)
        return sorted(chosen.items())


class Reader:
    """Answers questions about texts.

    Args:
        engine: the model.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read: list[list[int]] = []
        self._pieces: dict[int, bytes] = {}
        self._saved: dict[tuple[int, ...], bytes] = {}

    def about(self) -> Any:
        """Return what the model is."""
        return {"begin": self._engine.begin, "context": self._engine.context}

    def split(self, text: str) -> Any:
        """Return the tokens of a text, and their bytes as Latin-1."""
        tokens = self._engine.split(text.encode())
        return {"tokens": tokens, "pieces": [self._piece(token).decode("latin-1") for token in tokens]}

    def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        """Return the log-probability of the text's tokens at some places, after the parts and the tokens before."""
        wanted = {place - 1 for place in at if place}
        before, after = self._before(parts, wanted=0 in at), self._read_on(parts, text, wanted)
        rows = {0: before, **{place + 1: row for place, row in after.items()}}
        return [_logprob(rows[place], text[place]) for place in at]

    def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        """Return, for each place in the text, the log-probability that these tokens come there instead."""
        before = self._before(parts, wanted=True)
        after = self._read_on(parts, text, set(range(len(text) - 1)))
        rows = [before, *(after[place] for place in range(len(text) - 1))]
        found = [_logprob(row, wanted[0]) for row in rows]
        if len(wanted) > 1:
            start = sum(map(len, parts))
            # From the end, so that nothing before a place has to be read again.
            for place in reversed(range(len(text))):
                self._engine.forget(start + place)
                inner = self._engine.read(wanted[:-1], start + place, set(range(len(wanted) - 1)))
                found[place] += sum(_logprob(inner[n], token) for n, token in enumerate(wanted[1:]))
            self._read = []
        return found

    def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        """Return what is written after the parts, several times: up to `stop`, or None where that does not come.

        Each has numbers of its own to choose by. What several have in common is reckoned once.
        """
        drawing = _Drawing([random.Random(f"{seed}/{n}") for n in range(count)], [None] * count, stop.encode())
        before = self._before(parts, wanted=True)
        self._grow(drawing, range(count), before, sum(map(len, parts)), b"", limit)
        return drawing.found

    def _grow(self, drawing: _Drawing, members: Sequence[int], row: Logits, start: int, text: bytes, left: int) -> None:
        """Write on after a text that some members have in common, of which the logits are known."""
        for token, group in drawing.choose(members, row) if left else ():
            if self._engine.ends(token):
                continue
            grown = text + self._piece(token)
            body, closed, _ = grown.partition(drawing.stop)
            if closed:
                for member in group:
                    drawing.found[member] = body.decode("utf-8", "replace")
            elif b"\n" not in grown:
                self._engine.forget(start)
                after = self._engine.read([token], start, {0})[0]
                self._grow(drawing, group, after, start + 1, grown, left - 1)

    def _before(self, parts: Parts, *, wanted: bool) -> Logits:
        """Read all parts; return the logits after them, where they are wanted."""
        kept = 0
        while kept < len(parts) - 1 and kept < len(self._read) and self._read[kept] == list(parts[kept]):
            kept += 1
        self._read = self._read[:kept] or self._taken_up(parts)
        start = sum(map(len, self._read))
        self._engine.forget(start)
        row: Logits = np.empty(0)
        for part in parts[len(self._read) :]:
            is_last = len(self._read) == len(parts) - 1
            rows = self._engine.read(part, start, {len(part) - 1} if is_last and wanted else set())
            row = rows.get(len(part) - 1, row)
            start += len(part)
            self._read.append(list(part))
            self._keep(part)
        return row

    def _taken_up(self, parts: Parts) -> list[list[int]]:
        """Take up the first part, where it is not the last one and was read before; return what is read then."""
        first = tuple(parts[0])
        saved = self._saved.get(first) if len(parts) > 1 else None
        if saved is None:
            return []
        self._engine.restore(saved)
        return [list(first)]

    def _keep(self, part: Sequence[int]) -> None:
        """Keep a long first part: the head of a prompt, which comes again with every text."""
        if len(self._read) == 1 and len(part) >= LONG and tuple(part) not in self._saved:
            if len(self._saved) == KEPT:
                del self._saved[next(iter(self._saved))]
            self._saved[tuple(part)] = self._engine.save()

    def _read_on(self, parts: Parts, text: Sequence[int], wanted: set[int]) -> dict[int, Logits]:
        needed = text[: max(wanted, default=-1) + 1]
        found = self._engine.read(needed, sum(map(len, parts)), wanted)
        if needed:
            self._read.append(list(needed))
        return found

    def _piece(self, token: int) -> bytes:
        if token not in self._pieces:
            self._pieces[token] = self._engine.piece(token)
        return self._pieces[token]


def _logprob(row: Logits, token: int) -> float:
    return float(row[token]) - log_sum(row)


def _engine(path: Path, digest: str, threads: int, context: int) -> Engine:
    try:
        weights = wide(path, digest)
    except ValueError as error:
        raise LibraryError(f"{path.name} cannot be read: {error}") from error
    except OSError as error:
        raise LibraryError(f"no room for the weights in 16 bits: {error}; XDG_CACHE_HOME says where") from error
    return Engine(weights, threads, context)


def main() -> None:
    """Answer until standard input ends. The arguments: file of the weights, its digest, threads, tokens of context."""
    path, digest, *numbers = sys.argv[1:]
    try:
        reader = Reader(_engine(Path(path), digest, *map(int, numbers)))
    except LibraryError as error:
        sys.exit(str(error))
    answers: dict[str, Callable[..., Any]] = {
        name: getattr(reader, name) for name in ("about", "split", "logprobs", "chances", "sample")
    }
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            told = {"answer": answers[asked.pop("ask")](**asked)}
        except LibraryError as error:
            told = {"error": str(error)}
        print(json.dumps(told), flush=True)  # noqa: T201 - it is how the parent is told


if __name__ == "__main__":
    main()
