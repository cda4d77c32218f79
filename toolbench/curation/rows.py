"""Rows from paths: the conversation, which messages to train on, and a check that it is whole."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise

from jsonschema_rs import Draft202012Validator

from toolbench.curation.judgements import Mark
from toolbench.model import (
    Call,
    Message,
    Node,
    Observation,
    Row,
    RowMeta,
    RowTool,
    Step,
    Task,
    Tool,
    Trace,
)
from toolbench.model.calendar import spelled
from toolbench.model.discovery import SEARCH, found_on
from toolbench.model.pointers import leaves
from toolbench.model.refusals import is_refusal
from toolbench.model.shown import observation_text, terms

SPEECH = ("finish", "ask", "decline", "confirm")
"""Steps that become a message of the assistant's."""

_TRANSIENT = (408, 425, 429)
"""HTTP statuses of failures that say nothing against the call."""


def exchanges(path: Sequence[Node]) -> Iterator[tuple[Call, Observation]]:
    """Yield the calls of a path with what came back."""
    for node in path:
        yield from zip(node.step.calls, node.step.observations, strict=False) if node.step else ()


class RowBuilder:
    """Builds and checks rows.

    Args:
        tools: definitions of the tools, by name.
    """

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = {
            name: RowTool(name=name, description=tool.description, parameters=tool.parameters)
            for name, tool in tools.items()
        }
        self._validators: dict[str, Draft202012Validator] = {}

    def build(self, trace: Trace, leaf: int, task: Task, marks: Mapping[str, Mark]) -> Row:
        """Return the row of a path. What the searcher showed the model of other paths is no part of it."""
        path = trace.path(leaf)
        confirmed = all(name in marks and marks[name].label == "pass" for name in ("executed", "goal"))
        meta = RowMeta(
            task=task.id,
            kind=task.kind,
            solution=task.solution,
            teacher=trace.provenance.teacher,
            executor=trace.provenance.executor,
            live=not trace.provenance.is_simulated,
            tainted=path[-1].tainted,
            verified=confirmed and trace.provenance.is_simulated,
            confidence=min([task.confidence, *(seen.confidence for _, seen in exchanges(path))]),
            verdicts={name: mark.label for name, mark in sorted(marks.items())},
        )
        messages = tuple(self.messages(trace, task, path))
        return Row(trace=trace.id, leaf=leaf, messages=messages, tools=self.tools(trace, task, path), meta=meta)

    def messages(
        self, trace: Trace, task: Task, path: Sequence[Node], wanted: Sequence[Node] | None = None
    ) -> list[Message]:
        """Return a path of a trace as messages.

        Args:
            trace: the trace.
            task: its task.
            path: nodes from the root on.
            wanted: a longer path whose needs decide what long observations keep; the path itself where not given.
        """
        # The planner's reasoning comes from templates: nothing to learn from.
        with_reasoning = trace.provenance.teacher != "planner"
        return list(_messages(task, path, _wanted(task, wanted or path), with_reasoning=with_reasoning))

    def tools(self, trace: Trace, task: Task, path: Sequence[Node]) -> tuple[RowTool, ...]:
        """Return the tools that a path is offered."""
        offered = (SEARCH, *found_on(path)) if task.discovery else trace.tools
        return tuple(self._tools[name] for name in offered if name in self._tools)

    def problems(self, row: Row) -> list[str]:
        """Return what is wrong with a row, in words; nothing when it is whole."""
        return [*_order_problems(row.messages), *self._call_problems(row)]

    def _call_problems(self, row: Row) -> Iterator[str]:
        offered = {tool.name: tool for tool in row.tools}
        if not any(message.train for message in row.messages):
            yield "no message is to be trained on"
        for call in (call for message in row.messages if message.train for call in message.calls):
            tool = offered.get(call.tool)
            if tool is None:
                yield f"{call.id} calls {call.tool}, which is not offered"
            elif not self._validator(tool).is_valid(call.arguments):
                yield f"the arguments of {call.id} ({call.tool}) are not valid"

    def _validator(self, tool: RowTool) -> Draft202012Validator:
        if tool.name not in self._validators:
            self._validators[tool.name] = Draft202012Validator(tool.parameters, validate_formats=True)
        return self._validators[tool.name]


def mistake(path: Sequence[Node], node: int, place: int) -> str:
    """Return why a call of the path's `node`-th node is a mistake, in a word, or nothing.

    A call is one when it could not be run as written, when a person did not allow it, or when it was turned down and
    the same tool was then called with other arguments and worked. A failure that passes by itself is the backend's; a
    404 that ends a search is news.
    """
    step = path[node].step
    if step is None or place >= len(step.observations):
        return ""
    call, seen = step.calls[place], step.observations[place]
    if is_refusal(seen):
        return "refused_by_person"
    if seen.status in ("invalid_arguments", "unknown_tool"):
        return seen.status
    refused = seen.status == "refused" or (seen.status == "http_error" and _is_callers_fault(seen.http_status))
    return "corrected_later" if refused and _was_corrected(call, path[node + 1 :]) else ""


def _is_callers_fault(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status not in _TRANSIENT


def _was_corrected(call: Call, later: Sequence[Node]) -> bool:
    return any(
        other.tool == call.tool and other.arguments != call.arguments and seen.status == "ok"
        for node in later
        if node.step
        for other, seen in zip(node.step.calls, node.step.observations, strict=False)
    )


def _late_offer(task: Task) -> int:
    """Return the place of the latest turn that brings other tools than the one before, 0 where none does.

    A row has one list of tools: what was said before they were all there was said with others.
    """
    offers = [set(turn.tools) for turn in task.turns]
    return max(
        (place for place, offer in enumerate(offers) if place and offer and offer != offers[place - 1]), default=0
    )


def _messages(task: Task, path: Sequence[Node], wanted: frozenset[str], *, with_reasoning: bool) -> Iterator[Message]:
    late, turn = _late_offer(task), 0
    for message in _spoken(task, path, wanted, with_reasoning=with_reasoning):
        turn += message.role == "user"
        untimely = message.role == "assistant" and turn <= late
        yield message.model_copy(update={"train": False, "reason": "other_tools"}) if untimely else message


def _spoken(task: Task, path: Sequence[Node], wanted: frozenset[str], *, with_reasoning: bool) -> Iterator[Message]:
    told = [f"Today is {spelled(task.today)}."] if task.today else []
    if told or task.system:
        yield Message(role="system", content="\n\n".join([task.system] * bool(task.system) + told))
    yield Message(role="user", content=task.turns[0].text)
    numbers = count(1)
    for place, node in enumerate(path):
        step = node.step
        if step is None or step.kind == "invalid":
            continue
        reasoning = step.reasoning if with_reasoning else ""
        if step.kind == "call":
            mistakes = [mistake(path, place, at) for at in range(len(step.calls))]
            ids = [f"call_{next(numbers)}" for _ in step.calls]
            yield from _calls(step, ids, mistakes, reasoning, wanted)
        elif step.kind == "user":
            yield Message(role="user", content=step.text)
        else:
            train = step.kind in SPEECH
            yield Message(role="assistant", content=step.text, reasoning=reasoning, train=train, reason=step.kind)


def _wanted(task: Task, path: Sequence[Node]) -> frozenset[str]:
    """Return what a reader of the path's observations needs: what the user spoke of, and what later calls took."""
    taken = (value for node in path if node.step for call in node.step.calls for _, value in leaves(call.arguments))
    words = frozenset(str(value).lower() for value in taken if isinstance(value, str | int) and len(str(value)) > 2)
    return terms(" ".join(turn.text for turn in task.turns)) | words


def _calls(
    step: Step, ids: Sequence[str], mistakes: Sequence[str], reasoning: str, wanted: frozenset[str]
) -> Iterator[Message]:
    wrong = next(filter(None, mistakes), "")
    yield Message(
        role="assistant",
        content=step.text or None,
        reasoning=reasoning,
        calls=tuple(
            Call(id=new, tool=call.tool, arguments=call.arguments) for new, call in zip(ids, step.calls, strict=True)
        ),
        train=not wrong,
        reason=wrong or "call",
    )
    for new, call, seen in zip(ids, step.calls, step.observations, strict=False):
        yield Message(role="tool", content=observation_text(seen, wanted), call=new, name=call.tool)


def _order_problems(messages: Sequence[Message]) -> Iterator[str]:
    """Yield what is wrong with the order of the roles and the pairing of calls and results."""
    spoken = [message for message in messages if message.role != "system"]
    if not spoken or spoken[0].role != "user":
        yield "the conversation does not begin with the user"
        return
    last = spoken[-1]
    if last.role != "assistant" or last.calls:
        yield "the last message is not the assistant's answer"
    yield from _pairing_problems(spoken)
    for one, after in pairwise(spoken):
        if one.role == after.role == "user":
            yield "the user speaks twice in a row"
        if one.role == "assistant" and not one.calls and after.role != "user":
            yield f"the assistant's answer is followed by {after.role}"


def _pairing_problems(messages: Sequence[Message]) -> Iterator[str]:
    known: set[str] = set()
    pending: list[str] = []
    for message in messages:
        if message.role == "tool":
            if pending[:1] != [message.call]:
                yield f"a result of {message.call or 'no call'} stands where it does not belong"
            pending = pending[1:]
            continue
        if pending:
            yield f"{', '.join(pending)} without result"
        if message.role == "assistant" and not message.calls and not (message.content or "").strip():
            yield "the assistant neither speaks nor calls"
        pending = [call.id for call in message.calls]
        if known & set(pending) or len(set(pending)) < len(pending):
            yield f"the ids {', '.join(pending)} are used twice"
        known.update(pending)
    if pending:
        yield f"{', '.join(pending)} without result"
