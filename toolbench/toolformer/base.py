"""What a Toolformer tool is, and what becomes of a call."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from toolbench.model import Document, JsonObject, Part, Record
from toolbench.toolformer.candidates import unquoted

Baseline = Literal["both", "call"]


class Settings(Part):
    """Thresholds of a tool, as in the paper."""

    tau_s: float = 0.05
    """A call is tried where its beginning is more likely than this."""
    tau_f: float = 1.0
    """A call is kept where its result lowers the loss by at least this, in nats."""
    k: int = 5
    """Most positions tried in a text."""
    m: int = 5
    """Calls sampled at a position."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where the reckoning departs from the paper; by default nowhere."""

    skip_space: bool = False
    """Whether weights begin with the first token that is more than white space."""
    in_place: bool = False
    """Whether losses are reckoned with the call in its place too, and shown beside."""
    baseline: Baseline = "both"
    """What a result must beat: `both` no call and the call without a result; `call` only the latter, so that the result
    alone is rewarded."""
    most_calls: int | None = None
    """Most calls that are put into a text, the best ones; None for all that are kept."""


class ToolError(Exception):
    """A tool has no answer to a call. It is data, not an error."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text for a tool's prompt, and the same with calls, each between `<API>` and `</API>`."""

    text: str
    annotated: str


def one_text(name: str, description: str) -> JsonObject:
    """Return the JSON Schema of one argument, a text."""
    return {"type": "object", "properties": {name: {"type": "string", "description": description}}, "required": [name]}


def no_arguments() -> JsonObject:
    """Return the JSON Schema of no arguments."""
    return {"type": "object", "properties": {}}


class CallTool(ABC):
    """A tool as Toolformer calls it: by a name and a text in parentheses. One a file."""

    name: str
    """What it is called by in a text."""
    purpose: str
    """What it does, in a sentence."""
    advice: str
    """How to call it, for the prompt."""
    samples: tuple[Sample, ...]
    """Texts with calls, for the prompt."""
    settings: Settings = Settings()
    """Its thresholds, unless others are asked for."""
    parameters: JsonObject
    """JSON Schema of the arguments, for chat rows."""

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether a text is worth trying: the paper's rule of thumb for the tool; by default all are."""
        del text, document
        return True

    def allows(self, argument: str, before: str, after: str) -> bool:
        """Tell whether a call may stand between two parts of a text."""
        del argument, before, after
        return True

    @abstractmethod
    async def run(self, argument: str, document: Document) -> str:
        """Return the answer to what stands in a call's parentheses.

        Raises:
            ToolError: there is none.
            UnreachableError: what answers cannot be reached at all.
        """

    def arguments(self, argument: str) -> JsonObject:
        """Return what stands in a call's parentheses as arguments by name.

        Raises:
            ToolError: it cannot be read.
        """
        names = list(self.parameters.get("properties", {}))
        return {names[0]: unquoted(argument)} if names else {}


class Losses(Part):
    """Losses of the tokens after a position, in nats."""

    plain: float
    """With nothing before the text."""
    call: float
    """With the call, without its result."""
    result: float
    """With the call and its result."""

    def gain(self, baseline: Baseline) -> float:
        """Return how much the result lowers the loss."""
        least = self.call if baseline == "call" else min(self.plain, self.call)
        return least - self.result


class Candidate(Part):
    """A call that was sampled, and what became of it."""

    tool: str
    """The tool, as it was asked for."""
    position: int
    """Place of the token it stands before, in its piece of the text."""
    offset: int
    """Where in the document's text it stands, in characters."""
    chance: float
    """Probability that a call begins there."""
    call: str
    """The call."""
    argument: str
    """What stands in its parentheses."""
    result: str | None = None
    """What the tool answered; None where it failed."""
    failure: str = ""
    """Why there is no result, or why it was not asked."""
    losses: Losses | None = None
    """L+ and what L- is the least of, the call given before the whole text; None where there is no result."""
    in_place: Losses | None = None
    """The same with the call in its place; for comparison only."""
    gain: float | None = None
    """L- minus L+."""
    kept: bool = False
    """Whether the gain reaches the threshold."""


class Annotation(Record):
    """A document with its candidates."""

    id: str
    """The document's id."""
    name: str
    """The document's name."""
    source: str
    """Where it comes from."""
    text: str
    """Its text."""
    date: str = ""
    """Its date, where it is known."""
    concerned: dict[str, int]
    """By tool, how many pieces of the text were tried."""
    discarded: dict[str, int]
    """By tool, how many sampled calls were discarded: not closed, or not a call of the tool."""
    positions: dict[str, int]
    """By tool, at how many positions calls were sampled."""
    candidates: tuple[Candidate, ...]
    """The calls, in the order of their places."""
    failure: str = ""
    """Why it could not be annotated; empty where it was."""
