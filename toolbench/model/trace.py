"""Traces: the whole search tree of one attempt at one task."""

from typing import Literal

from pydantic import Field

from toolbench.model.base import Json, JsonObject, Part, Record

ObservationStatus = Literal[
    "ok", "invalid_arguments", "unknown_tool", "http_error", "timeout", "rate_limited", "refused"
]
Answerer = Literal["mock", "live", "replay", "made_up", "simulated", "person"]
"""`mock`: the world, from what it infers of the API; `made_up`: the world, which knows no more than the answer's form;
`simulated`: a language model in its place; `live`: the API itself; `replay`: a recording of it; `person`: a reviewer,
who refused the call: it was never made."""

StepKind = Literal["call", "ask", "decline", "confirm", "finish", "give_up", "user", "invalid"]
NodeStatus = Literal["open", "answered", "gave_up", "failed", "pruned", "exhausted"]
Outcome = Literal["answered", "gave_up", "failed", "exhausted"]


class Call(Part):
    """A tool call."""

    id: str
    """Unique on its path; pairs with the observation."""
    tool: str
    """Name of the tool, as the model wrote it."""
    arguments: JsonObject
    """The arguments: always an object."""


FaultKind = Literal[
    "rate_limited",
    "server_error",
    "bad_gateway",
    "unavailable",
    "timeout",
    "expired_auth",
    "slow",
    "error_in_ok",
    "truncated",
    "malformed",
    "schema_drift",
    "stale_read",
    "empty_list",
    "partial",
]
Recovery = Literal["go_on", "retry", "wait_and_retry", "read_again", "adapt"]


class Fault(Part):
    """A fault that the backend showed on purpose."""

    kind: FaultKind
    """What went wrong."""
    recovery: Recovery
    """What it is right to do: `go_on` as if nothing was; `retry` the call; `wait_and_retry` as the answer asks;
    `read_again`, for what was shown is not all or not true; `adapt` to fields that moved."""


class Observation(Part):
    """What came back from a call."""

    call: str
    """Id of the call."""
    status: ObservationStatus
    """What became of it."""
    http_status: int | None = None
    """HTTP status, where one was given."""
    body: Json = None
    """The body, as the agent sees it."""
    truncated: bool = False
    """Whether the body was cut."""
    source: Answerer = "mock"
    """Who answered. Never shown to the agent."""
    confidence: float = Field(default=1.0, ge=0, le=1)
    """How sure it is that the real API would behave so; low where the answer is a guess. Never shown to the agent."""
    time: float = 0.0
    """Virtual seconds since the world began."""
    fault: Fault | None = None
    """The fault behind it, where the simulation made one. Never shown to the agent."""


class Usage(Part):
    """What something cost."""

    queries: int = 0
    """Requests to the policy's model (planner proposals count as one each)."""
    calls: int = 0
    """Tool calls executed."""
    prompt_tokens: int = 0
    """Tokens read by the model."""
    completion_tokens: int = 0
    """Tokens written by the model."""
    cost: float = 0.0
    """US dollars."""

    def __add__(self, other: "Usage") -> "Usage":
        """Return the sum, field by field."""
        return Usage(
            queries=self.queries + other.queries,
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cost=self.cost + other.cost,
        )


class Step(Part):
    """One move: a model's turn, or a user's turn from the simulator."""

    kind: StepKind
    """`call` carries calls; `ask`, `decline`, `confirm`, `finish`, `give_up` and `user` carry text; `invalid` is a
    model's answer that could not be used, kept with its problem."""
    reasoning: str = ""
    """What the model thought, apart from what it said."""
    text: str = ""
    """What was said."""
    calls: tuple[Call, ...] = ()
    """The calls made, in order."""
    observations: tuple[Observation, ...] = ()
    """One per call, in the same order."""
    problem: str = ""
    """For `invalid`: what was wrong with the answer."""


class Node(Part):
    """A node of the search tree: the step that leads to it and the state it leaves."""

    id: int
    """0 for the root; then in the order of creation."""
    parent: int | None
    """Id of the parent; None for the root."""
    step: Step | None
    """The step; None for the root."""
    status: NodeStatus
    """What became of it."""
    value: float | None = None
    """The searcher's estimate; None where none was made."""
    state: str
    """Digest of the world's state after the step; empty where the executor has no state (live)."""
    tainted: bool = False
    """Whether a real backend may hold what another branch of the tree wrote before this step: nothing undid it. What
    lies below is tainted, too."""
    usage: Usage = Usage()
    """What this node cost."""
    siblings_shown: tuple[int, ...] = ()
    """Nodes whose steps were shown to the model as tried already. Never trained on."""
    lessons_shown: tuple[int, ...] = ()
    """Nodes whose reflections were shown to the model. Never trained on."""
    reflection: str = ""
    """What the model says was learned from this leaf, where the search asked for it. A note of the search's, shown in
    later requests of the same attempt; no part of any conversation."""
    sampled: int = 0
    """Which sample of the same request it was, from 0."""


class TraceError(Part):
    """Something that went wrong and was survived."""

    node: int
    """The node being expanded."""
    kind: str
    """Short name: `malformed_answer`, `endpoint`, …"""
    message: str
    """What happened."""


class Provenance(Part):
    """Who made a trace, and with what."""

    teacher: str
    """`planner` or the model's name."""
    searcher: str
    """Name of the searcher."""
    executor: str
    """What the calls ran against: `mock`, `live`, `replay`, or the name of an outside executor."""
    seed: int
    """Seed of the run."""
    config: str
    """Digest of the run's identity."""
    specs: dict[str, str]
    """SHA-256 of each API description."""
    simulator: str = ""
    """Name of the model that answered what the world can only guess at; empty where none did."""
    user: str = ""
    """Name of the model that spoke the user's turns after the first; empty where they were said as scripted."""
    weights: str = ""
    """Name and SHA-256 of the embedded model's weights; empty where it had no part."""
    tool_calls: str = ""
    """How a model told its calls: `native`, `json_schema` or `json_prompt`; empty for other teachers."""
    prompts: str = ""
    """Digest of the prompts; empty when none was used."""
    code: str
    """Version of this software."""
    world: str
    """Version of the world's behaviour."""

    @property
    def is_simulated(self) -> bool:
        """Whether the calls ran in the simulated world, where they can be executed anew, and nothing outlasts them."""
        return self.executor == "mock"


class Trace(Record):
    """A search tree, whole: every root-to-leaf path can be derived, none is thrown away."""

    id: str
    """Digest of (task id, sample index, config identity), with `r` before it."""
    content: str
    """Digest of the nodes."""
    task: str
    """The task's id."""
    sample: int = 0
    """Which attempt at the task."""
    tools: dict[str, str]
    """Tools offered, with the digests of their definitions in tools.jsonl."""
    nodes: tuple[Node, ...]
    """All nodes, in the order of creation; the root first."""
    outcome: Outcome
    """How the search ended."""
    best: int | None
    """The leaf the searcher would hand out; None when there is none."""
    usage: Usage
    """What it cost, in all."""
    errors: tuple[TraceError, ...] = ()
    """What went wrong on the way."""
    provenance: Provenance
    """Who made it, and with what."""

    def path(self, leaf: int) -> tuple[Node, ...]:
        """Return the nodes from the root (included) to a leaf."""
        nodes: list[Node] = []
        at: int | None = leaf
        while at is not None:
            nodes.append(self.nodes[at])
            at = self.nodes[at].parent
        return tuple(reversed(nodes))

    def leaves(self) -> tuple[int, ...]:
        """Return the ids of the nodes without children."""
        parents = {node.parent for node in self.nodes}
        return tuple(node.id for node in self.nodes if node.id not in parents)
