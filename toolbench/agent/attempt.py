"""One attempt at one task: everything the exploration is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from searchers.base import Searcher
from toolbench.agent.policy import Policy
from toolbench.agent.review import Review
from toolbench.agent.valuer import Valuer
from toolbench.executors.base import Executor
from toolbench.model import Node, Provenance, Task, Tool, digest
from toolbench.user.rewording import Reworded


class User(Protocol):
    """Speaks the user's turns after the first."""

    async def speak(self, task: Task, turn: int, path: Sequence[Node]) -> Reworded:
        """Return what is said in a turn, at the end of a path.

        Raises:
            toolbench.errors.UnreachableError: who should say it cannot be reached at all.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What to explore, and with what. The seed and the identity of the run are the provenance's."""

    task: Task
    """The task."""
    tools: Mapping[str, Tool]
    """Definitions of every tool any turn offers, by name; in the open domain, of every tool there is."""
    policy: Policy
    """Proposes steps."""
    searcher: Searcher
    """Picks the node to expand; its parameters bound the search."""
    executor: Executor
    """Runs calls."""
    provenance: Provenance
    """Copied into the trace; its `config` is part of the trace's id, its `seed` is the policy's."""
    valuer: Valuer | None = None
    """Values nodes for a searcher that needs values; None: they stay unknown."""
    user: User | None = None
    """Who speaks the turns after the first; None: they are said as the task has them."""
    review: Review | None = None
    """Who approves dangerous steps before they are taken; None: nobody is asked."""
    sample: int = 0
    """Which attempt at the task."""
    max_moves: int = 10_000
    """Moves after which even a searcher that never stops is stopped, as out of budget."""

    @property
    def trace_id(self) -> str:
        """Id of the trace that it becomes."""
        return trace_id(self.task.id, self.sample, self.provenance.config)


def trace_id(task: str, sample: int, config: str) -> str:
    """Return the id of the trace of an attempt.

    Args:
        task: the task's id.
        sample: which attempt at the task.
        config: digest of the run's identity.
    """
    return f"r{digest([task, sample, config])[:16]}"
