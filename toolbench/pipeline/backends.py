"""What a run's calls run against, by name: the simulation, the real APIs, a recording of them, an outside executor."""

import shlex
import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TypeAlias

from toolbench import plugins
from toolbench.errors import ConfigError, RunError
from toolbench.executors._access import Access, Limits, program
from toolbench.executors._hosts import Hosts, servers_of
from toolbench.executors.base import Executor
from toolbench.model import Api, Task
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.simulators import simulator
from toolbench.store import Run
from toolbench.world.world import Landscape

Backend: TypeAlias = Callable[[Task], Executor]
"""Gives the executor for a task. A simulated one makes the task's world; a real one is the same for all."""


def check_backend(run: Run, config: RunConfig, apis: Iterable[Api]) -> None:
    """Raise InputError unless a run's backend can serve it, before anything is made."""
    plugins.load("executors", config.executor)
    if config.executor not in ("live", "replay"):
        return
    if config.model == "planner":
        hint = "Name a model: `--model NAME --base-url URL`."
        raise ConfigError(f"the planner knows its way in the simulation only, not for `{config.executor}`", hint=hint)
    simulated = {"--faults": config.faults != "none", "--grant": config.granted, "--simulate": config.simulate}
    for option in (name for name, value in simulated.items() if value):
        raise ConfigError(f"`{option}` is the simulation's, not for `{config.executor}`", hint="Leave it out.")
    if config.executor == "live":
        check_access(apis, access(config))
    elif not cassette(run, config).is_file():
        hint = "Name the one of a live run: `--cassette RUN/cassette.jsonl`."
        raise RunError("no cassette is here to replay", where=str(cassette(run, config)), hint=hint)


def check_access(apis: Iterable[Api], allowed: Access) -> None:
    """Raise ConfigError unless each API has a server that may be called; the message names the servers there are."""
    apis = tuple(apis)
    if unknown := sorted(set(allowed.base_urls) - {api.id for api in apis}):
        known = ", ".join(api.id for api in apis)
        raise ConfigError(f"a server is given for {unknown[0]!r}, which is none of the APIs", hint=f"They are: {known}")
    if allowed.destructive and not allowed.writes:
        hint = "Add `--allow-writes`, or leave it out."
        raise ConfigError("`--allow-destructive` allows nothing without `--allow-writes`", hint=hint)
    _check_programs(apis, allowed)
    hosts = Hosts(allowed.hosts)
    served = [api for api in apis if any(tool.binding.kind == "http" for tool in api.tools)]
    closed = [api for api in served if not any(map(hosts.permits, servers_of(api, allowed.base_urls)))]
    if not closed:
        return
    names = [url.netloc.decode("ascii") for api in closed for url in servers_of(api, allowed.base_urls)]
    options = " ".join(f"--allow-host {name}" for name in dict.fromkeys(names))
    nameless = [api.id for api in closed if not servers_of(api, allowed.base_urls)]
    # No full stop at the end: it would be copied with the host.
    ways = [f"The description of {api} names no server: give `--server {api}=URL`" for api in nameless]
    ways += [f"Allow what may be called of: {options}"] if options else []
    raise ConfigError(f"no server of {', '.join(api.id for api in closed)} may be called", hint="; ".join(ways))


def _check_programs(apis: Iterable[Api], allowed: Access) -> None:
    needed = {name for api in apis for tool in api.tools if (name := program(tool.binding))}
    if closed := sorted(needed - allowed.programs):
        options = " ".join(f"--allow-program {shlex.quote(name)}" for name in closed)
        raise ConfigError(f"{closed[0]} may not be run on this machine", hint=f"Allow what may be run of: {options}")


def access(config: RunConfig) -> Access:
    """Return what a configuration allows."""
    return Access(
        frozenset(config.allow_hosts),
        config.allow_writes,
        config.allow_destructive,
        config.servers,
        frozenset(config.allow_programs),
    )


def cassette(run: Run, config: RunConfig) -> Path:
    """Return where live calls of a run are recorded, or replayed from."""
    return config.cassette or run.path / "cassette.jsonl"


@asynccontextmanager
async def backend(run: Run, config: RunConfig, landscape: Landscape) -> AsyncGenerator[Backend]:
    """Open what a run's calls run against. An executor from outside is made as the simulation's, one for each task.

    Raises:
        InputError: there is no such executor, or it cannot be opened.
    """
    match config.executor:
        case "mock":
            from toolbench.executors.mock import MockExecutor

            async with simulator(run, config) as simulate:
                yield lambda task: MockExecutor(landscape, task, simulate)
        case "live":
            from toolbench.executors.live import LiveExecutor

            limits = Limits(per_second=config.per_second, seconds=config.timeout, size=config.max_body)
            file = cassette(run, config)
            async with LiveExecutor(landscape.apis.values(), access(config), file, limits=limits) as live:
                yield lambda _: live
        case "replay":
            from toolbench.executors.replay import ReplayExecutor

            replay = ReplayExecutor(landscape.apis.values(), cassette(run, config))
            yield lambda _: replay
        case name:
            kind = plugins.load("executors", name)
            yield lambda task: kind(landscape, task)


def borrow_journal(run: Run, config: RunConfig) -> None:
    """Give a replay the model's answers that lie beside the cassette, so that the model need not be asked again."""
    beside = cassette(run, config).parent / run.journal_path.name
    if run.journal_path.exists() or not beside.is_file():
        return
    try:
        with closing(sqlite3.connect(beside)) as there, closing(sqlite3.connect(run.journal_path)) as here:
            there.backup(here)
    except sqlite3.Error as error:
        run.journal_path.unlink(missing_ok=True)
        raise RunError(f"the journal cannot be read: {error}", where=str(beside)) from error
