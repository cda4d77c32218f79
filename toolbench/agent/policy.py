"""The contract of a policy: what it sees, and what it proposes."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from toolbench.model import Chat, JsonObject, Node, Step, Tool, Turn, Usage, canonical, digest

SAMPLES_AN_ATTEMPT = 1_000
"""Keeps the samples of different attempts apart; no node is asked that often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a policy may know when it is asked for a step. It does not hold the task: a teacher is blind to the gold."""

    turns: tuple[Turn, ...]
    """The user's turns so far; all but the first also stand in the path, as steps of the kind `user`."""
    system: str = ""
    """What the task has the model told before the user speaks; empty for nothing."""
    path: tuple[Node, ...]
    """Nodes from the root (included) to the one being expanded. Never edited: a hint belongs to the request."""
    siblings: tuple[Node, ...] = ()
    """Nodes tried already from here, in the order of creation."""
    lessons: tuple[Node, ...] = ()
    """Failed leaves anywhere in the tree of which the policy said what was learned, in the order it did."""
    tools: Mapping[str, Tool]
    """Tools offered, by name."""
    seed: int
    """Seed of the run."""
    today: date | None = None
    """The day on which the user speaks; None where nothing is known of it."""
    attempt: int = 0
    """Which attempt at the task."""
    chats: dict[str, dict[int, Chat]] = field(default_factory=dict[str, dict[int, Chat]])
    """Chats that lead to nodes of the attempt, by system prompt and node id. Steps are never edited, so a policy keeps
    here what it made of them, and a long path costs no more than its last step."""
    sample: int = 0
    """How often a step was asked for from here before, refused answers included. With the path and the attempt it tells
    any two requests about a task apart."""

    @property
    def request_sample(self) -> int:
        """Which sample of the same request it is, over all attempts at the task."""
        return self.attempt * SAMPLES_AN_ATTEMPT + self.sample

    @property
    def request_seed(self) -> int:
        """Seed for an endpoint."""
        return int(digest([self.seed, self.attempt, self.sample])[:7], 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A policy's answer."""

    step: Step
    """The step, without observations. The ids of its calls are set by whoever runs them."""
    usage: Usage
    """What it cost."""
    errors: tuple[tuple[str, str], ...] = ()
    """What went wrong and was survived: kind and message of each, as in `TraceError`."""
    siblings_shown: tuple[int, ...] = ()
    """Ids of the siblings whose steps were part of the request."""
    lessons_shown: tuple[int, ...] = ()
    """Ids of the leaves whose reflections were part of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """What a policy says was learned from a leaf."""

    text: str
    """In its own words; empty for nothing."""
    usage: Usage
    """What it cost."""


class Policy(Protocol):
    """Proposes steps."""

    async def propose(self, view: View) -> Proposal:
        """Return the next step.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        ...

    async def reflect(self, view: View) -> Reflection:
        """Return what was learned from the failed leaf that the view's path ends in.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        ...


def action(tool: str, arguments: JsonObject) -> bytes:
    """Return what two calls must share to be the same action, in one canonical form."""
    return canonical([tool, arguments])


def signature(step: Step) -> Hashable | None:
    """Return what two steps must share to be the same action; None for one that is like no other.

    Calls count by tool and arguments, in order; speech by kind and text. What was thought beside them does not count.
    """
    if step.kind == "invalid":
        return None
    if step.kind == "call":
        return tuple(action(call.tool, call.arguments) for call in step.calls)
    return (step.kind, "" if step.kind == "give_up" else step.text)
