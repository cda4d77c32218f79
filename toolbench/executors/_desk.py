"""Where calls come in: the tool is known, and the arguments are right, or the call goes no further."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from toolbench.executors._cassette import Answer
from toolbench.model import Api, Call, JsonObject, Tool, canonical
from toolbench.model.trace import ObservationStatus
from toolbench.world.validation import Checks


@dataclass(frozen=True, slots=True)
class Accepted:
    """A call that may go on."""

    api: Api
    """The API of the tool."""
    tool: Tool
    """The tool, closed."""


class Desk:
    """Takes in calls of some APIs' tools."""

    def __init__(self, apis: Iterable[Api]) -> None:
        self._apis = {tool.name: api for api in apis for tool in api.tools}
        self._tools: dict[str, Tool] = {}
        self._checks = Checks()

    def accept(self, call: Call) -> Accepted | Answer:
        """Return the call's tool, or what is wrong with the call."""
        try:
            canonical(call.arguments)
        except orjson.JSONEncodeError as error:
            return failure("invalid_arguments", f"The arguments cannot be written as JSON: {error}")
        api = self._apis.get(call.tool)
        if api is None:
            return failure("unknown_tool", f"There is no tool named {call.tool!r}")
        if call.tool not in self._tools:
            self._tools[call.tool] = api.tool(call.tool)
        tool = self._tools[call.tool]
        if problems := self._checks.problems(tool, call.arguments):
            return failure("invalid_arguments", "The arguments do not fit the tool's parameters", problems)
        return Accepted(api, tool)


def failure(status: ObservationStatus, message: str, details: Sequence[JsonObject] = ()) -> Answer:
    """Return the answer to a call that no server answered."""
    error: JsonObject = {"message": message}
    return Answer(status=status, body={"error": error | ({"details": list(details)} if details else {})})
