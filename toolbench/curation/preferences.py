"""Preference pairs and labelled paths from whole trees, after what was verified of their steps."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import TypeAlias

from toolbench.curation.labels import Labels
from toolbench.curation.rows import RowBuilder
from toolbench.model import Node, Task, Trace
from toolbench.model.example import LabelledPath, LabelledStep, Origin, Pair
from toolbench.model.row import Message

_Split: TypeAlias = Callable[[int], tuple[list[Message], list[Message]]]


class ExampleBuilder:
    """Makes examples of labelled trees.

    Args:
        rows: puts paths into messages.
    """

    def __init__(self, rows: RowBuilder) -> None:
        self._rows = rows

    def pairs(self, trace: Trace, task: Task, labels: Labels) -> Iterator[Pair]:
        """Yield each right step of a tree against each wrong one from the same place.

        A step that says and calls nothing cannot be a message: giving up, or an answer that could not be read.
        """
        split = self._splitter(trace, task)
        for siblings in _siblings(trace).values():
            right = [node for node in siblings if node.id in labels.right]
            wrong = [node for node in siblings if node.id in labels.wrong]
            for chosen, rejected in product(right, wrong):
                pair = self._pair(trace, task, labels, chosen, rejected, split)
                if pair is not None:
                    yield pair

    def _pair(
        self, trace: Trace, task: Task, labels: Labels, chosen: Node, rejected: Node, split: _Split
    ) -> Pair | None:
        prompt, good = split(chosen.id)
        _, bad = split(rejected.id)
        if not (_says(good) and _says(bad)) or _same(good[0], bad[0]) or not prompt or prompt[-1].role == "assistant":
            return None
        return Pair(
            trace=trace.id,
            chosen_node=chosen.id,
            rejected_node=rejected.id,
            leaf=labels.right[chosen.id],
            prompt=tuple(prompt),
            chosen=good[0],
            rejected=bad[0],
            fault=labels.wrong[rejected.id],
            tools=self._rows.tools(trace, task, trace.path(chosen.id)[:-1]),
            origin=_origin(trace, task),
        )

    def paths(self, trace: Trace, task: Task, labels: Labels) -> Iterator[LabelledPath]:
        """Yield the paths of a tree whose steps are known to be right or wrong, each cut before one that is not."""
        seen: set[tuple[int, ...]] = set()
        split = self._splitter(trace, task)
        for leaf in trace.leaves():
            path = trace.path(leaf)
            steps = list(_steps(path, labels, split))
            key = tuple(step.node for step in steps)
            if steps and key not in seen:
                seen.add(key)
                prompt, _ = split(path[1].id)
                tools = self._rows.tools(trace, task, path)
                yield LabelledPath(
                    trace=trace.id, leaf=leaf, prompt=tuple(prompt), steps=tuple(steps), tools=tools,
                    origin=_origin(trace, task),
                )  # fmt: skip

    def _splitter(self, trace: Trace, task: Task) -> _Split:
        """Return what gives the conversation before a node's step, and what the step adds to it; each is made once."""

        @cache
        def split(node: int) -> tuple[list[Message], list[Message]]:
            path = trace.path(node)
            whole = self._rows.messages(trace, task, path)
            before = self._rows.messages(trace, task, path[:-1], wanted=path)
            return before, whole[len(before) :]

        return split


def _steps(path: Sequence[Node], labels: Labels, split: _Split) -> Iterator[LabelledStep]:
    for node in path[1:]:
        known = node.id in labels.right or node.id in labels.wrong
        if not known or (node.step and node.step.kind == "user"):
            return
        _, messages = split(node.id)
        if not _says(messages):
            return
        yield LabelledStep(
            node=node.id,
            message=messages[0],
            results=tuple(messages[1:]),
            right=node.id in labels.right,
            fault=labels.wrong.get(node.id),
        )


def _siblings(trace: Trace) -> Mapping[int, list[Node]]:
    found: dict[int, list[Node]] = {}
    for node in trace.nodes:
        if node.parent is not None and node.status != "pruned":
            found.setdefault(node.parent, []).append(node)
    return found


def _says(messages: Sequence[Message]) -> bool:
    return bool(messages) and messages[0].role == "assistant" and bool(messages[0].calls or messages[0].content)


def _same(one: Message, other: Message) -> bool:
    """Tell whether two steps do or say the same, whatever was thought beside it."""
    calls = [[(call.tool, call.arguments) for call in message.calls] for message in (one, other)]
    return calls[0] == calls[1] and (bool(one.calls) or one.content == other.content)


def _origin(trace: Trace, task: Task) -> Origin:
    made = trace.provenance
    return Origin(task=task.id, kind=task.kind, teacher=made.teacher, executor=made.executor)
