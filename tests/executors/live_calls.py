"""Calls of one API's tools through the live executor, one after the other."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from executors.live_server import TASK

from toolbench.executors._access import Access, Limits, program
from toolbench.executors.live import LiveExecutor
from toolbench.model import Api, Call, Observation


class Live:
    """Runs calls on one path; all is allowed but hosts, which must be named. Programs are those that the API needs."""

    def __init__(
        self,
        api: Api,
        cassette: Path,
        *,
        programs: Iterable[str] | None = None,
        hosts: Iterable[str] = (),
        environ: Mapping[str, str] = os.environ,
        **limits: float,
    ) -> None:
        needed = {program(tool.binding) for tool in api.tools} if programs is None else programs
        access = Access(frozenset(hosts), writes=True, destructive=True, programs=frozenset(needed))
        bounds = Limits(**{"per_second": 1e9, **limits})
        self.api = api
        self.executor = LiveExecutor([api], access, cassette, limits=bounds, environ=environ)
        self.state = None

    async def __call__(self, name: str, /, **arguments: object) -> Observation:
        self.state = self.state or await self.executor.start(TASK)
        call = Call(id="c", tool=f"{self.api.id}_{name}", arguments=arguments)
        observation, self.state = await self.executor.call(call, self.state)
        return observation


def message(observation: Observation) -> str:
    return observation.body["error"]["message"]
