"""The contract of a valuer: how promising a path is thought to be."""

from dataclasses import dataclass
from typing import Protocol

from toolbench.agent.policy import View
from toolbench.model import Step, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What a valuer thinks of a path."""

    value: float | None
    """From 0, leads nowhere, to 1, done rightly; None where nothing can be said."""
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    """What it cost."""
    problem: str = ""
    """Why nothing can be said; empty where something is."""


class Valuer(Protocol):
    """Values paths. It is blind to the gold."""

    async def value(self, view: View, step: Step) -> Valuation:
        """Return what the path is worth that a step leads to.

        Args:
            view: where the step was proposed.
            step: the step, with its observations.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        ...
