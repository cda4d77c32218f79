"""A path without one of its calls, executed anew."""

from dataclasses import replace

from toolbench.model import Case, Node, Replayer


def without(case: Case, place: int, replayer: Replayer) -> Case:
    """Return a case that lacks a call, its other calls executed anew: observations and states are what they give then.

    Args:
        case: the case.
        place: which of its calls to leave out, from 0.
        replayer: what executes the others.
    """
    kept = [call for at, call in enumerate(case.calls()) if at != place]
    replay = replayer.replay(case.task, kept)
    seen = iter(replay.observations)
    path: list[Node] = []
    done = 0
    for node in case.path:
        step = node.step
        if step is None or not step.calls:
            path.append(node)
            continue
        calls = tuple(call for at, call in enumerate(step.calls, done) if at != place)
        done += len(step.calls)
        if calls:
            again = step.model_copy(update={"calls": calls, "observations": tuple(next(seen) for _ in calls)})
            path.append(node.model_copy(update={"step": again}))
    return replace(case, path=tuple(path), replay=replay)
