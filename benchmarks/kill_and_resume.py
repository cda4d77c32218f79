"""Kills runs with SIGKILL at random moments, takes them up again, and counts what was asked a second time.

    python -m benchmarks.kill_and_resume [KILLS] [SEED]

Each kind of run is made once without a kill. Then it is begun anew, in a process of its own, killed at a seeded share
of the time that the whole run took, taken up, killed again, up to six times, and let go to its end; this until there
were KILLS kills (20). Where a model is asked, moments are counted from the first contact with it: what comes before is
the sampling of tasks, which the planner's runs are killed in. Tasks, tools and traces must be, byte for byte, those of
the run that nobody killed.

Models and real APIs are servers in this process, so they outlive the kills and see every request. A model's answer
carries a mark that the journal keeps; a real API's answers are counted against the cassette; what a person was asked is
counted against the checkpoints. After each kill the run's files are read, and everything asked later is held against
them:

- `again` were on record at a kill and were asked again all the same. This must be 0.
- `unwritten` were answered before the kill and not yet written: the answer was still on its way through the server, the
  socket or the process. No order of events closes this window, for an answer cannot be written before it has come; the
  next process has to ask again.
- `in flight` were asked, and the server had not answered yet. For a real API they are among the `unwritten`.

A call of a real API that may change something is announced in the cassette before it is sent, and never sent twice:
where the kill came between the announcement and the answer it is `cut off`, and the next process tells the model so.
Such a run differs from the one nobody killed, and so may one whose real API was asked anything twice, for its clock has
moved on; those are counted as `had to differ`.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from starlette.types import ASGIApp, Receive, Scope, Send

from toolbench.agent.checkpoints import Checkpoints
from toolbench.executors._cassette import Entry, read
from toolbench.llm.script import Answer, offered
from toolbench.llm.scripted import ScriptedModel, application
from toolbench.model import JsonObject, digest
from toolbench.server.application import Application
from toolbench.serving import Server, in_thread
from toolbench.specs import open_catalogue
from toolbench.store import Run

KILLS_A_RUN = 6
FILES = ("tasks.jsonl", "tools.jsonl", "traces.jsonl")
QUESTION = "Take this step?"
STEP = re.compile(r"Step (\d+) of trace (r[0-9a-f]+) would be:")
MARK = re.compile(rb"asked-([0-9a-f]{32})")
LATENCY = 0.05
"""Seconds a model takes, so that kills meet requests under way."""
API = "library"


@dataclass(frozen=True)
class Mode:
    """A kind of run."""

    name: str
    options: tuple[str, ...]
    review: bool = False
    live: bool = False


_ENDPOINT = ("--model", "scripted", "--max-queries", "8")
_SEARCH = ("--searcher", "mcts", "--valuer", "llm", "--user", "scripted", "--mix", "ambiguous=1,confirm=1,change=1")
_MOCK = ("--apis", "library,projects")
_LIVE = ("--apis", API, "--executor", "live", "--per-second", "1000", "--concurrency", "1")
_KINDS = (
    Mode("planner, mock", (*_MOCK, "--mix", "change=1", "-n", "16")),
    Mode("endpoint, mock", (*_MOCK, *_ENDPOINT, "-n", "10", "--concurrency", "4")),
    Mode("endpoint, mock, mcts, LLM as valuer and user", (*_MOCK, *_ENDPOINT, *_SEARCH, "-n", "6")),
    Mode("endpoint, live", (*_LIVE, *_ENDPOINT, "-n", "4"), live=True),
    Mode("endpoint, live with writes", (*_LIVE, *_ENDPOINT, "-n", "4", "--allow-writes"), live=True),
)
MODES = tuple(
    Mode(f"{kind.name}{', review' if review else ''}", kind.options, review, kind.live)
    for kind in _KINDS
    for review in (False, True)
)


@dataclass
class Tally:
    """What a mode's runs came to."""

    kills: int = 0
    runs: int = 0
    same: int = 0
    had_to: int = 0
    """Runs that differ from the one nobody killed, and had to."""
    cut_off: int = 0
    sent_twice: int = 0
    """Changes that were sent beyond those announced."""
    model: Counter[str] = field(default_factory=Counter[str])
    live: Counter[str] = field(default_factory=Counter[str])
    person: Counter[str] = field(default_factory=Counter[str])
    """Asked in all, and of those `again`, `unwritten`, `in flight`."""

    @property
    def is_right(self) -> bool:
        """Whether nothing happened that must not."""
        again = self.model["again"] + self.live["again"] + self.person["again"] + self.sent_twice
        return not again and self.same + self.had_to == self.runs


_NOW: ContextVar[str] = ContextVar("now")


class Clerk(ScriptedModel):
    """The weak model, with a mark of the request in each answer; remembers what was asked and what was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []
        self.answered: set[str] = set()
        self.probes: set[str] = set()
        self.met = threading.Event()
        """Set by the first contact."""

    def answer(self, request: JsonObject) -> Answer:
        mark = digest(request)
        _NOW.set(mark)
        self.marks.append(mark)
        if any(tool["name"] == "get_weather" for tool in offered(request)):
            self.probes.add(mark)
        said = super().answer(request)
        return said.model_copy(update={"reasoning": f"asked-{mark}", "delay": LATENCY})

    def app(self) -> ASGIApp:
        """Return the application; it tells what went out whole."""
        inner = application(self)

        async def noting(scope: Scope, receive: Receive, send: Send) -> None:
            self.met.set()
            _NOW.set("")
            await inner(scope, receive, send)
            self.answered.add(_NOW.get())

        return noting


class Api:
    """A real API, so to speak; counts what it was asked, and can begin anew."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Forget everything."""
        self._app = Application([open_catalogue().api(API)])
        self.asked = self.written = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        self.written += scope["method"] != "GET"
        await self._app(scope, receive, send)


@dataclass
class Stage:
    """The servers, and where runs are made."""

    folder: Path
    clerk: Clerk
    model_url: str
    api: Api
    api_url: str

    def command(self, run: Path, mode: Mode) -> list[str]:
        """Return the command line that makes a run, or takes it up."""
        options = [*mode.options, "--seed", "3", "--review" if mode.review else "--no-review"]
        options += ["--base-url", f"{self.model_url}/v1"] if "scripted" in options else []
        if mode.live:
            options += ["--server", f"{API}={self.api_url}", "--allow-host", self.api_url.removeprefix("http://")]
        return [sys.executable, "-m", "toolbench.cli", "generate", str(run), *options]

    def begin(self) -> None:
        """Forget what was asked before."""
        self.clerk.marks.clear()
        self.clerk.answered.clear()
        self.clerk.probes.clear()
        self.api.renew()


@contextmanager
def stage() -> Generator[Stage]:
    """Set up the servers and a folder while the block runs."""
    clerk, api = Clerk(), Api()
    with (
        tempfile.TemporaryDirectory() as folder,
        in_thread(Server(clerk.app())) as model_url,
        in_thread(Server(api)) as api_url,
    ):
        yield Stage(Path(folder), clerk, model_url, api, api_url)


@dataclass
class Life:
    """One process of a run."""

    finished: bool
    questions: list[tuple[str, str]]
    """What the person answered: the trace, and the question in words."""
    answered: frozenset[str]
    """What the model's server had answered when the process ended."""
    seconds: float
    """How long it took: where a model is asked, from the first contact on."""


def live(stage: Stage, run: Path, mode: Mode, kill_after: float | None) -> Life:
    """Make a run, or take it up; kill it after some seconds, if it has not ended by then.

    The person refuses some steps, by what the question says.
    """
    process = subprocess.Popen(
        stage.command(run, mode),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TOOLBENCH_LIBRARY_APIKEY": "any-key-will-do", "TOOLBENCH_HOME": str(stage.folder / "home")},
    )
    assert process.stdin
    assert process.stderr
    stage.clerk.met = threading.Event()
    began: list[float] = []

    def time_it() -> None:
        if "scripted" in mode.options:
            stage.clerk.met.wait()
        began.append(time.monotonic())
        if kill_after is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(kill_after)
            process.kill()

    clock = threading.Thread(target=time_it)
    clock.start()
    questions: list[tuple[str, str]] = []
    heard: list[str] = []
    for line in process.stderr:
        heard.append(line)
        if not line.startswith(QUESTION):
            continue
        told, trace = _question(heard)
        heard.clear()
        try:
            process.stdin.write("no, leave it\n" if int(digest(told), 16) % 4 == 0 else "yes\n")
            process.stdin.flush()
        except BrokenPipeError:
            continue
        questions.append((trace, told))
    code = process.wait()
    answered = frozenset(stage.clerk.answered)
    ended = time.monotonic()
    stage.clerk.met.set()
    clock.join()
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.stderr.close()
    if code not in (0, -9):
        raise RuntimeError(f"{mode.name}: the run ended with {code}: {''.join(heard)}")
    return Life(code == 0, questions, answered, ended - began[0])


def _question(lines: Sequence[str]) -> tuple[str, str]:
    """Return what is asked, from the lines up to the question, and the trace."""
    start = max(place for place, line in enumerate(lines) if STEP.match(line))
    found = STEP.match(lines[start])
    assert found
    return "".join(lines[start:]), found[2]


@dataclass
class Records:
    """What a run's files hold, as far as answers go."""

    marks: set[str] = field(default_factory=set[str])
    has_route: bool = False
    decided: dict[str, int] = field(default_factory=dict[str, int])
    """Decisions by the trace in flight."""
    done: set[str] = field(default_factory=set[str])
    """Traces."""
    entries: list[Entry] = field(default_factory=list[Entry])

    @property
    def exchanges(self) -> int:
        """Answers of real APIs on record."""
        return sum(entry.kind == "exchange" for entry in self.entries)

    @property
    def cut_off(self) -> int:
        """Calls that were announced, and whose answer is not on record."""
        announced = self.announced()
        return announced.total() - sum(e.kind == "exchange" and e.path in announced for e in self.entries)

    def announced(self) -> Counter[str]:
        """Return how often calls were announced, by their place on their path."""
        return Counter(entry.path for entry in self.entries if entry.kind == "intent")


def records(run: Path) -> Records:
    """Read what is on record."""
    found = Records()
    journal = run / "journal.db"
    if journal.exists():
        with closing(sqlite3.connect(journal)) as base:
            tables = {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            answers = [row for (row,) in base.execute("SELECT answer FROM answers")] if "answers" in tables else []
        found.has_route = bool(answers)
        found.marks = {mark.decode() for answer in answers for mark in MARK.findall(bytes(answer))}
        with Checkpoints(journal) as checkpoints:
            for trace in checkpoints.threads():
                held = checkpoints.get_tuple({"configurable": {"thread_id": trace}})
                found.decided[trace] = len(held.checkpoint["channel_values"].get("decisions", ())) if held else 0
    found.done = set(Run(run).traces.ids())
    found.entries = read(run / "cassette.jsonl")
    return found


class Trial:
    """A run that is killed and taken up until it is done."""

    def __init__(self, stage: Stage, mode: Mode, run: Path, tally: Tally) -> None:
        self._stage, self._mode, self._run, self._tally = stage, mode, run, tally
        self._on_record: set[str] = set()
        self._answered: frozenset[str] = frozenset()
        self._lost_live = 0
        self._decided: dict[str, int] = {}
        self._done: set[str] = set()
        self._order: dict[str, list[str]] = {}
        """The questions of each trace, in the order in which they were first asked."""
        self._seen = 0

    def go(self, kills: Sequence[float]) -> None:
        """Kill the run after these seconds, each counted from the start of its process; then let it end."""
        for after in kills:
            life = live(self._stage, self._run, self._mode, after)
            self._count(life)
            if life.finished:
                break
            self._tally.kills += 1
            self._look(life)
        else:
            self._count(live(self._stage, self._run, self._mode, None))
        self._count_live()

    def _count(self, life: Life) -> None:
        self._count_questions(life)
        self._count_marks()

    def _look(self, life: Life) -> None:
        """See what the kill left on record."""
        self._answered = life.answered
        time.sleep(3 * LATENCY)  # What is under way ends at the server.
        held, clerk = records(self._run), self._stage.clerk
        self._on_record |= held.marks | (clerk.probes if held.has_route else set())
        self._decided = held.decided
        self._done = held.done
        self._lost_live = self._stage.api.asked - held.exchanges

    def _count_marks(self) -> None:
        clerk = self._stage.clerk
        for place in range(self._seen, len(clerk.marks)):
            mark = clerk.marks[place]
            self._tally.model["asked"] += 1
            if mark in self._on_record:
                self._tally.model["again"] += 1
            elif mark in clerk.marks[: self._seen]:
                self._tally.model["unwritten" if mark in self._answered else "in flight"] += 1
        self._seen = len(clerk.marks)

    def _count_questions(self, life: Life) -> None:
        for trace, told in life.questions:
            order = self._order.setdefault(trace, [])
            self._tally.person["asked"] += 1
            if told not in order:
                order.append(told)
            elif trace in self._done or order.index(told) < self._decided.get(trace, 0):
                self._tally.person["again"] += 1
            else:
                self._tally.person["unwritten"] += 1

    def _count_live(self) -> None:
        held = records(self._run)
        self._tally.live["asked"] += self._stage.api.asked
        self._tally.live["unwritten"] += self._lost_live
        self._tally.live["again"] += max(0, self._stage.api.asked - held.exchanges - self._lost_live)
        self._tally.cut_off += held.cut_off
        self._tally.sent_twice += max(0, self._stage.api.written - held.announced().total())

    @property
    def may_differ(self) -> bool:
        """Whether a real API was written to, and a call was cut off or asked twice."""
        held = records(self._run)
        return bool(held.cut_off or (held.announced() and self._lost_live))


def content(run: Path) -> list[bytes]:
    """Return what a run has made."""
    return [(run / name).read_bytes() for name in FILES]


def check(stage: Stage, mode: Mode, kills: int, luck: Random) -> Tally:
    """Make a run whole, and then killed again and again; return what it came to."""
    place = stage.folder / digest(mode.name)
    stage.begin()
    seconds = live(stage, place / "whole", mode, None).seconds
    wanted, tally = content(place / "whole"), Tally()
    while tally.kills < kills:
        stage.begin()
        run = place / f"killed-{tally.runs}"
        trial = Trial(stage, mode, run, tally)
        trial.go([luck.random() * seconds for _ in range(min(KILLS_A_RUN, kills - tally.kills))])
        tally.runs += 1
        is_same = content(run) == wanted
        tally.same += is_same
        tally.had_to += not is_same and trial.may_differ
    return tally


def told(mode: Mode, tally: Tally) -> list[str]:
    """Return a mode's lines of the table."""
    lines = [
        f"{mode.name}: {tally.kills} kills, {tally.same} of {tally.runs} runs the same, {tally.had_to} had to differ"
    ]
    counts = (("model", tally.model), ("real API", tally.live), ("person", tally.person))
    for name, count in counts:
        if count["asked"]:
            rest = ", ".join(f"{count[kind]} {kind}" for kind in ("again", "unwritten", "in flight"))
            lines.append(f"    {name}: asked {count['asked']} times; {rest}")
    if tally.cut_off or tally.sent_twice:
        lines.append(f"    announced calls: {tally.cut_off} cut off, {tally.sent_twice} sent twice")
    return lines


def main(kills: int = 20, seed: int = 0) -> int:
    """Check all modes; return 1 where something happened that must not."""
    right = True
    with stage() as here:
        for mode in MODES:
            tally = check(here, mode, kills, Random(f"{seed} {mode.name}"))
            print("\n".join(told(mode, tally)), "" if tally.is_right else "    WRONG", sep="\n", flush=True)
            right = right and tally.is_right
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
