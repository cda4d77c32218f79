"""Reviews: a person approves or refuses a step before it is taken, where it destroys something or is taken for real."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from toolbench.agent.policy import action
from toolbench.errors import WorkError
from toolbench.model import Call, Node, Observation, Provenance, Step, Task, Tool, digest

if TYPE_CHECKING:
    from toolbench.agent.checkpoints import Checkpoints

Danger: TypeAlias = Literal["live", "destructive"]
"""Why a call is reviewed: a real backend is called, or the tool may remove something or cannot be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A step that waits for a person, and what is needed to judge it."""

    trace: str
    """Id that the trace will have."""
    task: Task
    """The task."""
    path: tuple[Node, ...]
    """Nodes from the root to where the step would be taken."""
    node: int
    """Id that the step's node will have."""
    step: Step
    """The step, without observations. All its calls are approved or refused together."""
    dangers: tuple[tuple[Danger, ...], ...]
    """Why each call is reviewed, in the order of the calls; nothing for a call that is harmless by itself."""

    @property
    def key(self) -> str:
        """What a decision on it is known by: the place in the tree, and the calls."""
        calls = [action(call.tool, call.arguments).decode() for call in self.step.calls]
        return digest([self.node, self.path[-1].id, calls])


@dataclass(frozen=True, slots=True)
class Approved:
    """The step is to be taken."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The step is not to be taken; the model sees that, and goes on."""

    words: str = ""
    """What the person said; empty for a plain no."""


@dataclass(frozen=True, slots=True)
class Quit:
    """The work is to end here, to be taken up another time. The step stays undecided."""


Decision: TypeAlias = Approved | Refused | Quit


class Reviewer(Protocol):
    """A person, or whoever decides in a person's place."""

    async def decide(self, question: Question) -> Decision:
        """Return what to do with a step. One question is asked at a time."""
        ...


class ReviewEndedError(WorkError):
    """The reviewer quit; all that was decided is kept."""


@dataclass(frozen=True, slots=True)
class Review:
    """Who reviews a run's steps, and where the decisions are kept."""

    reviewer: Reviewer
    """Who decides."""
    checkpoints: "Checkpoints"
    """Keeps where each exploration in flight stands, by the trace's id."""


def dangers(tool: Tool | None, provenance: Provenance) -> tuple[Danger, ...]:
    """Return why a tool's call must be reviewed; nothing where it need not be.

    Args:
        tool: the tool; None where there is none of the name that is called.
        provenance: says what the calls run against.
    """
    found: list[Danger] = []
    # An executor from outside may do anything; what is not known to be imagined is taken to be real.
    if provenance.executor not in ("mock", "replay"):
        found.append("live")
    if tool is not None and tool.safety == "destructive":
        found.append("destructive")
    return tuple(found)


def refusals(calls: Sequence[Call], words: str) -> tuple[Observation, ...]:
    """Return what a model sees of calls that a person has refused."""
    message = "A person reviewed this step and did not allow it; nothing was done"
    body = {"error": {"message": f"{message}: {words}" if words else message}}
    return tuple(Observation(call=call.id, status="refused", body=body, source="person") for call in calls)
