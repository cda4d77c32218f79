"""The stages as functions of a run: what `import toolbench` offers."""

from pathlib import Path
from typing import Any

from toolbench.agent.review import Reviewer
from toolbench.events import Sink, ignore
from toolbench.pipeline import curate as curating
from toolbench.pipeline import evaluate as evaluating
from toolbench.pipeline import generate as generating
from toolbench.pipeline import save_as as saving
from toolbench.pipeline.config import run_config
from toolbench.pipeline.replayer import open_replayer
from toolbench.specs import open_catalogue
from toolbench.store import Run


def load_run(path: str | Path) -> Run:
    """Return a run that is there: its `tasks`, `traces`, `verdicts`, … are iterables of records.

    Raises:
        RunError: there is none.
    """
    run = Run(Path(path))
    run.require()
    return run


def generate(path: str | Path, *, sink: Sink = ignore, reviewer: Reviewer | None = None, **settings: Any) -> Run:
    """Make tasks and traces; a run that is there is taken up.

    Args:
        path: folder of the run.
        sink: receives events.
        reviewer: who approves each step that destroys something or is taken for real, before it is; a run
            that was begun with one asks for one again, unless `review=False` is given.
        settings: fields of `toolbench.pipeline.config.RunConfig`: `apis` (all of the catalogue by default), `count`,
            `seed`, `model`, `base_url`, `searcher`, `concurrency`, …

    Raises:
        InputError: something asked for is not there, or the run is another one.
        WorkError: no more tasks can be made of these APIs.
    """
    folder = Path(path)
    if reviewer is not None:
        settings.setdefault("review", True)
    if "apis" not in settings and not (folder / "run.yaml").is_file():
        settings["apis"] = open_catalogue().ids()
    if "apis" in settings:
        settings["apis"] = tuple(settings["apis"])
    generating.generate(folder, run_config(folder, settings), sink=sink, reviewer=reviewer)
    return load_run(folder)


def evaluate(run: Run, *, sink: Sink = ignore) -> evaluating.EvaluationSummary:
    """Execute every answered path again and judge it.

    Raises:
        RunError: the run does not hold together.
        WorkError: it has no traces.
    """
    return evaluating.evaluate(run, open_replayer(run), sink=sink)


def curate(run: Run) -> curating.CurationSummary:
    """Keep the paths that pass, each task once.

    Raises:
        RunError: the run has not been judged.
        WorkError: nothing was kept.
    """
    return curating.curate(run)


def save_as(
    run: Run,
    format: str,  # noqa: A002
    *,
    name: str | None = None,
) -> saving.DatasetSummary | saving.TreesSummary | saving.AnswersSummary:
    """Write what was kept, or what whole trees teach, as a data set in a trainer's format.

    Raises:
        InputError: there is no such format, or the run was not curated.
        WorkError: there is no row.
    """
    return saving.save_as(run, format, name=name)
