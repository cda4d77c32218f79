"""The contract of an executor: the way a call is run."""

from typing import Protocol

from toolbench.model import Call, Observation, Task


class State(Protocol):
    """An opaque, immutable handle on the backend's state. Keeping one is enough to come back to it."""

    @property
    def digest(self) -> str:
        """Digest of the state; empty where the backend's state cannot be known (live)."""
        ...


class Executor(Protocol):
    """Runs calls. Nothing is restored on backtracking because nothing is overwritten."""

    async def start(self, task: Task) -> State:
        """Return a task's initial state."""
        ...

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Run a call in a state; return what came back and the state after it.

        Never raises for a bad call: an unknown tool or invalid arguments are observations.
        """
        ...
