"""A path by the user's turns: what was done in answer to each, and how it was closed."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import Call, Case, Step


@dataclass(frozen=True, slots=True)
class Deed:
    """A call, and what came of it."""

    call: Call
    worked: bool
    wrote: bool
    """Whether it changed an entity, as executed anew; false where that is not known."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a path does in answer to one turn of the user's."""

    deeds: tuple[Deed, ...]
    closing: Step | None
    """Its last step; None where there is none."""


def stretches(case: Case) -> list[Stretch]:
    """Return what a path does in answer to each turn that it has heard."""
    wrote = iter(case.replay.wrote)
    found: list[Stretch] = []
    steps: list[Step] = []
    for step in (node.step for node in case.path if node.step):
        if step.kind == "user":
            found.append(_stretch(steps, [next(wrote, False) for one in steps for _ in one.calls]))
            steps = []
        else:
            steps.append(step)
    found.append(_stretch(steps, [next(wrote, False) for one in steps for _ in one.calls]))
    return found


def _stretch(steps: Sequence[Step], wrote: Sequence[bool]) -> Stretch:
    seen = [one for step in steps for one in step.observations]
    calls = [call for step in steps for call in step.calls]
    worked = [one.status == "ok" for one in seen] + [False] * (len(calls) - len(seen))
    deeds = tuple(Deed(*three) for three in zip(calls, worked, wrote, strict=False))
    return Stretch(deeds, steps[-1] if steps else None)
