"""A valuer without a model: it counts what worked, what was repeated, and what of the user's words was used."""

from collections.abc import Iterable, Sequence

from toolbench.agent.conversation import compact
from toolbench.agent.gold import Made
from toolbench.agent.policy import View, action
from toolbench.agent.valuer import Valuation
from toolbench.model import Observation, Step
from toolbench.model.calendar import resolved
from toolbench.model.pointers import leaves
from toolbench.model.shown import observation_text, terms
from toolbench.model.wording import mentions

LONG = 12
"""Calls after which a path gets nothing for being short."""

WEIGHTS = {"worked": 4, "last": 2, "new": 2, "used": 2, "traced": 3, "short": 1, "grounded": 3}
"""What each part of the value counts; of those that can be told of a path, the weighted mean is taken."""


class HeuristicValuer:
    """Values a path by what can be counted on it, without the gold and without a model.

    - `worked`: share of its calls that were answered; `last`: the same of the step.
    - `new`: share of its calls that repeat none before.
    - `used`: share of the values in the user's words (quotations, words with a digit or an `@`) that stand in the
      arguments of calls that were answered.
    - `traced`: share of the texts and numbers in the step's arguments that the user said or an earlier answer held.
    - `short`: 1 without a call, 0 from `LONG` calls on.
    - `grounded`: where the step ends the turn, share of the values in its words that the user said or a call showed.
    """

    async def value(self, view: View, step: Step) -> Valuation:
        """Return the weighted mean of the parts that can be told."""
        steps = [*(node.step for node in view.path if node.step), step]
        made = [pair for one in steps for pair in zip(one.calls, one.observations, strict=True)]
        parts = {
            "worked": _share(_answered(seen) for _, seen in made),
            "last": _share(map(_answered, step.observations)),
            "new": _newness(made),
            "used": _used(view, made),
            "traced": _traced(view, step, made[: len(made) - len(step.calls)]),
            "short": max(0.0, 1 - len(made) / LONG),
            "grounded": _grounded(view, step, made),
        }
        told = {name: part for name, part in parts.items() if part is not None}
        total = sum(WEIGHTS[name] * part for name, part in told.items())
        return Valuation(value=total / sum(WEIGHTS[name] for name in told))


def _answered(seen: Observation) -> bool:
    return seen.status == "ok"


def _share(truths: Iterable[bool]) -> float | None:
    known = list(truths)
    return sum(known) / len(known) if known else None


def _newness(made: Sequence[Made]) -> float | None:
    return len({action(call.tool, call.arguments) for call, _ in made}) / len(made) if made else None


def _used(view: View, made: Sequence[Made]) -> float | None:
    said = terms(" ".join(turn.text for turn in view.turns))
    given = " ".join(compact(call.arguments).lower() for call, seen in made if _answered(seen))
    return _share(term in given for term in said) if made else None


def _traced(view: View, step: Step, before: Sequence[Made]) -> float | None:
    said = resolved(" ".join(turn.text for turn in view.turns), view.today)
    shown = " ".join(compact(seen.body) for _, seen in before)
    given = [value for call in step.calls for _, value in leaves(call.arguments)]
    values = [value for value in given if isinstance(value, str | int | float) and not isinstance(value, bool)]
    return _share(mentions(said, value) or compact(value) in shown for value in values)


def _grounded(view: View, step: Step, made: Sequence[Made]) -> float | None:
    if step.kind == "call":
        return None
    shown = [observation_text(seen) for _, seen in made] + [turn.text for turn in view.turns]
    known = " ".join(shown).lower()
    return _share(term in known for term in terms(step.text))
