"""The endpoints that steer and show the simulation itself, below `/__toolbench/`."""

from collections.abc import Callable
from urllib.parse import unquote

import orjson

from toolbench.model import HttpBinding, Json, JsonObject, is_object
from toolbench.server.messages import Answer, Request, json_answer
from toolbench.server.simulation import Simulation

PREFIX = "/__toolbench/"


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message
        super().__init__(message)


class Control:
    """Answers the requests that are about the simulation rather than to an API.

    Args:
        simulation: the simulation.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._actions: dict[str, tuple[str, Callable[[Request], Json]]] = {
            "state": ("GET", self._state),
            "reset": ("POST", self._reset),
            "snapshot": ("POST", self._snapshot),
            "restore": ("POST", self._restore),
            "entities": ("GET", self._entities),
            "operations": ("GET", self._operations),
            "faults": ("GET", self._faults),
        }

    def methods(self, path: str) -> list[str]:
        """Return the methods that can be used under a path; empty where there is nothing."""
        known = self._actions.get(path.removeprefix(PREFIX))
        return [known[0], "OPTIONS"] if known else []

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        name = request.path.removeprefix(PREFIX)
        if name not in self._actions:
            return _refusal(404, f"There is {', '.join(sorted(self._actions))}")
        method, act = self._actions[name]
        if request.method != method:
            refused = _refusal(405, f"Use {method}")
            refused.headers["allow"] = ", ".join(self.methods(request.path))
            return refused
        try:
            return json_answer(200, act(request))
        except _RefusedError as error:
            return _refusal(error.status, error.message)

    def _state(self, _: Request) -> Json:
        world, state = self._simulation.world, self._simulation.state
        changes = [change.model_dump() for change in world.changes(state)]
        return {"digest": state.digest, "clock": state.clock, "seed": world.seed, "changes": changes}

    def _reset(self, request: Request) -> Json:
        seed = _content(request).get("seed")
        if not (seed is None or (isinstance(seed, int) and not isinstance(seed, bool))):
            raise _RefusedError(422, "`seed` must be a whole number")
        self._simulation.reset(seed)
        return self._state(request)

    def _snapshot(self, _: Request) -> Json:
        return {"id": self._simulation.snapshot(), "digest": self._simulation.state.digest}

    def _restore(self, request: Request) -> Json:
        identity = _content(request).get("id")
        if not isinstance(identity, str) or not self._simulation.restore(identity):
            raise _RefusedError(404, f"There is no snapshot {identity!r}")
        return self._state(request)

    def _entities(self, request: Request) -> Json:
        resources = self._simulation.landscape.resources
        name = unquote(next((raw for key, raw in request.query if key == "resource"), ""))
        if name not in resources:
            raise _RefusedError(404, f"There is no resource {name!r}. There is {', '.join(sorted(resources))}")
        found = self._simulation.entities(resources[name])
        return {"entities": [{"key": list(key), "entity": entity} for key, entity in found]}

    def _faults(self, _: Request) -> Json:
        shown = [{"clock": clock, "tool": tool, **fault.model_dump()} for clock, tool, fault in self._simulation.faults]
        return {"profile": self._simulation.profile, "faults": shown}

    def _operations(self, _: Request) -> Json:
        operations = self._simulation.landscape.operations.values()
        return {
            "operations": [
                {
                    "tool": operation.tool.name,
                    "method": operation.tool.binding.method,
                    "path": operation.tool.binding.path,
                    "role": operation.role,
                    "resource": operation.resource.id if operation.resource else None,
                    "confidence": operation.confidence,
                }
                for operation in operations
                if isinstance(operation.tool.binding, HttpBinding)
            ]
        }


def _content(request: Request) -> JsonObject:
    if not request.body:
        return {}
    try:
        content: Json = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise _RefusedError(400, f"The body is not JSON: {error}") from error
    if not is_object(content):
        raise _RefusedError(422, "The body must be an object")
    return content


def _refusal(status: int, message: str) -> Answer:
    return json_answer(status, {"error": {"status": status, "message": message}})
