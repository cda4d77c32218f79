"""What is known of each trace of a run, and where it lies in its file: enough to filter 10,000 without reading them."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import orjson

from toolbench.curation.selection import FOLDER
from toolbench.model import Task, Trace
from toolbench.report.asked import look_at
from toolbench.report.outcomes import Outcomes, TraceState
from toolbench.report.shown import Shower
from toolbench.report.statistics import Statistics, summarise
from toolbench.store import CALIBRATION, Run

PATIENCE = 0.4
"""Seconds that a page waits for an index before it shows what was read so far."""

Stamp = tuple[tuple[str, int, int], ...]


class Index:
    """A run, read once. It can be asked while it is being read: it knows what was read so far.

    Args:
        run: the run.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.states: list[TraceState] = []
        """What became of each trace, in the order made."""
        self.words: list[str] = []
        """What a search looks through, case folded, by the same places; at least as many."""
        self.statistics: Statistics | None = None
        """The figures but for what is asked; None until all is read."""
        self._begins: dict[str, int] = {}
        self._places: dict[str, int] = {}
        self._outcomes: Outcomes | None = None

    def read(self) -> Self:
        """Read the run.

        Raises:
            ToolbenchError: it cannot be read.
        """
        outcomes = self._outcomes = Outcomes(self.run)
        for begin, trace in self.run.traces.placed():
            self._begins[trace.id] = begin
            self._places[trace.id] = len(self.states)
            self.words.append(_words(trace, outcomes.tasks[trace.task]))
            # Last: whoever asks meanwhile goes by these.
            self.states.append(outcomes.of(trace))
        self.statistics = summarise(self.run, outcomes, self.states)
        return self

    @cached_property
    def whole(self) -> Statistics:
        """The figures with what is asked, which takes a while to work out."""
        outcomes, statistics = self._read()
        statistics.asked = look_at(self.run, list(outcomes.tasks.values()))
        return statistics

    @cached_property
    def shower(self) -> Shower:
        """What makes its traces ready to be read."""
        return Shower(self._read()[0], self.run.tools)

    def _read(self) -> tuple[Outcomes, Statistics]:
        if self._outcomes is None or self.statistics is None:
            raise LookupError("the run is still being read")
        return self._outcomes, self.statistics

    def place(self, trace: str) -> int | None:
        """Return the place of a trace among `states`; None where the run does not hold it."""
        return self._places.get(trace)

    def trace(self, trace: str) -> Trace:
        """Return a trace, read from its place in the file."""
        return self.run.traces.at(self._begins[trace])


def _words(trace: Trace, task: Task) -> str:
    parts = [trace.id, task.id, *(turn.text for turn in task.turns)]
    for node in trace.nodes:
        if node.step:
            parts.append(node.step.text)
            parts += [f"{call.tool} {orjson.dumps(call.arguments).decode()}" for call in node.step.calls]
    return "\n".join(parts).casefold()


def stamp(run: Path) -> Stamp:
    """Return what changes whenever a run's files do."""
    files = [*(run / name for name in ("tasks.jsonl", "traces.jsonl", "verdicts.jsonl", CALIBRATION))]
    files += sorted((run / FOLDER).glob("*/kept.jsonl"))
    return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file())


@dataclass(frozen=True, slots=True)
class Entry:
    """An index that was read, or is being read."""

    stamp: Stamp
    index: Index
    done: "Future[Index]"
    before: Index | None
    """The one that it will replace."""


class Indexes:
    """Makes and keeps indexes. Each is made anew where a run's files have changed."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._entries: dict[Path, Entry] = {}
        self._lock = threading.Lock()

    def begin(self, path: Path) -> Entry:
        """Have a run read where it was not, or where it has changed since."""
        with self._lock:
            now, entry = stamp(path), self._entries.get(path)
            if entry is None or (entry.stamp != now and entry.done.done()):
                index, before = Index(Run(path)), entry.index if entry and entry.index.statistics else None
                entry = self._entries[path] = Entry(now, index, Future(), before)
                # No pool: its threads would keep the program from ending before all is read.
                threading.Thread(target=self._read, args=(entry,), name="index", daemon=True).start()
            return entry

    def _read(self, entry: Entry) -> None:
        """Read a run, one at a time: two would be no sooner."""
        with self._turn:
            try:
                entry.done.set_result(entry.index.read())
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result is told
                entry.done.set_exception(error)

    def get(self, path: Path) -> Index:
        """Return the index of a run; where reading it takes a while, the one before, or what was read so far.

        Raises:
            ToolbenchError: the run cannot be read.
        """
        entry = self.begin(path)
        try:
            return entry.done.result(timeout=PATIENCE)
        except TimeoutError:
            return entry.before or entry.index

    def peek(self, path: Path) -> Index | None:
        """Return the index of a run if it was read whole."""
        entry = self._entries.get(path)
        return (entry.index if entry.index.statistics else entry.before) if entry else None
