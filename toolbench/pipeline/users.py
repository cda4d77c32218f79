"""The models that speak for the user: one writes the instructions, one goes on with the conversation."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import endpoint
from toolbench.store import Run
from toolbench.user.rewording import Rewording
from toolbench.user.simulator import SimulatedUser
from toolbench.user.writer import Writer
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape


@asynccontextmanager
async def writer(run: Run, config: RunConfig, landscape: Landscape) -> AsyncGenerator[Writer | None, None]:
    """Open the writer a run asks for; none where the grammar writes. Its answers go into the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    if not config.writer:
        yield None
        return
    async with _rewording(run, config, config.writer) as rewording:
        yield Writer(rewording, WorldReplayer(landscape), config.seed)


@asynccontextmanager
async def simulated_user(
    run: Run, config: RunConfig, landscape: Landscape
) -> AsyncGenerator[SimulatedUser | None, None]:
    """Open the user a run asks for; none where turns are said as scripted. Its answers go into the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    if not config.user:
        yield None
        return
    async with _rewording(run, config, config.user) as rewording:
        yield SimulatedUser(rewording, WorldReplayer(landscape), config.seed)


@asynccontextmanager
async def _rewording(run: Run, config: RunConfig, name: str) -> AsyncGenerator[Rewording, None]:
    from toolbench.llm.journal import Journal, JournaledModel

    async with endpoint(config, name, config.user_url or config.base_url) as model:
        with Journal(run.journal_path) as journal:
            yield Rewording(JournaledModel(model, journal))
