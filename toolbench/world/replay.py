"""Calls executed anew, from a task's initial state, in a fresh world."""

from collections.abc import Sequence
from functools import lru_cache

from toolbench.model import Call, Json, Observation, Replay, Task
from toolbench.model.discovery import SEARCH, SEARCH_TOOL
from toolbench.model.trace import ObservationStatus
from toolbench.retrieval import Shelf, find
from toolbench.world.answers import Response
from toolbench.world.simulated import Answers, is_open, settled
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

_INVALID = (400, 422)


class WorldReplayer:
    """Replays calls of tasks that live in one landscape.

    Args:
        landscape: the APIs of the run.
        answers: simulated answers on record, where some calls were answered so.
    """

    def __init__(self, landscape: Landscape, answers: Answers | None = None) -> None:
        self._landscape, self._answers = landscape, answers
        self._world = lru_cache(maxsize=8)(self._make)

    def _make(
        self, apis: tuple[str, ...], seed: int, faults: str, granted: tuple[str, ...] | None, shelf: Shelf | None
    ) -> World:
        return World(self._landscape.part(apis), seed, faults, granted, shelf)

    def replay(self, task: Task, calls: Sequence[Call]) -> Replay:
        """Return what the calls give, in order, from the task's initial state."""
        shelf = self._landscape.shelf if task.discovery else None
        world = self._world(task.apis, task.world_seed, task.faults, task.granted, shelf)
        return replay_in(world, calls, self._answers)


def replay_in(world: World, calls: Sequence[Call], answers: Answers | None = None) -> Replay:
    """Return what the calls give in a world, in order, from its initial state."""
    state = world.initial
    observations: list[Observation] = []
    digests = [state.digest]
    wrote: list[bool] = []
    for call in calls:
        before = state.content
        observation, state = observe(world, call, state, answers)
        observations.append(observation)
        digests.append(state.digest)
        wrote.append(state.content != before)
    return Replay(tuple(observations), tuple(digests), world.changes(state), tuple(wrote))


def observe(
    world: World, call: Call, state: WorldState, answers: Answers | None = None
) -> tuple[Observation, WorldState]:
    """Run one call in a state; return what is seen of it and the state after it.

    An unknown tool leaves the world as it is but for the clock. With `answers`, what the world would make up is taken
    from there; where nothing is on record the observation is `refused`: nobody is asked here.
    """
    if call.tool == SEARCH and world.shelf is not None:
        return _search(world, world.shelf, call, state)
    if call.tool not in world.landscape.operations:
        after = state.tick(call.tool, call.arguments)
        body = {"error": {"message": f"There is no tool named {call.tool!r}"}}
        return Observation(call=call.id, status="unknown_tool", body=body, time=float(after.clock)), after
    problems = world.landscape.checks.problems(world.landscape.tool(call.tool), call.arguments)
    response = world.call(call.tool, call.arguments, state)
    if answers is not None and is_open(response):
        told = settled(world, call, response, answers)
        if told is None:
            return _not_recorded(call, response), response.state
        response = told
    status = "invalid_arguments" if problems and response.status in _INVALID else _status(response)
    seen = Observation(
        call=call.id,
        status=status,
        http_status=None if status == "timeout" else response.status,
        body=None if status == "timeout" else response.body,
        source=response.source,
        confidence=response.confidence,
        time=float(response.state.clock),
        fault=response.fault,
    )
    return seen, response.state


def _search(world: World, shelf: Shelf, call: Call, state: WorldState) -> tuple[Observation, WorldState]:
    """Search for tools: no API is called, and only the clock goes on."""
    after = state.tick(call.tool, call.arguments)
    if problems := world.landscape.checks.problems(SEARCH_TOOL, call.arguments):
        body: Json = {"error": {"message": problems[0]["message"]}}
        return Observation(call=call.id, status="invalid_arguments", body=body, time=float(after.clock)), after
    hits = find([shelf], call.arguments["query"], call.arguments.get("k", 5))
    body = {"tools": [{"name": tool.name, "description": tool.description} for tool, _ in hits]}
    return Observation(call=call.id, status="ok", body=body, time=float(after.clock)), after


def _not_recorded(call: Call, response: Response) -> Observation:
    body = {"error": {"message": "No simulated answer to this call is on record, and nobody is asked in a replay"}}
    return Observation(call=call.id, status="refused", body=body, time=float(response.state.clock))


def _status(response: Response) -> ObservationStatus:
    if response.fault is not None and response.fault.kind == "timeout":
        return "timeout"
    if response.status == 429:
        return "rate_limited"
    return "ok" if response.status < 400 else "http_error"
