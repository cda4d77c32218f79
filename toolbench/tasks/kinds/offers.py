"""Which tools are offered: those that the solution needs, and others that only look so."""

from collections.abc import Callable, Iterable
from random import Random

from toolbench.model import GoldCall, Tool
from toolbench.tasks.kinds.base import Base
from toolbench.tasks.naming import thing
from toolbench.world.nouns import singular, words
from toolbench.world.resources import Operation
from toolbench.world.world import Landscape

DISTRACTORS = 6
"""Tools offered that the solution does not use."""

ALIKE = 1 / 3
"""Likeness from which tools are easily confused."""


def usual(base: Base, gold: Iterable[GoldCall] | None = None) -> tuple[str, ...]:
    """Return the tools that calls use, those of the base unless given, with distractors among them."""
    used = list(dict.fromkeys(one.call.tool for one in (base.draft.gold if gold is None else gold)))
    return mixed([*used, *distractors(base.landscape, used, base.r)], base.r)


def mixed(tools: Iterable[str], r: Random) -> tuple[str, ...]:
    """Return tools, each once, in no order that tells anything."""
    offered = list(dict.fromkeys(tools))
    r.shuffle(offered)
    return tuple(offered)


def distractors(
    landscape: Landscape, used: Iterable[str], r: Random, suits: Callable[[Operation], bool] | None = None
) -> list[str]:
    """Return tools that are not used: first those that work on the same things, then others of the same APIs.

    Args:
        landscape: the APIs.
        used: the tools that are.
        r: source of randomness.
        suits: which operations may be among them; None for all.
    """
    known = set(used)
    about = {o.resource.id for name in known if (o := landscape.operations[name]).resource is not None}
    homes = {landscape.operations[name].tool.api for name in known}
    pool = [o for o in landscape.operations.values() if o.tool.api in homes and o.tool.name not in known]
    pool = [o for o in pool if suits is None or suits(o)]
    r.shuffle(pool)
    near = [o for o in pool if o.resource is not None and o.resource.id in about]
    chosen = dict.fromkeys(o.tool.name for o in [*near[: DISTRACTORS // 2], *pool])
    return sorted(list(chosen)[:DISTRACTORS])


def is_about(operation: Operation, said: set[str]) -> bool:
    """Tell whether an operation works on something that is spoken of, as far as its words show."""
    return operation.resource is None or bool(spoken_of(operation) & said)


def spoken_of(operation: Operation) -> set[str]:
    """Return the words for what an operation works on and what it leaves behind, in the singular."""
    things = (operation.resource, operation.makes, *(found for _, found in operation.searches))
    return {word for one in things if one is not None for word in f"{one.noun} {thing(one.noun)}".split()}


def likeness(one: Tool, other: Tool) -> float:
    """Return how easily two tools are confused: the share of words that their names have in common."""
    first, second = _words(one), _words(other)
    return len(first & second) / len(first | second)


def _words(tool: Tool) -> set[str]:
    return set(map(singular, words(tool.source.name or tool.name)))
