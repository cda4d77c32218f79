"""Cassettes: what live calls asked and got, one JSON line each, to be answered from again without a network.

The file holds three kinds of lines. An `exchange` is a call with its answer. An `intent` announces a call that may
change something, before it is sent: one that no exchange follows was cut off, and whether it took effect is unknown. An
`unsent` is a call that was not allowed or could not be sent, with what was said of it.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rpds import HashTrieMap

from toolbench.model import Json, JsonObject, Observation, Part, Record, digest
from toolbench.model.trace import Answerer, ObservationStatus
from toolbench.store import Table


class Sent(Part):
    """A request as it went out first, without its credentials."""

    method: str
    """HTTP method; `tools/call` to an MCP server, `call` of a Python function."""
    url: str
    """The whole address; the MCP server's command line; `python:module:function`."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers in order."""
    body: str = ""
    """The body as text; outside HTTP the arguments as JSON."""


class Answer(Part):
    """What came back, without secrets."""

    status: ObservationStatus
    """As `Observation.status`."""
    http_status: int | None = None
    """As `Observation.http_status`."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of the last answer, in order."""
    body: Json = None
    """As `Observation.body`."""
    truncated: bool = False
    """As `Observation.truncated`."""

    def observation(self, call: str, source: Answerer) -> Observation:
        """Return what a call sees of the answer."""
        return Observation(
            call=call,
            status=self.status,
            http_status=self.http_status,
            body=self.body,
            truncated=self.truncated,
            source=source,
        )


class Entry(Record):
    """A line of a cassette."""

    kind: Literal["intent", "exchange", "unsent"]
    """Whether the call is about to be sent, was answered, or is not sent."""
    path: str = ""
    """Digest of the task and of all calls on the path up to this one; empty for an unsent one: it is so anywhere."""
    tool: str
    """Name of the tool."""
    arguments: JsonObject
    """The call's arguments."""
    request: Sent | None = None
    """What was sent."""
    answer: Answer | None = None
    """What came back; None for an intent."""

    @property
    def call_digest(self) -> str:
        """Digest of the tool and its arguments, whose order does not matter: as `Place.request`."""
        return digest([self.tool, self.arguments])


@dataclass(frozen=True, slots=True)
class Place:
    """A call's place on its path."""

    path: str
    """Digest of the task and of all calls up to this one."""
    request: str
    """Digest of the tool and its arguments, whose order does not matter."""
    earlier: int
    """Equal requests before it on the path."""


@dataclass(frozen=True, slots=True)
class PathState:
    """Where on a path a call is made: all that is known of the state of a backend that is not ours."""

    path: str
    """Digest of the task and of all calls so far."""
    used: "HashTrieMap[str, int]"
    """Calls so far, by request."""

    @property
    def digest(self) -> str:
        """Empty: the backend's state cannot be known."""
        return ""

    def place(self, tool: str, arguments: JsonObject) -> Place:
        """Return the place of a call that is made next."""
        request = digest([tool, arguments])
        return Place(digest([self.path, request]), request, self.used.get(request) or 0)

    def after(self, place: Place) -> "PathState":
        """Return the state after the call at a place."""
        return PathState(place.path, self.used.insert(place.request, place.earlier + 1))


def beginning(task: str) -> PathState:
    """Return the state in which a task begins."""
    return PathState(digest([task]), HashTrieMap())


class Recordings:
    """Answers to look up, from the lines of a cassette.

    A call made again at the very place where it was recorded, after the same calls in the same task, gets the answer it
    got there; where branches of a tree made it there several times, each answer in turn, and the last one from then on.
    Elsewhere the answers to equal requests come in their recorded order, for each path from the first on.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._at_place: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._in_order: defaultdict[str, list[Answer]] = defaultdict(list)
        self._unsent: dict[str, Answer] = {}
        for entry in entries:
            if entry.kind == "unsent" and entry.answer is not None:
                self._unsent[entry.call_digest] = entry.answer
            elif entry.answer is not None:
                self._at_place[entry.path].append(entry.answer)
                self._in_order[entry.call_digest].append(entry.answer)

    def find(self, place: Place) -> Answer | None:
        """Return the answer to a call, or None where none was recorded, or not that often."""
        here = self._at_place.get(place.path)
        if here:
            return here.popleft() if len(here) > 1 else here[0]
        answers = self._in_order.get(place.request, [])
        return answers[place.earlier] if place.earlier < len(answers) else None

    def unsent(self, place: Place) -> Answer | None:
        """Return what was said of a call that was not sent, or None where none such is on record."""
        return self._unsent.get(place.request)


class Unfinished:
    """What an earlier process recorded, to be taken up where it was cut off: each answer is given once, in order."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._begun: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            if entry.kind == "unsent":
                continue
            if entry.answer is None:
                self._begun[entry.path] += 1
            else:
                self._answers[entry.path].append(entry.answer)
                self._begun[entry.path] -= 1

    def take(self, place: Place) -> Answer | None:
        """Return the next recorded answer to the call at a place; None when there is no more."""
        answers = self._answers.get(place.path)
        return answers.popleft() if answers else None

    def is_open(self, place: Place) -> bool:
        """Tell whether the call at a place was begun, and how it ended is not on record."""
        return self._begun.get(place.path, 0) > 0


def read(path: Path) -> list[Entry]:
    """Return the lines of a cassette; none where there is no file.

    Raises:
        RunError: a line is not one of a cassette.
    """
    return list(Table(path, Entry))
