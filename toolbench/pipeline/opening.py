"""Opening a run for work: what is asked for is checked, and held against what the run holds already."""

import inspect
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from searchers.base import Searcher
from toolbench import plugins
from toolbench.errors import ConfigError, RunError
from toolbench.events import Event, Sink, as_json
from toolbench.model import Api, canonical
from toolbench.model.discovery import SEARCH, SEARCH_TOOL
from toolbench.pipeline.backends import check_backend
from toolbench.pipeline.config import IMPORTED, OF_TASKS, RunConfig, settle
from toolbench.pipeline.models import weights
from toolbench.pipeline.teachers import PLANNER
from toolbench.registry import Catalogue
from toolbench.specs import open_catalogue
from toolbench.store import Lines, Run, write_whole
from toolbench.tasks.kinds import WITHHOLDING
from toolbench.tasks.sampling import check_mix
from toolbench.world.access import check_granted
from toolbench.world.faults import Faults
from toolbench.world.world import Landscape

_OF_SAMPLED = sorted((OF_TASKS | {"user"}) - {"seed", "executor"})
"""Settings that say nothing to tasks that were not sampled."""

_BOUNDS = ("width", "max_depth", "max_queries", "max_calls", "max_tokens", "max_cost", "solutions", "compat")
"""Settings that are a searcher's parameters."""


class Record:
    """Hands events on, and keeps them in the run with the time they happened."""

    def __init__(self, run: Run, sink: Sink) -> None:
        self._lines, self._sink = Lines(run.events_path), sink

    def __call__(self, event: Event) -> None:
        """Keep an event and hand it on."""
        self._lines.append(canonical({**as_json(event), "at": round(time.time(), 3)}))
        self._sink(event)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()


def open_run(path: Path, config: RunConfig, sink: Sink, catalogue: Catalogue | None) -> tuple[Run, Landscape, Record]:
    """Open a run; return it with its APIs and what keeps its events.

    Raises:
        InputError: something asked for is not there, or the run is another one.
    """
    run = Run(path)
    make_searcher(config)
    _check_teacher(config)
    held = weights(config)
    if config.tasks == IMPORTED:
        check_imported(run, config)
        settle(run, config, [], held)
        return run, Landscape(run.apis), Record(run, sink)
    source = catalogue or open_catalogue()
    apis = [_living(source, name) for name in sorted(set(config.apis))]
    Faults(config.faults, config.seed)
    check_mix(config.mix)
    _check_discovery(config)
    check_granted(apis, config.granted or ())
    check_backend(run, config, apis)
    run.make()
    settle(run, config, apis, held)
    _keep_apis(run, apis)
    return run, Landscape(apis), Record(run, sink)


def _check_teacher(config: RunConfig) -> None:
    if config.errors != "low" and config.model != PLANNER:
        raise ConfigError("`--errors` is the planner's; a model errs as it does", hint="Leave it out.")
    if config.price and config.model == PLANNER:
        raise ConfigError("`--price` is a model's, and the planner is none", hint="Leave it out.")
    if config.valuer == "llm" and config.model == PLANNER:
        hint = "Name one: `--model NAME --base-url URL`; or leave `--valuer` out."
        raise ConfigError("`--valuer llm` asks the teacher's model, and the planner is none", hint=hint)


def _check_discovery(config: RunConfig) -> None:
    if not config.discovery:
        return
    withheld = sorted(kind for kind, share in config.mix.items() if share > 0 and kind in WITHHOLDING)
    if withheld:
        raise ConfigError(
            f"--open-domain: a search finds the tools that tasks of the kind {withheld[0]} are about to lack",
            hint="Leave the kind out of the mix.",
        )
    if config.executor != "mock":
        raise ConfigError("--open-domain: tools are searched for in the simulation only", hint="Use `--executor mock`.")


def check_imported(run: Run, config: RunConfig) -> None:
    """Raise InputError unless a run holds imported tasks that can be explored as asked."""
    where, held = str(run.path), len(run.tasks.ids())
    if not held:
        raise RunError(
            "the run holds no imported tasks", where=where, hint="Import some: `toolbench tasks RUN --from FILE`."
        )
    if config.model == PLANNER:
        hint = "Name a model: `--model NAME --base-url URL`. Without one, try it out with `toolbench scripted`."
        raise ConfigError("imported tasks have no gold for the planner to follow", where=where, hint=hint)
    if config.count > held:
        hint = "Leave out `-n`, or import more with `toolbench tasks RUN --from FILE`."
        raise ConfigError(f"{config.count} tasks are asked for, and {held} were imported", where=where, hint=hint)
    plain = RunConfig()
    given = (name for name in _OF_SAMPLED if getattr(config, name) != getattr(plain, name))
    if name := next(given, ""):
        hint = "Leave it out."
        raise ConfigError(f"`{name}` is of no use to imported tasks: they are as they came", where=where, hint=hint)
    plugins.load("executors", config.executor)
    if config.executor in ("live", "replay"):
        hint = "Leave out `--executor`: the simulation answers."
        raise ConfigError("imported tools are only described; nothing says how to call them", where=where, hint=hint)


def _living(catalogue: Catalogue, name: str) -> Api:
    """Return an API without the tools that are marked as dead."""
    api, dead = catalogue.api(name), catalogue.dead(name)
    return api.model_copy(update={"tools": tuple(tool for tool in api.tools if tool.name not in dead)}) if dead else api


def _keep_apis(run: Run, apis: Iterable[Api]) -> None:
    if not run.apis.path.exists():
        write_whole(run.apis.path, b"".join(api.model_dump_json().encode() + b"\n" for api in apis))


def make_searcher(config: RunConfig) -> Searcher:
    """Return the searcher a run asks for, with the bounds that are given; its own defaults take the place of others.

    Raises:
        PluginError: there is no such searcher.
        ConfigError: it does not know one of the bounds, or cannot be made with them.
    """
    kind = plugins.load("searchers", config.searcher)
    given = {name: value for name in _BOUNDS if (value := getattr(config, name)) is not None}
    known = inspect.signature(kind).parameters
    if unknown := [name for name in given if name not in known]:
        hint = f"It knows: {', '.join(map(_option, (name for name in _BOUNDS if name in known)))}"
        raise ConfigError(f"the searcher {config.searcher} does not know {_option(unknown[0])}", hint=hint)
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"searcher {config.searcher}: {error}") from error


def _option(bound: str) -> str:
    return f"`--{bound.replace('_', '-')}`"


@contextmanager
def tool_writer(run: Run, landscape: Landscape) -> Generator[Callable[[Iterable[str]], None]]:
    """Open what writes the definitions of tools to a run, each once."""
    known = set(run.tools.ids("name"))
    with run.tools.writer() as writer:

        def add(names: Iterable[str]) -> None:
            for name in names:
                if name not in known:
                    writer.add(SEARCH_TOOL if name == SEARCH else landscape.tool(name))
                    known.add(name)

        yield add
