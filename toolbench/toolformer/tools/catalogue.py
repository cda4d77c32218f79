"""Any tool of the catalogue that only reads, run in the simulation of its API."""

import json
import re
from collections.abc import Iterator
from itertools import islice

from toolbench.errors import ConfigError
from toolbench.model import Call, Document, Json, JsonObject, Tool, is_array, is_object
from toolbench.toolformer.base import CallTool, Sample, ToolError
from toolbench.world.replay import observe
from toolbench.world.resources import Operation, Resource
from toolbench.world.world import Landscape, World

__all__ = ["CatalogueTool"]

SAMPLES = 4
"""Texts in the prompt."""

TRIED = 40
"""Entities among which those of the samples are looked for."""

FIELDS = 8
"""Fields of an answer that are shown."""

LONGEST_VALUE = 60
"""Characters of a field's value."""

_ARGUMENT = re.compile(r"\s*(\w+)\s*[=:]\s*")
_BARE = re.compile(r"[^,()\s]+")
_DECODER = json.JSONDecoder()


class CatalogueTool(CallTool):
    """Calls one operation of an API with arguments by name. Nothing that changes the world is offered.

    Args:
        landscape: the APIs.
        tool: the tool's name.
        seed: the world's seed: which entities there are depends on it.

    Raises:
        ConfigError: the tool changes something, or the simulation has no entity to show how it is called.
    """

    def __init__(self, landscape: Landscape, tool: str, seed: int) -> None:
        self._tool: Tool = landscape.tool(tool)
        if self._tool.safety != "read":
            raise ConfigError(f"{tool} changes something", hint="Name a tool that only reads.")
        self._operation: Operation = landscape.operations[tool]
        self._world = World(landscape, seed)
        self.name = tool
        self.purpose = self._tool.description.partition("\n")[0]
        self.parameters = self._tool.parameters
        self.advice = f"In the parentheses stand arguments by name: {', '.join(self._named())}."
        self.samples = tuple(islice(self._make_samples(), SAMPLES))
        if not self.samples:
            raise ConfigError(
                f"the simulation has nothing that shows how {tool} is called", hint="Name a tool that gets one thing."
            )

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether a text names an entity that the tool can be asked about."""
        del document
        said = set(re.findall(r"[\w.@:-]+\w", text))
        return any(set(key) <= said for key in self._keys())

    def arguments(self, argument: str) -> JsonObject:
        """Return the arguments by name."""
        return read_arguments(argument)

    async def run(self, argument: str, document: Document) -> str:
        """Return the first fields of the answer."""
        del document
        return shown(self._body(read_arguments(argument)))

    def _body(self, arguments: JsonObject) -> Json:
        call = Call(id="call", tool=self.name, arguments=arguments)
        seen, _ = observe(self._world, call, self._world.initial)
        if seen.status != "ok":
            raise ToolError(f"{seen.status.replace('_', ' ')}: {shown(seen.body)}")
        return seen.body

    def _named(self) -> list[str]:
        properties: JsonObject = self._tool.parameters.get("properties", {})
        return list(self._tool.parameters.get("required", ())) or list(properties)[:3]

    def _keys(self) -> Iterator[tuple[str, ...]]:
        """Yield the keys of the entities that the simulation begins with, as texts."""
        resource: Resource | None = self._operation.resource
        if resource is None or not resource.params:
            return
        for before in islice(self._world.population.prefixes(resource), TRIED):
            for own in self._world.population.keys(resource, before):
                yield (*map(str, before), own)

    def _typed(self, arguments: JsonObject) -> JsonObject:
        properties: JsonObject = self._tool.parameters.get("properties", {})
        whole = {name for name, schema in properties.items() if is_object(schema) and schema.get("type") == "integer"}
        return {name: int(text) if name in whole and text.isdigit() else text for name, text in arguments.items()}

    def _make_samples(self) -> Iterator[Sample]:
        resource = self._operation.resource
        for n, key in enumerate(islice(self._keys(), TRIED)):
            arguments = self._typed(dict(zip(resource.params, key, strict=False))) if resource else {}
            try:
                fields = list(_fields(self._body(arguments)))
            except ToolError:
                continue
            told = [pair for pair in fields if pair[1] not in key and " " not in pair[0]]
            if not told:
                continue
            name, value = told[n % len(told)]
            start = f"The {resource.noun if resource else 'entry'} {key[-1]} has the {name.replace('_', ' ')}"
            written = ", ".join(f"{place}={json.dumps(given)}" for place, given in arguments.items())
            yield Sample(f"{start} {value}.", f"{start} <API>{self.name}({written})</API> {value}.")


def read_arguments(argument: str) -> JsonObject:
    """Return arguments of the form `name="text", other=3`.

    Raises:
        ToolError: they are of another form.
    """
    found: JsonObject = {}
    at = 0
    while argument[at:].strip():
        named = _ARGUMENT.match(argument, at)
        if named is None:
            raise ToolError('arguments are not of the form name="value"')
        value, at = _value(argument, named.end())
        found[named[1]] = value
        rest = argument[at:].lstrip()
        if rest and not rest.startswith(","):
            raise ToolError("arguments are not separated by commas")
        at = len(argument) - len(rest) + (1 if rest else 0)
    return found


def _value(text: str, at: int) -> tuple[Json, int]:
    if text[at : at + 1] == "'" and (end := text.find("'", at + 1)) > 0:
        return text[at + 1 : end], end + 1
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        bare = _BARE.match(text, at)
    if bare is None:
        raise ToolError("an argument has no value")
    return bare[0], bare.end()


def shown(body: Json) -> str:
    """Return the first plain fields of an answer, in words."""
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in islice(_fields(body), FIELDS))


def _fields(body: Json) -> Iterator[tuple[str, str]]:
    if is_array(body):
        body = body[0] if body else None
    if not is_object(body):
        return
    for name, value in body.items():
        if (
            isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and 0 < len(str(value)) <= LONGEST_VALUE
        ):
            yield name, str(value)
        elif is_object(value) or is_array(value):
            yield from _fields(value)
