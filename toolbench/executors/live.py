"""Runs calls against the real APIs, within limits, and records them."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from toolbench.errors import ConfigError
from toolbench.executors._answers import body_of
from toolbench.executors._cassette import Answer, Entry, PathState, Place, Unfinished, beginning, read
from toolbench.executors._credentials import Keyring
from toolbench.executors._desk import Accepted, Desk, failure
from toolbench.executors._errors import ArgumentError, RefusedError
from toolbench.executors._hops import Hop, first, redacted
from toolbench.executors._hosts import PORTS, Hosts, named
from toolbench.executors._pace import Pace
from toolbench.executors._redaction import Redactor
from toolbench.executors._request import build
from toolbench.executors._transport import GuardedTransport
from toolbench.executors._wire import Reply, Wire
from toolbench.executors.base import State
from toolbench.llm.retry import Sleep, retry_after
from toolbench.model import Api, Call, HttpBinding, JsonObject, Observation, Task, Tool
from toolbench.store import Writer

__all__ = ["LiveExecutor"]


@dataclass(frozen=True, slots=True)
class Access:
    """What the user allows. Nothing is reached, and nothing changed, unless it is named here."""

    hosts: frozenset[str]
    """Servers: `api.example.com` (its default ports, public addresses only) or an exact `127.0.0.1:8000`, which may
    be a loopback or private address."""
    writes: bool = False
    """Whether operations that change something may be called."""
    destructive: bool = False
    """Whether those that remove something or cannot be undone may be called, too. Needs `writes` as well."""
    base_urls: Mapping[str, str] = field(default_factory=dict[str, str])
    """Base URLs by API id, in place of the servers that the API names."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a server is used."""

    per_second: float = 2.0
    """Most requests per second to one host."""
    seconds: float = 30.0
    """Longest time for one request and its answer."""
    size: int = 262_144
    """Most bytes of an answer's body, decompressed; the rest is not read."""
    redirects: int = 5
    """Most redirects followed in one call."""
    attempts: int = 3
    """Most times that a read is sent while the server asks to wait."""
    wait: float = 60.0
    """Longest wait, in seconds, that a server is granted; one that asks for more is not asked again."""


class LiveExecutor:
    """Runs calls of some APIs' HTTP tools over the network. Serves a whole run; belongs to one event loop.

    A call that is not allowed is answered by an observation of status `refused`, and not sent. Reads are sent again
    when the server asks for it by 429, or 503 with Retry-After; anything else is sent once at most.

    Credentials come from the environment: `TOOLBENCH_<API>_<SCHEME>`, such as `TOOLBENCH_CRM_BEARERAUTH` for the
    security scheme `bearerAuth` of the API `crm`. They hold a token, `user:password` or an API key. They are taken out
    of all that comes back and all that is written.

    Every answer is written to the cassette, from which the replay executor answers. If the cassette holds answers
    already, from a process that was cut off, they are given again, each at its place on its path, before the network is
    asked. A call that was begun there and could have changed something is not sent a second time.

    Args:
        apis: the APIs of the run.
        access: what the user allows.
        cassette: the file to record to.
        limits: how much of a server is used.
        environ: where credentials are looked up.
        clock: seconds since some moment, for the rate limit.
        sleep: how to wait.

    Raises:
        ConfigError: an allowed host, a base URL or a credential cannot be used.
        RunError: the cassette is none.
    """

    def __init__(
        self,
        apis: Iterable[Api],
        access: Access,
        cassette: Path,
        *,
        limits: Limits | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        apis = tuple(apis)
        self._access, self._limits = access, limits or Limits()
        self._bases = {api: _checked(url) for api, url in access.base_urls.items()}
        self._hosts = Hosts(access.hosts)
        self._desk = Desk(apis)
        self._keyring = Keyring(apis, environ)
        self._redactor = Redactor(self._keyring.secrets)
        self._pace = Pace(self._limits.per_second, clock, sleep)
        self._transport = GuardedTransport(self._hosts)
        self._wire = Wire(self._transport, self._limits.seconds, self._limits.size + self._redactor.longest)
        self._unfinished = Unfinished(read(cassette))
        self._cassette: Writer[Entry] = Writer(cassette)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections and the cassette."""
        await self._transport.aclose()
        self._cassette.close()

    async def start(self, task: Task) -> State:
        """Return the state in which a task begins; its digest is empty, as that of all states here."""
        return beginning(task.id)

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Run a call; return what came back and where on the path that leads.

        A call that was not sent leaves the state as it is.
        """
        if not isinstance(state, PathState):
            raise TypeError("a live executor needs a state of its own making")
        arguments: JsonObject = self._redactor.json(call.arguments)
        place = state.place(call.tool, arguments)
        try:
            answer, was_sent = await self._answer(call, place, arguments), True
        except _NotSentError as refusal:
            answer, was_sent = refusal.answer, False
        return answer.observation(call.id, "live"), state.after(place) if was_sent else state
