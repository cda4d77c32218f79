"""Runs calls against the real APIs, within limits, and records them."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from toolbench.executors._access import Access, Limits
from toolbench.executors._carriers import Carrier, Errand
from toolbench.executors._cassette import Answer, Entry, PathState, Place, Unfinished, beginning, read
from toolbench.executors._credentials import Keyring
from toolbench.executors._desk import Desk, failure
from toolbench.executors._errors import ArgumentError, RefusedError
from toolbench.executors._http import HttpCarrier
from toolbench.executors._mcp import McpCarrier
from toolbench.executors._python import PythonCarrier
from toolbench.executors._redaction import Redactor
from toolbench.executors.base import State
from toolbench.llm.retry import Sleep
from toolbench.model import Api, Call, Observation, Task, Tool
from toolbench.store import Writer

__all__ = ["LiveExecutor"]

_OUTCOME_UNKNOWN = "This call was begun before, and how it ended is not on record; it is not sent a second time"


class LiveExecutor:
    """Runs calls of some APIs' tools: HTTP operations over the network, Python functions in a process of their own, and
    tools of MCP servers. Serves a whole run; belongs to one event loop.

    A call that is not allowed is answered by an observation of status `refused`, and not sent. Reads are sent again
    when the server asks for it by 429, or 503 with Retry-After; anything else is sent once at most.

    Credentials come from the environment: `TOOLBENCH_<API>_<SCHEME>`, such as `TOOLBENCH_CRM_BEARERAUTH` for the
    security scheme `bearerAuth` of the API `crm`. They hold a token, `user:password` or an API key, and are taken out
    of all that comes back and all that is written.

    Every answer is written to the cassette, from which the replay executor answers. Where the cassette already holds
    answers, from a process that was cut off, they are given again, each at its place on its path, before the network
    is asked; a call that was begun there and could have changed something is not sent a second time.

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
        PluginError: tools of an MCP server are among them, and the package `mcp` is not installed.
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
        limits = limits or Limits()
        self._access = access
        self._desk = Desk(apis)
        keyring = Keyring(apis, environ)
        self._redactor = Redactor(keyring.secrets)
        self._carriers: dict[str, Carrier] = {
            "http": HttpCarrier(access, keyring, self._redactor, limits, clock, sleep),
            "python": PythonCarrier(access, self._redactor, limits, environ),
        }
        if any(tool.binding.kind == "mcp" for api in apis for tool in api.tools):
            self._carriers["mcp"] = McpCarrier(access, keyring, self._redactor, limits, environ, clock, sleep)
        before = read(cassette)
        self._unfinished = Unfinished(before)
        self._unsent_before = {entry.call_digest: entry.answer for entry in before if entry.kind == "unsent"}
        self._cassette: Writer[Entry] = Writer(cassette)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections and the cassette, and end the processes that were started."""
        async with AsyncExitStack() as stack:
            stack.callback(self._cassette.close)
            for carrier in self._carriers.values():
                stack.push_async_callback(carrier.aclose)

    async def start(self, task: Task) -> State:
        """Return the state in which a task begins. Its digest is empty, as that of all states here."""
        return beginning(task.id)

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Run a call; return what came back, and where on the path that leads.

        A call that is not sent leaves the state as it is.
        """
        if not isinstance(state, PathState):
            raise TypeError("a live executor needs a state of its own making")
        ready = self._ready(call)
        if isinstance(ready, Answer):
            return self._unsent(call, ready), state
        place = state.place(call.tool, self._redactor.json(call.arguments))
        answer = self._unfinished.take(place)
        if answer is None and self._unfinished.is_open(place):
            # It may have taken effect: for what comes after, it counts as sent.
            return self._unsent(call, failure("refused", _OUTCOME_UNKNOWN)), state.after(place)
        answer = answer or await self._send(call, *ready, place)
        return answer.observation(call.id, "live"), state.after(place)

    def _unsent(self, call: Call, answer: Answer) -> Observation:
        # What is wrong with arguments is said by quoting them.
        clean = answer.model_copy(update={"body": self._redactor.json(answer.body)})
        return clean.observation(call.id, "live")

    def _ready(self, call: Call) -> tuple[Tool, Errand] | Answer:
        """Return what to send, or why nothing is sent."""
        accepted = self._desk.accept(call)
        if isinstance(accepted, Answer):
            return accepted
        try:
            self._check_safety(accepted.tool)
            carrier = self._carriers.get(accepted.tool.binding.kind)
            if carrier is None:
                raise RefusedError(f"{call.tool} is only described: nothing says how to call it")
            return accepted.tool, carrier.prepare(accepted.api, accepted.tool, call.arguments)
        except ArgumentError as error:
            return self._turned_down(call, failure("invalid_arguments", str(error)))
        except RefusedError as refusal:
            return self._turned_down(call, failure("refused", str(refusal)))

    def _turned_down(self, call: Call, answer: Answer) -> Answer:
        """Record, once, what is said of a call that is not sent: a replay must say the same."""
        clean = answer.model_copy(update={"body": self._redactor.json(answer.body)})
        entry = Entry(kind="unsent", tool=call.tool, arguments=self._redactor.json(call.arguments), answer=clean)
        if self._unsent_before.get(entry.call_digest) != clean:
            self._unsent_before[entry.call_digest] = clean
            self._cassette.add(entry)
        return clean

    def _check_safety(self, tool: Tool) -> None:
        if tool.safety != "read" and not self._access.writes:
            raise RefusedError(f"{tool.name} may change something, and only reading is allowed")
        if tool.safety == "destructive" and not self._access.destructive:
            raise RefusedError(f"{tool.name} may remove something or not be undone, which is not allowed")

    async def _send(self, call: Call, tool: Tool, errand: Errand, place: Place) -> Answer:
        begun = Entry(
            kind="intent",
            path=place.path,
            tool=call.tool,
            arguments=self._redactor.json(call.arguments),
            request=errand.request,
        )
        if tool.safety != "read":
            self._cassette.add(begun)
        answer = await errand.run()
        self._cassette.add(begun.model_copy(update={"kind": "exchange", "answer": answer}))
        return answer
