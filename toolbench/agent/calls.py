"""Running a step's calls, each from the state the one before it left."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.agent.policy import action
from toolbench.executors.base import Executor, State
from toolbench.model import Call, Observation


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a step's calls."""

    observations: tuple[Observation, ...]
    """One per call, in order."""
    state: State
    """The state after the last."""
    executed: int
    """Calls that were really run."""
    sent: tuple[Call, ...] = ()
    """Calls that reached the backend: they led to another state."""


class Calls:
    """Runs calls through an executor.

    Args:
        executor: runs them.
        share: whether siblings that begin with the same calls share their execution. Only right where a state and a
            call give one result (mock): a live backend must be asked each time.
    """

    def __init__(self, executor: Executor, *, share: bool) -> None:
        self._executor = executor
        self._share = share
        self._known: dict[tuple[int, tuple[bytes, ...]], tuple[Observation, State]] = {}

    async def run(self, calls: Sequence[Call], at: int, state: State) -> Ran:
        """Run a step's calls in order, from the state of the tree's node `at`."""
        seen: list[Observation] = []
        sent: list[Call] = []
        done: tuple[bytes, ...] = ()
        executed = 0
        for call in calls:
            done = (*done, action(call.tool, call.arguments))
            result = self._known.get((at, done))
            if result is None:
                result = await self._executor.call(call, state)
                executed += 1
                if self._share:
                    self._known[at, done] = result
            observation, after = result
            seen.append(answering(call, observation))
            if after is not state:
                sent.append(call)
            state = after
        return Ran(tuple(seen), state, executed, tuple(sent))


def numbered(calls: Sequence[Call], node: int) -> tuple[Call, ...]:
    """Return a node's calls with ids that are unique in the tree: `c<node>_<place>`."""
    return tuple(
        Call(id=f"c{node}_{place}", tool=call.tool, arguments=call.arguments) for place, call in enumerate(calls)
    )


def answering(call: Call, observation: Observation) -> Observation:
    """Return an observation as the answer to a call that is the same action."""
    return observation if observation.call == call.id else observation.model_copy(update={"call": call.id})
