"""Where the values of a call's arguments come from, as far as it can be seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from toolbench.model import GoldCall, Json, JsonObject, Node, Task, Tool
from toolbench.model.base import is_array, is_object
from toolbench.model.pointers import at, escape, leaves
from toolbench.model.wording import mentions

Source = Literal["user", "observed", "default", "derived", "unknown", ""]

_Source = Callable[[str, Json], Source]

MEANINGS: Mapping[str, str] = {
    "user": "said by the user",
    "observed": "read in an earlier result",
    "derived": "computed from earlier values",
    "default": "a documented default",
    "unknown": "not traced",
}
"""What sources mean, in words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of written arguments."""

    text: str
    source: Source
    """Where the value comes from; empty for what is no value."""

    @property
    def title(self) -> str:
        """The source, in words."""
        return MEANINGS.get(self.source, "")


class Origins:
    """Tells where values come from, along one path.

    What the known solution says of a value counts first. For the rest there is only likeness: a value that an earlier
    result holds was read there, one that the user speaks of was said.

    Args:
        task: the task.
        tools: definitions of tools, by name.
    """

    def __init__(self, task: Task, tools: Mapping[str, Tool]) -> None:
        self._gold, self._tools = task.gold, tools
        self._said = " ".join(turn.text for turn in task.turns)
        self._seen: set[str] = set()

    def follow(self, node: Node) -> list[list[Piece]]:
        """Return the written arguments of a node's calls; what they gave back is known from then on."""
        if node.step is None:
            return []
        if node.step.kind == "user":
            self._said = f"{self._said} {node.step.text}"
        told = [list(self._pieces(call.tool, call.arguments)) for call in node.step.calls]
        for seen in node.step.observations:
            if seen.status == "ok":
                self._seen.update(_key(value) for _, value in leaves(seen.body))
        return told

    def _pieces(self, tool: str, arguments: JsonObject) -> Iterator[Piece]:
        known = _known(self._gold, tool, arguments)
        return _written(arguments, "", lambda pointer, value: known.get(pointer) or self._source(tool, pointer, value))

    def _source(self, tool: str, pointer: str, value: Json) -> Source:
        if not isinstance(value, str | int | float):
            return "unknown"
        if not isinstance(value, bool) and _key(value) in self._seen and len(str(value)) > 1:
            return "observed"
        if not isinstance(value, bool) and value != "" and mentions(self._said, value):
            return "user"
        schema = self._tools[tool].parameters if tool in self._tools else {}
        default = at(schema, _schema_place(pointer), default=None)
        return "default" if default is not None and default == value else "unknown"


def _schema_place(pointer: str) -> str:
    return "".join(f"/properties/{part}" for part in pointer.split("/")[1:]) + "/default"


def _known(gold: Sequence[GoldCall], tool: str, arguments: JsonObject) -> dict[str, Source]:
    """Return the sources that the known solution names, by pointer, for values that it has at the same place."""
    return {
        origin.pointer: origin.kind
        for one in gold
        if one.call.tool == tool
        for origin in one.origins
        if (value := at(one.call.arguments, origin.pointer)) is not None and value == at(arguments, origin.pointer)
    }


def _written(value: Json, pointer: str, source: _Source) -> Iterator[Piece]:
    """Yield a value as JSON, in pieces: each leaf is one."""
    if is_object(value) and value:
        for place, (name, inner) in enumerate(value.items()):
            yield Piece(f"{', ' if place else '{'}{orjson.dumps(name).decode()}: ", "")
            yield from _written(inner, f"{pointer}/{escape(name)}", source)
        yield Piece("}", "")
    elif is_array(value) and value:
        for place, inner in enumerate(value):
            yield Piece(", " if place else "[", "")
            yield from _written(inner, f"{pointer}/{place}", source)
        yield Piece("]", "")
    else:
        yield Piece(orjson.dumps(value).decode(), source(pointer, value) if pointer else "")


def _key(value: Json) -> str:
    return orjson.dumps(value).decode()
