"""A path without one of its calls, executed anew."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from toolbench.model import Case, Node, Observation, Replayer
from toolbench.model.refusals import replayed


def without(case: Case, place: int, replayer: Replayer) -> Case:
    """Return a case that lacks a call, its other calls executed anew: observations and states are what they give then.

    Args:
        case: the case.
        place: which of its calls to leave out, from 0.
        replayer: what executes the others.
    """
    path: list[Node] = []
    done = 0
    for node in case.path:
        step = node.step
        if step is None or not step.calls:
            path.append(node)
            continue
        kept = [at for at in range(len(step.calls)) if done + at != place]
        done += len(step.calls)
        if kept:
            calls = tuple(step.calls[at] for at in kept)
            seen = tuple(step.observations[at] for at in kept if at < len(step.observations))
            shorter = step.model_copy(update={"calls": calls, "observations": seen})
            path.append(node.model_copy(update={"step": shorter}))
    replay = replayed(path, partial(replayer.replay, case.task))
    return replace(case, path=tuple(_seeing(path, replay.observations)), replay=replay)


def _seeing(path: Sequence[Node], observations: Sequence[Observation]) -> Iterator[Node]:
    """Yield the nodes with what their calls give now."""
    seen = iter(observations)
    for node in path:
        if node.step is None or not node.step.calls:
            yield node
            continue
        again = node.step.model_copy(update={"observations": tuple(next(seen) for _ in node.step.calls)})
        yield node.model_copy(update={"step": again})
