"""Cutting the tools that are offered to those that fit a model's context: the best for what the user said."""

from collections.abc import Iterable, Mapping
from contextlib import closing

from toolbench.agent.conversation import functions
from toolbench.agent.policy import View
from toolbench.model import Json, Tool, canonical
from toolbench.model.discovery import SEARCH
from toolbench.retrieval import find, memory_shelf

CHARACTERS_A_TOKEN = 4
"""Characters of a token, estimated: nothing is known of a model's tokens."""


def tokens(value: Json) -> int:
    """Return the tokens that a value takes up as JSON, estimated."""
    return len(canonical(value)) // CHARACTERS_A_TOKEN + 1


def fitting(view: View, finish: str, budget: int) -> Mapping[str, Tool]:
    """Return the tools that fit a budget, in the order they are offered in.

    Those that are used on the path, and the one that finds others, are kept whatever they take up. The others come in
    by how well they fit the user's words, as long as there is room. Where nothing is kept so far, the best comes in.

    Args:
        view: where the path stands, and all tools.
        finish: name of the function that ends the work; it needs room, too.
        budget: tokens for all of them.
    """
    if tokens(list(functions(view.tools, finish))) <= budget:
        return view.tools
    kept = _needed(view)
    left = budget - tokens(list(functions({name: view.tools[name] for name in kept}, finish)))
    for name in _ranked(view, kept):
        left -= tokens(functions({name: view.tools[name]}, finish)[0])
        if left < 0 and kept:
            break
        kept.add(name)
    return {name: tool for name, tool in view.tools.items() if name in kept}


def _needed(view: View) -> set[str]:
    used = {call.tool for node in view.path if node.step for call in node.step.calls}
    return {name for name in view.tools if name in used or name == SEARCH}


def _ranked(view: View, but: Iterable[str]) -> list[str]:
    """Return the names of the other tools, the best for the user's words first."""
    others = {name: tool for name, tool in view.tools.items() if name not in set(but)}
    shelf = memory_shelf(list(others.values()))
    with closing(shelf.connection):
        found = [summary.name for summary, _ in find([shelf], " ".join(turn.text for turn in view.turns), len(others))]
    return list(dict.fromkeys((*found, *others)))
