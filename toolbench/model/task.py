"""Tasks: what the user wants, the known solution, and how to tell that it was reached."""

from datetime import date
from typing import Literal

from pydantic import Field

from toolbench.model.base import Json, Part, Record
from toolbench.model.pointers import at
from toolbench.model.trace import Call

Decision = Literal["call", "ask", "decline", "confirm", "answer"]
"""`call`: do the work with calls, then say what came of it; `ask` for what only the user can say; `decline` what cannot
be done; `confirm`: have the user agree first; `answer` from what is known already, without a call."""

Difficulty = Literal["easy", "medium", "hard"]

OriginKind = Literal["user", "default", "observed", "derived"]


class Origin(Part):
    """Where one leaf of a call's arguments comes from. Every leaf of a gold call has exactly one."""

    pointer: str
    """JSON pointer to the leaf inside the call's arguments."""
    kind: OriginKind
    """`user`: said in a turn; `default`: documented default, the only legal value, or what any caller makes up for
    itself (an idempotency key); `observed`: read in an earlier observation; `derived`: computed from such values."""
    call: str = ""
    """For `observed` and `derived`: id of the gold call whose observation holds the value."""
    source: str = ""
    """For `observed` and `derived`: JSON pointer into that observation's body."""


class GoldCall(Part):
    """One call of the known solution."""

    call: Call
    """The call, with concrete arguments."""
    origins: tuple[Origin, ...] = ()
    """One entry per leaf of the arguments."""
    needs: tuple[str, ...] = ()
    """Ids of gold calls that must come first."""
    turn: int = 0
    """Place of the user's turn in answer to which it is made; before that it would be too early."""

    def values(self, kind: OriginKind) -> list[Json]:
        """Return the leaves of the arguments that come from one kind of origin."""
        return [at(self.call.arguments, origin.pointer) for origin in self.origins if origin.kind == kind]


class AcceptedCall(Part):
    """A call that counts as right: every argument with the values that are accepted for it."""

    name: str
    """The function's name, as its document has it."""
    arguments: dict[str, list[Json]] = Field(default_factory=dict)
    """The accepted values of each argument; an empty text among them: it may be left out. Inside an object each value
    is such a list again."""


class Change(Part):
    """A net difference between two states of the world."""

    resource: str
    """Resource that changed: `API:/collection/path`."""
    key: str
    """The entity's key in that resource."""
    kind: Literal["created", "updated", "deleted"]
    """What happened to it."""
    before: Json = None
    """The entity before; None when created. Server-made fields (ids, timestamps) are left out."""
    after: Json = None
    """The entity after; None when deleted. Server-made fields are left out."""


class Assertion(Part):
    """A change the solution must make."""

    resource: str
    """As in `Change`."""
    kind: Literal["created", "updated", "deleted"]
    """As in `Change`."""
    key: str = ""
    """Key of the entity. Of a created one, whose own key the server makes, only the place: its ancestors' keys, each
    with a slash after it; empty where it has none."""
    fields: dict[str, Json] = Field(default_factory=dict)
    """JSON pointers into the entity after the change, and the values they must have."""


class Fact(Part):
    """Something the final answer must say."""

    label: str
    """What it is, in words (`status of the order`)."""
    value: str | int | float | bool
    """The value, as observed."""
    call: str
    """Id of the gold call whose observation holds it."""
    source: str
    """JSON pointer into that observation's body."""
    turn: int = 0
    """Place of the user's turn in answer to which it must be said."""


class Goal(Part):
    """The state and the answer a solution must reach. Nothing else may have changed."""

    changes: tuple[Assertion, ...] = ()
    """Changes that must be there, each by a different entity; empty for a read-only task."""
    facts: tuple[Fact, ...] = ()
    """Facts the answer must hold."""


class Turn(Part):
    """A user's turn."""

    text: str
    """What the user says."""
    tools: tuple[str, ...] = ()
    """Names of the tools offered from this turn on."""
    decision: Decision | None = None
    """The right decision in answer to it; None: the task's."""
    reply: str = ""
    """A right reply to it; empty in the last turn, whose reply is the task's `answer`."""


class Imported(Part):
    """Where a task was imported from."""

    format: str
    """Name of the importer: `toolbench`, `bfcl`, …"""
    file: str
    """Name of the file, without its folder."""
    id: str = ""
    """The task's id there; empty where it has none."""


class Task(Record):
    """A task. A sampled one is solvable by construction: its gold has been executed."""

    id: str
    """`t` and 16 hex digits; depends on the run's seed and the task's place in it, or on an imported one's content."""
    kind: str
    """What sort of task: `lookup`, `change`, …; `imported`."""
    solution: Literal["known", "unknown"] = "known"
    """Whether it is known what is right to do. Where it is not, decisions, gold, answer and goal mean nothing."""
    decision: Decision = "call"
    """The right decision; of several turns, in the one that the task is about."""
    system: str = ""
    """What the model is told before the user speaks; empty for nothing."""
    turns: tuple[Turn, ...]
    """The user's turns, in order."""
    discovery: bool = False
    """Whether the agent is offered `search_tools` alone, and has to find the others in the whole catalogue."""
    distractors: tuple[str, ...] = ()
    """Offered tools that the gold does not use; of an imported task those that its source calls irrelevant."""
    apis: tuple[str, ...]
    """Ids of the APIs that make up its world, sorted."""
    gold: tuple[GoldCall, ...] = ()
    """The known solution, in order."""
    answer: str = ""
    """A right final answer."""
    goal: Goal = Goal()
    """How to tell that it was solved."""
    accepted: tuple[AcceptedCall, ...] | None = None
    """The calls that its source takes to be right, each to be made once, by the names of the tools; empty: no call is.
    None where it names none. They were never executed."""
    difficulty: Difficulty | None = None
    """How hard it is; None where nobody has told. One point for each gold call, one for each value among their
    arguments that must be looked up, two for each turn after the first, and one for every two distractors that are like
    a tool of the gold (a third of the words of both their names are the same): up to 4 points are easy, from 8 it is
    hard."""
    replay_digest: str = ""
    """Digest over the gold's observations and states; a replay must give the same."""
    world_seed: int
    """Seed of the world."""
    today: date | None = None
    """The day on which the user speaks, by the world's clock (UTC); None where nothing is known of it."""
    faults: str = "none"
    """Profile of the faults the backend shows. The gold was executed without any."""
    granted: tuple[str, ...] | None = None
    """Security schemes and scopes that the calls carry, sorted; None: all that are asked for."""
    confidence: float = Field(default=1.0, ge=0, le=1)
    """Lowest inference confidence among the operations used: 1 when all semantics are certain."""
    origin: Literal["sampled"] | Imported = "sampled"
    """`sampled`, or where it was imported from."""
    writer: str = "grammar"
    """Who put the turns into words: the built-in grammar, or the name of a language model."""
    persona: str = ""
    """Who speaks in them, as the language model was told; empty where the grammar wrote them."""

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The right decision in answer to each turn."""
        return tuple(turn.decision or self.decision for turn in self.turns)
