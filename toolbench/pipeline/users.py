"""The models that speak for the user: one writes the instructions, one goes on with the conversation."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import endpoint
from toolbench.store import Run
from toolbench.user.rewording import Rewording


@asynccontextmanager
async def rewording(run: Run, config: RunConfig, name: str) -> AsyncGenerator[Rewording | None, None]:
    """Open a model that puts the user's words into its own; none where no name is given.

    Its answers go into the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    if not name:
        yield None
        return
    from toolbench.llm.journal import Journal, JournaledModel

    async with endpoint(config, name, config.user_url or config.base_url) as model:
        with Journal(run.journal_path) as journal:
            yield Rewording(JournaledModel(model, journal))
