"""What lower rooms need from higher ones, as protocols: handed in, never imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from toolbench.model.chat import ChatAnswer, ChatRequest
from toolbench.model.task import Change, Task
from toolbench.model.tool import Tool
from toolbench.model.trace import Call, Node, Observation
from toolbench.model.verdict import Verdict


class ChatModel(Protocol):
    """A language model behind a chat interface."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        """Return the answer to a request.

        Raises:
            toolbench.errors.EndpointError: no usable answer came, after all retries.
        """
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """How likely a text is, token by token."""

    tokens: tuple[bytes, ...]
    """The text's tokens, each in UTF-8; a token may be a part of a character."""
    logprobs: tuple[float, ...]
    """Natural logarithm of each token's probability after the prefix and the tokens before it; at most 0."""

    @property
    def total(self) -> float:
        """The logarithm of the whole text's probability, in nats."""
        return sum(self.logprobs)


class Scorer(Protocol):
    """A language model that tells how likely given texts are."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    async def score(self, pairs: Sequence[tuple[str, str]]) -> list[Scored]:
        """Return the score of each pair's second text after its first, in order.

        Raises:
            toolbench.errors.EndpointError: a text cannot be scored, or no usable answer came after all retries.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as a model splits it."""

    ids: tuple[int, ...]
    """The tokens."""
    pieces: tuple[bytes, ...]
    """Each token in UTF-8; a token may be a part of a character. Together they are the text."""


Parts: TypeAlias = Sequence[Sequence[int]]
"""Tokens one after another, in parts: a model that can keeps the first ones that are the same as those before."""


class LanguageModel(Protocol):
    """A language model whose probabilities can be seen. It reads tokens, never texts, so nothing is split twice."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def begin(self) -> tuple[int, ...]:
        """What stands before the first token of a text; never empty, as the first token needs something before it."""
        ...

    @property
    def context(self) -> int:
        """Most tokens that it reads."""
        ...

    async def split(self, text: str) -> Tokens:
        """Return the tokens of a text by itself."""
        ...

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        """Return the log-probability, in nats, of the text's tokens at some places, each after the parts and all tokens
        of the text before it. There is at least one token in the parts.

        Raises:
            toolbench.errors.EndpointError: no usable answer came after all retries.
        """
        ...

    async def chances(self, parts: Parts, text: Sequence[int], wanted: Sequence[int]) -> list[float]:
        """Return, for each place in the text, the log-probability that `wanted` comes there in place of its own token.

        Raises:
            toolbench.errors.EndpointError: as `logprobs`.
        """
        ...

    async def sample(self, parts: Parts, count: int, limit: int, stop: str, seed: int) -> list[str | None]:
        """Return what the model writes after the parts, `count` times, each up to `stop`.

        None stands in place of one that does not come to it within `limit` tokens, on the same line.

        Raises:
            toolbench.errors.EndpointError: as `logprobs`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Replay:
    """What a sequence of calls gives when it is executed anew from a task's initial state."""

    observations: tuple[Observation, ...]
    """One per call."""
    states: tuple[str, ...]
    """Digest of the state after each call; the initial state's first, so one longer than the calls."""
    changes: tuple[Change, ...]
    """Net changes between the initial and the last state."""
    wrote: tuple[bool, ...] = ()
    """For each call, whether it changed an entity."""


class Replayer(Protocol):
    """Executes calls anew, in a fresh world of a task."""

    def replay(self, task: Task, calls: Sequence[Call]) -> Replay:
        """Return what the calls give, in order, from the task's initial state."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """One path to be judged. It does not say who made it: a judge must not know the teacher."""

    task: Task
    """The task attempted."""
    trace: str
    """The trace's id."""
    leaf: int
    """The path's leaf."""
    path: tuple[Node, ...]
    """Nodes from the root to the leaf."""
    tools: Mapping[str, Tool]
    """Definitions of the tools offered, by name."""
    replay: Replay
    """What the path's calls give when executed anew."""
    replayer: Replayer | None = None
    """Executes other calls of the task, to see what would come of them; None where nothing can be executed."""

    def calls(self) -> tuple[Call, ...]:
        """Return the path's calls, in order."""
        return tuple(call for node in self.path if node.step for call in node.step.calls)

    def observations(self) -> tuple[Observation, ...]:
        """Return the path's observations, in order."""
        return tuple(seen for node in self.path if node.step for seen in node.step.observations)


class Evaluator(Protocol):
    """Judges one path. The class's file name is its name; `version` changes whenever its rules do."""

    version: str

    def evaluate(self, case: Case) -> Verdict:
        """Return the verdict. Never raises for a bad trace: a bad rollout is data."""
        ...
