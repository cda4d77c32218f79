"""Opening a run's review: who reviews, and the checkpoints from which it is taken up."""

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from toolbench.agent.review import Review, Reviewer
from toolbench.errors import ConfigError
from toolbench.pipeline.config import RunConfig
from toolbench.store import Run


def check_reviewer(config: RunConfig, reviewer: Reviewer | None) -> None:
    """Raise ConfigError where a run is to be reviewed, and nobody is there to do it."""
    if config.review and reviewer is None:
        hint = "Hand one in: `generate(…, reviewer=…)`; or say `review=False`."
        raise ConfigError("the run is reviewed, and there is no reviewer", hint=hint)


@asynccontextmanager
async def reviewing(
    run: Run, config: RunConfig, reviewer: Reviewer | None, done: Collection[str]
) -> AsyncGenerator[Review | None]:
    """Open a run's review; none where it asks for none.

    Args:
        run: the run.
        config: its configuration.
        reviewer: who reviews.
        done: ids of the traces that are there; their checkpoints are deleted.

    Raises:
        RunError: the checkpoints cannot be opened.
    """
    if not config.review or reviewer is None:
        yield None
        return
    from toolbench.agent.checkpoints import Checkpoints

    with Checkpoints(run.journal_path) as checkpoints:
        for trace in set(checkpoints.threads()).intersection(done):
            checkpoints.delete_thread(trace)
        yield Review(reviewer, checkpoints)
