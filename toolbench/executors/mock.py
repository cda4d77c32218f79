"""Runs calls against the simulated world."""

from toolbench.executors.base import State
from toolbench.model import Call, Observation, Task
from toolbench.world.replay import observe
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

__all__ = ["MockExecutor"]


class MockExecutor:
    """Runs one task's calls in its own world.

    Args:
        landscape: the APIs of the run.
        task: the task; its world is made here.
    """

    def __init__(self, landscape: Landscape, task: Task) -> None:
        self.world = World(landscape.part(task.apis), task.world_seed, task.faults, task.granted)

    async def start(self, task: Task) -> State:
        """Return the world's initial state."""
        del task
        return self.world.initial

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Run a call in a state; return what is seen of it and the state after it."""
        if not isinstance(state, WorldState):
            raise TypeError("a mock executor needs a state of its own making")
        return observe(self.world, call, state)
