"""Rate limits, one per host."""

from collections.abc import Callable

from toolbench.llm.retry import Sleep


class Pace:
    """Spaces out the requests to each host evenly; waiting ones go in the order they came.

    Args:
        per_second: most requests per second to one host.
        clock: seconds since some moment, never going back.
        sleep: how to wait.
    """

    def __init__(self, per_second: float, clock: Callable[[], float], sleep: Sleep) -> None:
        self._interval, self._clock, self._sleep = 1 / per_second, clock, sleep
        self._free: dict[str, float] = {}

    async def turn(self, host: str) -> None:
        """Wait for a turn to send a request to a host."""
        now = self._clock()
        start = max(now, self._free.get(host, now))
        self._free[host] = start + self._interval
        if start > now:
            await self._sleep(start - now)

    def hold(self, host: str, seconds: float) -> None:
        """Give no turn for a host in the next `seconds`."""
        self._free[host] = max(self._free.get(host, 0), self._clock() + seconds)
