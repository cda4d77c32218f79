"""Right and wrong steps of a tree, told from what was verified; what was not explored is neither.

A step is wrong where its violation is proven at once: a call that could not be run as written, an answer that is no
step, an end that an evaluator fails. Else it is right where a path below it passes all evaluators. Else it is wrong
where as many steps as the search tries were tried from it, and all are wrong or give up; not where a person refused it,
for nobody knows where it would have led. Giving up is wrong where
another step from the same place is right: elsewhere it may be all there was left to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolbench.curation.judgements import DEFAULT_EVALUATORS, Judgements
from toolbench.model import Node, Trace
from toolbench.model.example import Fault
from toolbench.model.refusals import is_refusal


@dataclass(slots=True)
class Labels:
    """What is known of a tree's steps, by the ids of the trace's nodes; a node that is in neither is unlabelled."""

    right: dict[int, int] = field(default_factory=dict[int, int])
    """Right steps, each with a leaf below it whose path passes."""
    wrong: dict[int, Fault] = field(default_factory=dict[int, Fault])
    """Wrong steps, each with its fault."""


def label(
    trace: Trace, judgements: Judgements, width: int | None, evaluators: Sequence[str] = DEFAULT_EVALUATORS
) -> Labels:
    """Return the labels of a trace's steps.

    Args:
        trace: the trace.
        judgements: what the evaluators said of its answered paths.
        width: how many steps the search tries from a place; None where it does not come back to any.
        evaluators: those that a path must pass.
    """
    return _Labeller(trace, judgements, width, evaluators).labels()


class _Labeller:
    def __init__(self, trace: Trace, judgements: Judgements, width: int | None, evaluators: Sequence[str]) -> None:
        self._trace, self._judgements, self._width, self._evaluators = trace, judgements, width, evaluators
        self._children: Mapping[int, list[Node]] = {node.id: [] for node in trace.nodes}
        for node in trace.nodes:
            if node.parent is not None:
                self._children[node.parent].append(node)

    def labels(self) -> Labels:
        """Return the labels: children come after their parents, so from the last node to the first."""
        found = Labels()
        for node in reversed(self._trace.nodes):
            self._label(node, found)
        for siblings in self._children.values():
            if any(node.id in found.right for node in siblings):
                found.wrong.update((node.id, "gave_up") for node in siblings if _gives_up(node))
        return found

    def _label(self, node: Node, found: Labels) -> None:
        if (fault := self._violation(node)) is not None:
            found.wrong[node.id] = fault
            return
        leaf = self._good_leaf(node, found)
        if leaf is not None:
            found.right[node.id] = leaf
        elif self._is_exhausted(node, found):
            found.wrong[node.id] = "exhausted"

    def _violation(self, node: Node) -> Fault | None:
        step = node.step
        if step is None or step.kind == "user":
            return None
        for seen in step.observations:
            if seen.status in ("invalid_arguments", "unknown_tool"):
                return "invalid_arguments" if seen.status == "invalid_arguments" else "unknown_tool"
        if step.kind == "invalid":
            return "unusable"
        return "wrong_end" if self._is_end(node) and "fail" in self._verdicts(node) else None

    def _good_leaf(self, node: Node, found: Labels) -> int | None:
        if self._is_end(node):
            verdicts = self._verdicts(node)
            return node.id if len(verdicts) == len(self._evaluators) and set(verdicts) == {"pass"} else None
        leaves = (found.right.get(child.id) for child in self._children[node.id])
        return next((leaf for leaf in leaves if leaf is not None), self._recovered(node, found))

    def _recovered(self, node: Node, found: Labels) -> int | None:
        """Return a good leaf below a wrong child: an error was made there, and made good."""
        for child in self._children[node.id]:
            below = self._good_leaf(child, found) if child.id in found.wrong and not self._is_end(child) else None
            if below is not None:
                return below
        return None

    def _is_exhausted(self, node: Node, found: Labels) -> bool:
        tried = [child for child in self._children[node.id] if child.status != "pruned"]
        if node.step and any(map(is_refusal, node.step.observations)):
            return False
        if self._width is None or node.step is None or node.step.kind == "user" or self._is_end(node):
            return False
        wanted = 1 if any(child.step and child.step.kind == "user" for child in tried) else self._width
        return len(tried) >= wanted and all(child.id in found.wrong or _gives_up(child) for child in tried)

    def _is_end(self, node: Node) -> bool:
        return node.status == "answered" and not self._children[node.id]

    def _verdicts(self, node: Node) -> list[str]:
        marks = self._judgements.marks(self._trace.id, node.id)
        return [marks[name].label for name in self._evaluators if name in marks]


def _gives_up(node: Node) -> bool:
    return node.step is not None and node.step.kind == "give_up"
