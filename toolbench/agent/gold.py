"""Following a known solution: what of it a path has done, what comes next, and what the answer must say."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from toolbench.agent.policy import action
from toolbench.model import (
    Call,
    Fact,
    GoldCall,
    Json,
    JsonObject,
    Node,
    Observation,
    canonical,
    is_array,
    is_object,
)
from toolbench.model.pointers import at, replaced
from toolbench.model.wording import say, spellings

Made: TypeAlias = tuple[Call, Observation]
"""A call on a path, with what came back."""

Belief: TypeAlias = Callable[[GoldCall, JsonObject], JsonObject]
"""Turns the right arguments of a gold call into the ones that are believed to be right."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A gold call with the arguments it is to be made with on this path."""

    gold: GoldCall
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a path has come."""

    seen: Mapping[str, Observation]
    """By id of a gold call: the observation of the call on the path that did it."""
    due: tuple[Aim, ...]
    """Calls not done whose needs are met, in the gold's order."""
    blocked: tuple[Aim, ...]
    """Calls not done that need another first."""


def made_on(path: Sequence[Node]) -> tuple[Made, ...]:
    """Return the calls of a path with their observations, in order."""
    steps = (node.step for node in path if node.step)
    return tuple(pair for step in steps for pair in zip(step.calls, step.observations, strict=True))


def follow(gold: Iterable[GoldCall], made: Sequence[Made], belief: Belief) -> Progress:
    """Match a path with the gold: same tool, success, and equal arguments once looked-up values are read anew.

    Each call of the path does one gold call at most, so a gold that makes the same call twice needs it twice.
    """
    done: dict[str, Observation] = {}
    open_aims: list[Aim] = []
    unused = [(action(call.tool, call.arguments), seen) for call, seen in made if succeeded(seen)]
    for item in gold:
        arguments = belief(item, resolved(item, done))
        wanted = action(item.call.tool, arguments)
        match = next((pair for pair in unused if pair[0] == wanted), None)
        if match is None:
            open_aims.append(Aim(item, arguments))
        else:
            unused.remove(match)
            done[item.call.id] = match[1]
    due = tuple(aim for aim in open_aims if _needs(aim.gold) <= done.keys())
    return Progress(done, due, tuple(aim for aim in open_aims if aim not in due))


def resolved(item: GoldCall, seen: Mapping[str, Observation]) -> JsonObject:
    """Return a gold call's arguments with looked-up values read from a path; the gold's own where it has none."""
    arguments: Json = item.call.arguments
    for origin in item.origins:
        if origin.kind == "observed" and origin.call in seen:
            found = at(seen[origin.call].body, origin.source)
            if found is not None:
                arguments = replaced(arguments, origin.pointer, found)
    return arguments


def succeeded(observation: Observation) -> bool:
    """Tell whether a call did what it was made for."""
    fault = observation.fault
    return observation.status == "ok" and (fault is None or fault.recovery in ("go_on", "adapt"))


def reply(text: str, facts: Iterable[Fact], seen: Mapping[str, Observation], guess: Callable[[Fact], Json]) -> str:
    """Return a right reply with its facts as a path observed them, or guessed where it did not."""
    swaps: dict[str, str] = {}
    for fact in facts:
        known = at(seen[fact.call].body, fact.source) if fact.call in seen else guess(fact)
        value = fact.value if known is None or is_array(known) or is_object(known) else known
        if canonical(value) != canonical(fact.value):
            swaps |= dict.fromkeys((spelling.casefold() for spelling in spellings(fact.value)), say(value))
    if not swaps:
        return text
    longest_first = sorted(swaps, key=lambda text: (-len(text), text))
    either = "|".join(re.escape(text) for text in longest_first)
    return re.sub(rf"(?<![\w.])(?:{either})(?!\w)", lambda m: swaps[m[0].casefold()], text, flags=re.IGNORECASE)


def _needs(item: GoldCall) -> set[str]:
    return {*item.needs, *(origin.call for origin in item.origins if origin.call)}
