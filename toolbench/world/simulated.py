"""Calls of which the world knows no more than the answer's form, answered from outside instead."""

from dataclasses import dataclass, replace
from typing import Protocol

from toolbench.model import Call, HttpBinding, Json, JsonObject, Tool
from toolbench.world.answers import Response
from toolbench.world.nouns import words
from toolbench.world.state import WorldState
from toolbench.world.world import World

SIMULATED = 0.4
"""Confidence in a simulated answer: over what is made up, below what tasks may rest on."""

_ASKING = frozenset(
    """analyse analyze autocomplete calculate check classify compare compute convert count describe detect diagnose
    estimate evaluate explain export extract fetch find forecast get inspect list lookup match parse ping predict
    preview price query quote rank read recognize recommend render resolve retrieve score search show simulate status
    suggest summarize test translate validate verify""".split()
)
"""Verbs of operations that only ask, even where the request is a POST."""

_BENIGN = ("slow",)
"""Faults that leave the answer as it is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the world cannot answer but for its form."""

    tool: Tool
    """The tool, closed; its `returns` is the answer's schema."""
    arguments: JsonObject
    state: WorldState
    """The state it is asked in."""
    identity: JsonObject
    """What makes two questions the same: world, tool, arguments, and the effective state. It tells no two paths apart
    that have led to the same."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was answered from outside."""

    answered: bool
    """Whether there is an answer; if not, the world's own stands."""
    body: Json = None


class Answers(Protocol):
    """Answers on record."""

    def find(self, question: Question) -> Simulated | None:
        """Return what was answered to a question; None where nothing is on record."""
        ...


def only_asks(tool: Tool) -> bool:
    """Tell whether an operation changes nothing: by its method, or the verb in its name or at the end of its path."""
    if tool.safety == "read":
        return True
    path = tool.binding.path if isinstance(tool.binding, HttpBinding) else ""
    said = (*words(tool.source.name)[:1], *words(path.rpartition("/")[2]))
    return tool.safety == "write" and not _ASKING.isdisjoint(said)


def pending(world: World, call: Call, state: WorldState) -> Question | None:
    """Return what must be asked outside for a call in a state; None where the world itself answers."""
    operation = world.landscape.operations.get(call.tool)
    if operation is None or not (operation.resource is None or operation.role == "action"):
        return None
    response = world.call(call.tool, call.arguments, state)
    return question_of(world, call, response) if is_open(response) else None


def is_open(response: Response) -> bool:
    """Tell whether a response of the world's is made up, and nothing spoils it."""
    return response.source == "made_up" and (response.fault is None or response.fault.kind in _BENIGN)


def question_of(world: World, call: Call, response: Response) -> Question | None:
    """Return what an open response leaves to ask; None where the answer has no body to speak of."""
    tool = world.landscape.tool(call.tool)
    if tool.returns is None or response.status == 204:
        return None
    identity: JsonObject = {
        "seed": world.seed,
        "apis": {name: api.source.sha256 for name, api in world.landscape.apis.items()},
        "tool": tool.name,
        "arguments": call.arguments,
        "state": world.effective(response.state),
    }
    return Question(tool, call.arguments, response.state, identity)


def settled(world: World, call: Call, response: Response, answers: Answers) -> Response | None:
    """Return an open response with the answer on record in place of what was made up; None where none is on record.

    A write leaves its mark on the state, answered or not.
    """
    question = question_of(world, call, response)
    if question is not None:
        found = answers.find(question)
        if found is None:
            return None
        if found.answered:
            response = replace(response, body=found.body, confidence=SIMULATED, source="simulated")
    if only_asks(world.landscape.operations[call.tool].tool):
        return response
    return replace(response, state=response.state.mark(call.tool, call.arguments, response.body))
