"""The replayer of a run: worlds made anew from the API descriptions that the run keeps."""

from toolbench.errors import RunError
from toolbench.pipeline.simulators import recorded_answers
from toolbench.store import Run
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape


def open_replayer(run: Run) -> WorldReplayer:
    """Return what replays a run's calls.

    Calls that a model answered get the answers in the run's journal; nobody is asked.

    Raises:
        RunError: the run does not hold its APIs, or its journal where it needs one.
    """
    run.require()
    apis = list(run.apis)
    if not apis:
        raise RunError("the run holds no APIs", where=str(run.apis.path), hint="Start a new run.")
    return WorldReplayer(Landscape(apis), recorded_answers(run))
