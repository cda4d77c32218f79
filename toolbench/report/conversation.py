"""A path as a chat: who speaks, what is called with which arguments, what comes back, and what is trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from toolbench.curation.rows import RowBuilder
from toolbench.model import Call, Json, Message, Node, Observation, Step, Task, Tool, Trace
from toolbench.report.origins import Origins, Piece

LONGEST_RESULT = 1_600
"""Characters of a call's result that are shown."""


@dataclass(frozen=True, slots=True)
class CallText:
    """A call and what came back, as text."""

    tool: str
    arguments: tuple[Piece, ...]
    """As JSON, in pieces; each value is one, with its source."""
    status: str
    """In words."""
    ok: bool
    body: str
    """As indented JSON, cut when long."""
    notes: tuple[str, ...]
    """What the agent could not see: that the answer is a guess, a failure on purpose."""

    @property
    def written(self) -> str:
        """The arguments as one text."""
        return "".join(piece.text for piece in self.arguments)


@dataclass(frozen=True, slots=True)
class Speech:
    """What somebody says, with the calls that go with it."""

    role: str
    """`system`, `user` or `assistant`."""
    text: str
    reasoning: str
    train: bool
    """Whether it is trained on, if the path is."""
    reason: str
    """Why, or why not."""
    calls: tuple[CallText, ...]


class Conversations:
    """Makes chats of paths.

    Args:
        tools: definitions of the tools, by name.
    """

    def __init__(self, tools: dict[str, Tool]) -> None:
        self._tools = tools
        self._builder = RowBuilder(tools)

    def chat(self, trace: Trace, leaf: int, task: Task) -> list[Speech]:
        """Return the path to a leaf as a chat, as it is trained on. Answers that could not be used are left out."""
        path = trace.path(leaf)
        messages = self._builder.messages(trace, task, path)
        return list(_speeches(messages, iter(self._steps(path, task))))

    def calls(self, trace: Trace, task: Task) -> dict[int, list[CallText]]:
        """Return the calls of every node of a trace, by the node's id."""
        found: dict[int, list[CallText]] = {}
        for leaf in trace.leaves():
            path = trace.path(leaf)
            origins = Origins(task, self._tools)
            for node in path:
                told = origins.follow(node)
                if node.id not in found:
                    found[node.id] = list(_call_texts(node.step, told))
        return found

    def _steps(self, path: Sequence[Node], task: Task) -> list[CallText]:
        origins = Origins(task, self._tools)
        return [call for node in path for call in _call_texts(node.step, origins.follow(node))]


def _speeches(messages: Sequence[Message], calls: Iterator[CallText]) -> Iterator[Speech]:
    for message in messages:
        if message.role != "tool":
            with_it = tuple(next(calls) for _ in message.calls)
            yield Speech(message.role, message.content or "", message.reasoning, message.train, message.reason, with_it)


def _call_texts(step: Step | None, arguments: Sequence[list[Piece]]) -> Iterator[CallText]:
    if step is not None:
        seen = (*step.observations, *([None] * len(step.calls)))
        for call, pieces, observation in zip(step.calls, arguments, seen, strict=False):
            yield _call_text(call, tuple(pieces), observation)


def _call_text(call: Call, arguments: tuple[Piece, ...], seen: Observation | None) -> CallText:
    if seen is None:
        return CallText(call.tool, arguments, "no result", ok=False, body="", notes=())
    status = f"{seen.status.replace('_', ' ')}{f' ({seen.http_status})' if seen.http_status else ''}"
    notes = tuple(_notes(seen))
    return CallText(call.tool, arguments, status, ok=seen.status == "ok", body=body_text(seen.body), notes=notes)


def _notes(seen: Observation) -> Iterator[str]:
    if seen.source == "made_up":
        yield "made up: nothing tells what the API would answer"
    if seen.source == "simulated":
        yield "simulated by a language model"
    if seen.fault:
        yield f"failed on purpose ({seen.fault.kind.replace('_', ' ')}); right: {seen.fault.recovery.replace('_', ' ')}"
    if seen.truncated:
        yield "cut before the agent saw it"


def body_text(body: Json) -> str:
    """Return a body as indented JSON, cut when long."""
    text = "(empty)" if body is None else orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    more = len(text) - LONGEST_RESULT
    return text if more <= 0 else f"{text[:LONGEST_RESULT]}\n… and {more:,} more characters"
