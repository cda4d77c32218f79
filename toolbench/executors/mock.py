"""Runs calls against the simulated world."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.executors.base import State
from toolbench.model import Call, Observation, Replay, Task
from toolbench.simulator.simulator import Simulator
from toolbench.world.replay import observe, replay_in
from toolbench.world.simulated import pending
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

__all__ = ["MockExecutor"]


@dataclass(frozen=True, slots=True)
class PathState:
    """The world's state on a path, and the calls that led there."""

    world: WorldState
    seen: tuple[tuple[Call, Observation], ...] = ()
    """The calls, with what came back."""

    @property
    def digest(self) -> str:
        """Digest of the world's state."""
        return self.world.digest


class MockExecutor:
    """Runs one task's calls in its own world.

    Args:
        landscape: the APIs of the run.
        task: the task; its world is made here.
        simulator: answers what the world would make up; without one it is made up.
    """

    def __init__(self, landscape: Landscape, task: Task, simulator: Simulator | None = None) -> None:
        shelf = landscape.shelf if task.discovery else None
        self.world = World(landscape.part(task.apis), task.world_seed, task.faults, task.granted, shelf)
        self._simulator = simulator
        self._answers = simulator.answers if simulator is not None else None

    def replay(self, calls: Sequence[Call]) -> Replay:
        """Return what calls give when they are executed anew, from the task's initial state."""
        return replay_in(self.world, calls, self._answers)

    async def start(self, task: Task) -> State:
        """Return the world's initial state."""
        del task
        return PathState(self.world.initial)

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Run a call in a state; return what is seen of it and the state after it.

        Raises:
            UnreachableError: the simulator's endpoint cannot be reached.
            RunError: its journal cannot be used.
        """
        if not isinstance(state, PathState):
            raise TypeError("a mock executor needs a state of its own making")
        if self._simulator is not None and (question := pending(self.world, call, state.world)) is not None:
            await self._simulator.settle(self.world, question, state.seen)
        # What was just answered is read back from the record, as any replay will.
        observation, after = observe(self.world, call, state.world, self._answers)
        return observation, PathState(after, (*state.seen, (call, observation)))
