"""Takes a request to its server and brings an answer, whatever happens on the way."""

import asyncio
import time
from collections.abc import Callable

import httpx2

from toolbench.executors._access import Limits
from toolbench.executors._answers import body_of
from toolbench.executors._cassette import Answer
from toolbench.executors._desk import failure
from toolbench.executors._errors import RefusedError
from toolbench.executors._hops import Hop, redacted
from toolbench.executors._hosts import Hosts, named
from toolbench.executors._pace import Pace
from toolbench.executors._redaction import Redactor
from toolbench.executors._transport import GuardedTransport
from toolbench.executors._wire import Reply, Wire
from toolbench.llm.retry import Sleep, retry_after
from toolbench.model.trace import ObservationStatus

FIRST_WAIT = 1.0
"""Seconds before the second attempt when a 429 does not say; they double with each one more."""


class Courier:
    """Sends requests: paced, guarded, redirected, cut to size, with secrets taken out of what comes back.

    Args:
        hosts: where requests may go.
        redactor: takes out secrets.
        limits: how much of a server is used.
        clock: seconds since some moment.
        sleep: how to wait.
    """

    def __init__(
        self,
        hosts: Hosts,
        redactor: Redactor,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._redactor, self._limits = redactor, limits
        self._pace = Pace(limits.per_second, clock, sleep)
        self._transport = GuardedTransport(hosts)
        # What lies beyond the limit is read only to recognise a secret that the limit would cut in two.
        self._wire = Wire(self._transport, limits.seconds, limits.size + redactor.longest)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def bring(self, hop: Hop, *, is_read: bool) -> Answer:
        """Return the answer to a request. A read is sent again when the server asks for it; all else is sent once."""
        try:
            reply = await self._patiently(hop) if is_read else await self._follow(hop)
        except RefusedError as refusal:
            return self._failure("refused", str(refusal))
        except TimeoutError:
            return self._failure("timeout", f"No answer within {self._limits.seconds:g} seconds")
        except httpx2.TransportError as error:
            return self._failure("http_error", f"No answer: {str(error) or type(error).__name__}")
        return Answer(
            status=_status(reply.status),
            http_status=reply.status,
            headers=redacted(reply.headers.multi_items(), self._redactor),
            body=body_of(reply, self._redactor),
            truncated=reply.cut,
        )

    def _failure(self, status: ObservationStatus, message: str) -> Answer:
        return failure(status, self._redactor.text(message))

    async def _patiently(self, hop: Hop) -> Reply:
        attempt = 1
        while True:
            reply = await self._follow(hop)
            wait = _asked_wait(reply, FIRST_WAIT * 2 ** (attempt - 1))
            if wait is None or wait > self._limits.wait or attempt >= self._limits.attempts:
                return reply
            self._pace.hold(named(reply.url), wait)
            attempt += 1

    async def _follow(self, hop: Hop) -> Reply:
        for _ in range(self._limits.redirects + 1):
            await self._pace.turn(named(hop.url))
            reply = await self._wire.exchange(hop.request())
            following = hop.next(reply, self._redactor)
            if following is None:
                return reply
            hop = following
        raise RefusedError(f"the server redirects more than {self._limits.redirects} times")


def _asked_wait(reply: Reply, otherwise: float) -> float | None:
    """Return the seconds after which the server wants to be asked again; None when it does not want that."""
    asked = retry_after(reply.headers.get("retry-after"))
    if reply.status == 429:
        return otherwise if asked is None else asked
    return asked if reply.status == 503 else None


def _status(http_status: int) -> ObservationStatus:
    if http_status == 429:
        return "rate_limited"
    return "ok" if http_status < 400 else "http_error"
