"""Calls that a person refused: they were never made, so they are not executed anew either."""

from collections.abc import Callable, Iterator, Sequence

from toolbench.model.ports import Replay
from toolbench.model.trace import Call, Node, Observation


def is_refusal(seen: Observation) -> bool:
    """Tell whether an observation is a person's refusal of the call."""
    return seen.source == "person" and seen.status == "refused"


def replayed(path: Sequence[Node], run: Callable[[Sequence[Call]], Replay]) -> Replay:
    """Return what a path's calls give when they are executed anew; what a person refused stands as it is recorded.

    Args:
        path: nodes from the root on.
        run: executes calls in order, from the task's initial state.
    """
    pairs = list(_pairs(path))
    made = run([call for call, refusal in pairs if refusal is None])
    if all(refusal is None for _, refusal in pairs):
        return made
    observations: list[Observation] = []
    states = [made.states[0]]
    wrote: list[bool] = []
    done = 0
    for _, refusal in pairs:
        done += refusal is None
        observations.append(made.observations[done - 1] if refusal is None else refusal)
        states.append(made.states[done])
        wrote.append(refusal is None and made.wrote[done - 1])
    return Replay(tuple(observations), tuple(states), made.changes, tuple(wrote))


def _pairs(path: Sequence[Node]) -> Iterator[tuple[Call, Observation | None]]:
    """Yield each call, with the refusal that answers it, if one does."""
    for step in (node.step for node in path if node.step):
        for place, call in enumerate(step.calls):
            seen = step.observations[place] if place < len(step.observations) else None
            yield call, seen if seen is not None and is_refusal(seen) else None
