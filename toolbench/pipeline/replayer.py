"""The replayer of a run: worlds made anew from the API descriptions that the run keeps."""

from toolbench.errors import RunError
from toolbench.store import Run
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape


def open_replayer(run: Run) -> WorldReplayer:
    """Return what replays a run's calls.

    Raises:
        RunError: the run does not hold its APIs.
    """
    run.require()
    apis = list(run.apis)
    if not apis:
        raise RunError("the run holds no APIs", where=str(run.apis.path), hint="Start a new run.")
    return WorldReplayer(Landscape(apis))
