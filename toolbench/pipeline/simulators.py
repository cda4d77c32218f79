"""The simulator a run asks for, and the answers it left on record."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from toolbench.llm.journal import Journal
from toolbench.model import is_object
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import endpoint
from toolbench.simulator.simulator import RecordedAnswers, Simulator, recorded_in
from toolbench.store import Run


@asynccontextmanager
async def simulator(run: Run, config: RunConfig) -> AsyncGenerator[Simulator | None, None]:
    """Open the simulator a run asks for; none where it asks for none. Its answers go into the run's journal.

    Raises:
        UnreachableError: the endpoint cannot be reached, or does not serve the model.
    """
    if not config.simulate:
        yield None
        return
    async with endpoint(config, config.simulate, config.simulate_url or config.base_url) as model:
        with Journal(run.journal_path) as journal:
            yield Simulator(model, journal, str(run.journal_path))


def recorded_answers(run: Run) -> RecordedAnswers | None:
    """Return the simulated answers of a run; None where it has no simulator.

    Raises:
        RunError: the run had one, and its journal is missing.
    """
    config = run.read_config()
    name = config.get("simulate") if is_object(config) else None
    return recorded_in(run.journal_path, str(name)) if name else None
