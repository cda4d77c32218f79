"""One source on its way to exactly the rows that are asked of it: round by round, until they are there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolbench.create._spreading import batches, spread, spread_again
from toolbench.create.base import Creator, Job, Options, Source
from toolbench.llm.asking import Silence
from toolbench.model import JsonObject


@dataclass(frozen=True, slots=True)
class Wish:
    """Rows to be made of a job."""

    place: int
    """Which job, from 0."""
    job: Job
    wanted: int
    """How many rows."""
    sample: int
    """Which wish to the job, from 0."""
    known: tuple[JsonObject, ...]
    """Rows that the job gave before."""


@dataclass(frozen=True, slots=True)
class Unused:
    """An answer, or a row, that came to nothing."""

    job: str
    sample: int
    why: str
    """`unparseable`, `no_answer`, `duplicate`, `ungrounded`, …"""
    reason: str = ""
    """The same in a sentence, where there is more to say."""
    answer: str = ""
    """What the model said, where nothing could be read of it."""
    row: JsonObject | None = None
    """The row that was dropped."""


class Filling:
    """What a source has given so far, and what is asked of it next. The same answers give the same rows.

    Args:
        creator: makes the rows.
        source: what they are made of.
        count: rows wanted, of kinds that are counted; else jobs, at most. None for the kind's own number, or all jobs.
    """

    def __init__(self, creator: Creator[Options], source: Source, count: int | None) -> None:
        self.source = source
        self.preface: JsonObject = {}
        self.unused: list[Unused] = []
        self._creator = creator
        jobs = list(creator.jobs(source))
        self._jobs = jobs if creator.counted else jobs[:count]
        self.wanted = (count or creator.count or len(jobs)) if creator.counted else len(self._jobs)
        """Rows wanted."""
        self._kept: list[list[JsonObject]] = [[] for _ in self._jobs]
        self._spare: list[tuple[int, JsonObject]] = []
        self._seen: set[str] = set()
        self._rounds = [0] * len(self._jobs)
        self._samples = [0] * len(self._jobs)
        self._short = [0] * len(self._jobs)

    @property
    def rows(self) -> list[JsonObject]:
        """The rows kept, in the order of the jobs."""
        return [row for rows in self._kept for row in rows]

    @property
    def missing(self) -> int:
        """Rows that are not there yet."""
        return self.wanted - sum(map(len, self._kept))

    @property
    def parts(self) -> int:
        """Jobs there are."""
        return len(self._jobs)

    def losses(self) -> Counter[str]:
        """Return how many answers and rows came to nothing, by why."""
        return Counter(one.why for one in self.unused)

    def wishes(self) -> Iterator[Wish]:
        """Yield what is asked for next; nothing where all is there."""
        for place, share in enumerate(self._shares()):
            self._short[place] = share
            self._rounds[place] += share > 0
            for wanted in batches(share):
                known = tuple(self._kept[place])
                yield Wish(place, self._jobs[place], wanted, self._samples[place], known)
                self._samples[place] += 1

    def take(self, wish: Wish, rows: Sequence[JsonObject], silences: Sequence[Silence]) -> None:
        """Take what came of a wish: as many rows as were wanted, the others in reserve."""
        job = wish.job
        self.unused += [Unused(job.id, wish.sample, one.kind, one.reason, one.text) for one in silences]
        taken = 0
        for row in rows:
            why = self._creator.fault(row, job) or self._repeats(row)
            if why:
                self.unused.append(Unused(job.id, wish.sample, why, row=row))
            elif taken < wish.wanted:
                self._kept[wish.place].append(row)
                self._short[wish.place] -= 1
                taken += 1
            else:
                self._spare.append((wish.place, row))

    def settle(self) -> None:
        """End a round: rows in reserve take the place of missing ones, where any job may give them."""
        while self._creator.counted and self.missing > 0 and self._spare:
            place, row = self._spare.pop(0)
            self._kept[place].append(row)

    def _shares(self) -> list[int]:
        if not any(self._rounds):
            return spread(self.wanted, self.parts)
        if not self._creator.counted:
            return [int(not kept) for kept in self._kept]
        return spread_again(self.missing, self._short, self._rounds)

    def _repeats(self, row: JsonObject) -> str:
        identity = self._creator.identity(row)
        if not identity:
            return ""
        if identity in self._seen:
            return "duplicate"
        self._seen.add(identity)
        return ""
