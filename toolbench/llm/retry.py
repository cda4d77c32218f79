"""The one layer of retries: what may pass if asked again, and how long to wait before that."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

T = TypeVar("T")

Sleep: TypeAlias = Callable[[float], Awaitable[None]]
"""Waits for a number of seconds."""


class TransientError(Exception):
    """A failure that asking again may cure.

    Args:
        reason: what happened, in one line.
        wait: seconds the server asked us to wait; None when it did not say.
        lost: whether no connection came about at all.
    """

    def __init__(self, reason: str, *, wait: float | None = None, lost: bool = False) -> None:
        super().__init__(reason)
        self.wait, self.lost = wait, lost


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient to be. Waits double from `base` up to `cap`, a random half of each left out."""

    attempts: int = 8
    """Attempts in all."""
    base: float = 0.5
    """Seconds before the second attempt."""
    cap: float = 60.0
    """Longest wait in seconds, whatever the server asks for."""
    seed: int = 0
    """Seed of the jitter."""


PATIENT = Retry()
"""Patience for bulk work: gives up after about a minute."""


class Retrier:
    """Runs requests again while they fail with `TransientError`."""

    def __init__(self, retry: Retry, sleep: Sleep = asyncio.sleep) -> None:
        self._retry, self._sleep = retry, sleep
        self._jitter = random.Random(retry.seed)

    async def run(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what `ask` returns, after as many attempts as it takes.

        Raises:
            TransientError: the last attempt failed too. Any other error passes through at once.
        """

        try:
            return await ask()
        except TransientError as error:
            return await self._again(ask, error)

    async def _again(self, ask: Callable[[], Awaitable[T]], error: TransientError) -> T:
        """Go on after the first attempt. Most requests need but one, and tenacity takes as long as sending it."""
        failures = [error]

        async def attempt() -> T:  # tenacity awaits only what is declared `async`
            if failures:
                raise failures.pop()
            return await ask()

        # One object a run: tenacity keeps a run's progress in the object.
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._retry.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )
        return await retrying(attempt)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TransientError) and error.wait is not None:
            # Everybody was told the same: spread out what would come back at once.
            return min(self._retry.cap, error.wait + self._jitter.uniform(0, self._retry.base))
        longest = min(self._retry.cap, self._retry.base * 2 ** (state.attempt_number - 1))
        return longest * self._jitter.uniform(0.5, 1)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds a Retry-After header asks for: a number, or a date compared with `now`.

    A date in the past gives 0; None stands for a header that is absent or says nothing sensible.
    """
    text = (value or "").strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
