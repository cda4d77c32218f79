"""A path told as plain text, for questions about it: it can be sent without the tools' definitions."""

from collections.abc import Iterable, Iterator
from datetime import date

from toolbench.agent.conversation import compact
from toolbench.model import Step
from toolbench.model.calendar import spelled
from toolbench.model.shown import observation_text, terms


def transcript(request: str, steps: Iterable[Step], today: date | None = None) -> str:
    """Return what happened, a line for each thing said, called and answered.

    Args:
        request: the user's first words.
        steps: the steps of a path, in order.
        today: the day on which the user speaks; None where nothing is known of it.
    """
    wanted = terms(request)
    lines = [f"Today is {spelled(today)}."] if today else []
    lines.append(f"User: {request}")
    for step in steps:
        lines.extend(_told(step, wanted))
    return "\n".join(lines)


def _told(step: Step, wanted: frozenset[str]) -> Iterator[str]:
    if step.kind == "user":
        yield f"User: {step.text}"
        return
    if step.kind == "give_up":
        yield f"Assistant gave up. {step.text}".rstrip()
        return
    if step.text:
        yield f"Assistant: {step.text}"
    for call, seen in zip(step.calls, step.observations, strict=True):
        yield f"Call: {call.tool} {compact(call.arguments)}"
        yield f"Answer: {observation_text(seen, wanted)}"
