"""Which recipe fits: by the data there is, and by what a model shall learn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Goal: TypeAlias = Literal["domain", "tools", "better"]
Evidence: TypeAlias = Literal["texts", "documents", "apis"]

FEW = 1_000
"""Labelled examples below which there are few."""

PLENTY = 10_000
"""Labelled examples from which there is plenty."""

SMALL = 1_000_000_000
"""Parameters below which a model is small."""

Question: TypeAlias = Literal["labels", "goal", "reasoning", "tools", "parameters"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known; None for what was not said."""

    labels: int | None = None
    """Labelled examples there are."""
    goal: Goal | None = None
    """`domain`: new knowledge. `tools`: calling tools. `better`: what the model does already, but better."""
    reasoning: bool | None = None
    """Whether answers take reasoning."""
    tools: Evidence | None = None
    """What tells of the tools: plain `texts` in which they would help, `documents` of APIs, or `apis` to act with."""
    parameters: int | None = None
    """Parameters of the model that is trained."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What fits."""

    recipe: str
    """The recipe's name."""
    why: str
    """Why it fits."""
    also: str = ""
    """What may follow or come before."""


Ask: TypeAlias = Callable[[Question], int | str | bool]

_TOOLS: Mapping[Evidence, Choice] = {
    "texts": Choice(
        "toolformer", "plain texts show where a call would have helped, without any label", "then gorilla and toolllm"
    ),
    "documents": Choice(
        "gorilla", "documents of APIs, shown in training, keep a model from inventing calls", "then toolllm"
    ),
    "apis": Choice("toolllm", "tasks of several steps are solved with the APIs, and what was done is executed again"),
}


def choose(facts: Facts, ask: Ask) -> Choice:
    """Return the recipe that fits. Only what matters is asked.

    Args:
        facts: what is known.
        ask: answers a question: `labels` and `parameters` by a number, `reasoning` by yes or no, `goal` and `tools` by
            one of their names.
    """
    if facts.goal == "tools":
        return _for_tools(facts, ask)
    labels = facts.labels if facts.labels is not None else int(ask("labels"))
    if labels == 0:
        why = "without labelled data, instructions are made for the texts that there are"
        return Choice(
            "backtranslation", why, "toolllm, where tools are to be called: it needs no labels (--goal tools)"
        )
    if labels < FEW:
        why = f"{labels} labelled examples are few: a thousand good, diverse ones are enough to align a model"
        return Choice("lima", why, "distilling, where answers take reasoning")
    return _with_labels(labels, facts, ask)


def _with_labels(labels: int, facts: Facts, ask: Ask) -> Choice:
    reasoning = facts.reasoning if facts.reasoning is not None else bool(ask("reasoning"))
    if reasoning:
        some = "even some thousands of labels" if labels < PLENTY else "labels"
        return Choice("distilling", f"{some} teach a small model more with the reasons for them")
    goal = facts.goal or ask("goal")
    if goal == "tools":
        return _for_tools(facts, ask)
    if goal == "better":
        return _better(labels)
    parameters = facts.parameters if facts.parameters is not None else int(ask("parameters"))
    if parameters < SMALL:
        return Choice("tinystories", "a small model learns from simple, bounded texts, by and by harder ones")
    return Choice("textbooks", "a larger model learns a domain from clear explanations with exercises, in order")


def _better(labels: int) -> Choice:
    if labels < PLENTY:
        why = (
            f"{labels} examples are more than are needed to align a model, and too few to be careless: select the best"
        )
        return Choice("lima", why, "backtranslation, where there are texts for more")
    return Choice("lima", "with plenty of examples, the best and most diverse thousand do most of the work")


def _for_tools(facts: Facts, ask: Ask) -> Choice:
    evidence = facts.tools or str(ask("tools"))
    return next(choice for name, choice in _TOOLS.items() if name == evidence)
