"""What a judge is shown of an answer. It says nothing of who gave it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from toolbench.model import Json, JsonObject, Node, Task, Tool
from toolbench.model.shown import observation_text, shortened, terms

ARGUMENTS = 2_000
"""Bytes of a call's arguments that are shown."""

TOOLS = 12_000
"""Bytes of the tools' definitions that are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of what was said and done."""

    role: Literal["user", "assistant", "tool"]
    """`tool`: a call and its result."""
    text: str
    """What was said; of a tool, what came back."""
    name: str = ""
    """The tool's name."""
    arguments: str = ""
    """The call's arguments, as JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a task, and the way to it."""

    task: str
    """Id of the task or question: answers are matched by it, never by their place."""
    query: str
    """What the user says first."""
    tools: tuple[JsonObject, ...]
    """The tools offered: `name`, `description`, `parameters`."""
    lines: tuple[Line, ...]
    """All that was said and done after that, the final answer included."""
    final: str
    """The final answer; empty where there is none."""
    finished: bool = True
    """Whether it ended in an answer, not in giving up or in the middle of the work."""

    @property
    def steps(self) -> int:
        """Steps taken."""
        return sum(line.role != "user" for line in self.lines)

    @property
    def offered(self) -> str:
        """The tools as JSON, cut by structure where they are too many."""
        return compact(shortened(list(self.tools), terms(self.query), TOOLS))


def answer_of(task: Task, path: Iterable[Node], tools: Mapping[str, Tool]) -> Answer:
    """Return what a judge is shown of a path.

    Args:
        task: the task; of it only the user's first words are shown.
        path: the nodes from the root to the leaf.
        tools: definitions of the tools offered, by name.
    """
    lines: list[Line] = []
    wanted = terms(task.turns[0].text)
    steps = [node.step for node in path if node.step]
    for step in steps:
        if step.text:
            lines.append(Line("user" if step.kind == "user" else "assistant", step.text))
        for place, call in enumerate(step.calls):
            seen = observation_text(step.observations[place], wanted) if place < len(step.observations) else ""
            lines.append(Line("tool", seen, call.tool, compact(shortened(call.arguments, wanted, ARGUMENTS))))
    last = steps[-1] if steps else None
    finished = last is not None and last.kind in ("finish", "ask", "decline", "confirm")
    return Answer(
        task=task.id,
        query=task.turns[0].text,
        tools=tuple(
            {"name": one.name, "description": one.description, "parameters": one.parameters} for one in tools.values()
        ),
        lines=tuple(lines),
        final=last.text.strip() if last is not None and finished else "",
        finished=finished,
    )


def compact(value: Json) -> str:
    """Return a value as JSON without spaces."""
    return orjson.dumps(value).decode()
