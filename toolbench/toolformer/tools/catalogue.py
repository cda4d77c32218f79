"""Any tool of the catalogue whose answers say something, run in the simulation of its API."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from toolbench.errors import ConfigError
from toolbench.model import Call, Document, Json, JsonObject, Tool, is_object
from toolbench.model.pointers import leaves
from toolbench.tasks.calling import answered_calls
from toolbench.tasks.naming import thing
from toolbench.toolformer.base import CallTool, Sample, ToolError
from toolbench.toolformer.tools import _samples
from toolbench.toolformer.tools._answers import FIELDS, Told, fields, shown, told
from toolbench.toolformer.tools._arguments import read_arguments
from toolbench.world.nouns import singular, words
from toolbench.world.replay import observe
from toolbench.world.resources import Operation, Role
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

__all__ = ["CatalogueTool"]

TRIED = 40
"""Entities among which those of the samples are looked for."""

_ABOUT_ONE: tuple[Role, ...] = ("get", "update", "replace", "delete", "action")
"""Roles of operations that take the key of what they are about."""

_NO_ARGUMENTS = "Nothing stands in the parentheses."


class CatalogueTool(CallTool):
    """Calls one operation of an API with arguments by name, each time in the simulation as it begins.

    What a call changes is dropped, so that no call depends on another.

    Args:
        landscape: the APIs.
        tool: the tool's name.
        seed: the world's seed: which entities there are depends on it.

    Raises:
        ConfigError: its answers say nothing, or the simulation has nothing that shows how it is called.
    """

    def __init__(self, landscape: Landscape, tool: str, seed: int) -> None:
        self._tool: Tool = landscape.tool(tool)
        self._operation: Operation = landscape.operations[tool]
        self._world = World(landscape, seed)
        self.name = tool
        self.purpose = self._tool.description.partition("\n")[0]
        self.parameters = self._tool.parameters
        self.samples = tuple(self._make_samples())
        named = ", ".join(self._named())
        self.advice = f"In the parentheses stand arguments by name: {named}." if named else _NO_ARGUMENTS

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether a text names an entity that the tool can be asked about, or else what the tool is about."""
        del document
        if self._takes_key():
            said = set(re.findall(r"[\w.@:-]+\w", text))
            return any(set(key) <= said for key in self._keys())
        said_words = f" {' '.join(map(singular, words_of(text)))} "
        return any(f" {noun} " in said_words for noun in self._nouns())

    def arguments(self, argument: str) -> JsonObject:
        """Return the arguments by name."""
        return read_arguments(argument)

    async def run(self, argument: str, document: Document) -> str:
        """Return the first fields of the answer; of a list how many there are and which; of a change what is news."""
        del document
        arguments = read_arguments(argument)
        if not (answer := self._told(arguments)):
            raise ToolError("the answer says nothing")
        return shown(answer)

    def _answer(self, arguments: JsonObject) -> tuple[Json, WorldState]:
        """Return the answer of the simulation as it begins, and the state after the call."""
        call = Call(id="call", tool=self.name, arguments=arguments)
        seen, after = observe(self._world, call, self._world.initial)
        if seen.status != "ok":
            raise ToolError(f"{seen.status.replace('_', ' ')}: {shown(list(islice(fields(seen.body), FIELDS)))}")
        return seen.body, after

    def _told(self, arguments: JsonObject) -> list[Told]:
        body, after = self._answer(arguments)
        return told(self._operation, arguments, body, changed_values(self._world, after))

    def _named(self) -> list[str]:
        """Return the arguments that the prompt names: the required ones, else those of its samples, else the first."""
        properties: JsonObject = self._tool.parameters.get("properties", {})
        calls = " ".join(sample.annotated for sample in self.samples)
        used = [name for name in properties if re.search(rf"[(,] ?{re.escape(name)}=", calls)]
        return list(self._tool.parameters.get("required", ())) or used or list(properties)[:3]

    # -- what it is about --------------------------------------------------------------------------------------------

    def _takes_key(self) -> bool:
        resource = self._operation.resource
        return self._operation.role in _ABOUT_ONE and resource is not None and bool(resource.params)

    def _keys(self) -> Iterator[tuple[str, ...]]:
        """Yield the keys of the entities that the simulation begins with, as texts."""
        resource = self._operation.resource
        if resource is None or not self._takes_key():
            return
        population = self._world.population
        for before in islice(population.prefixes(resource), TRIED):
            for own in population.keys(resource, before):
                key = (*map(str, before), own) if own else before
                if self._operation.by:
                    named = (population.entity(resource, key) or {}).get(self._operation.by)
                    yield (str(named),)
                else:
                    yield key

    def _nouns(self) -> set[str]:
        """Return what the tool is about, in the singular; where that is unknown, the words of its name but the verb."""
        resource = self._operation.resource
        if resource is None:
            return {singular(word) for word in words(self._tool.source.name or self.name)[1:]}
        return {" ".join(map(singular, noun.split(" "))) for noun in (resource.noun, thing(resource.noun)) if noun}

    # -- the samples -------------------------------------------------------------------------------------------------

    def _make_samples(self) -> list[Sample]:
        """Return texts that show how it is called.

        Raises:
            ConfigError: there is nothing to show.
        """
        found = self._of_keys() if self._operation.role == "get" else []
        if found:
            return found
        calls = answered_calls(self._world, self._operation)
        first = next(calls, None)
        if first is None:
            why = f"the simulation has nothing that shows how {self.name} is called"
        elif found := _samples.by_call(self._operation, chain((first,), calls), self._told):
            return found
        else:
            why = f"the answers of {self.name} say nothing that a text could"
        raise ConfigError(why, hint="Name a tool that gets, lists or makes something, or says what it changed.")

    def _of_keys(self) -> list[Sample]:
        """Return texts that name an entity by its key."""
        resource = self._operation.resource
        if resource is None:
            return []
        keyed = ((self._typed(dict(zip(resource.params, key, strict=False))), key) for key in self._keys())
        return _samples.by_key(
            self._operation, islice(keyed, TRIED), lambda given: list(fields(self._answer(given)[0]))
        )

    def _typed(self, arguments: JsonObject) -> JsonObject:
        properties: JsonObject = self._tool.parameters.get("properties", {})
        whole = {name for name, schema in properties.items() if is_object(schema) and schema.get("type") == "integer"}
        return {name: int(text) if name in whole and text.isdigit() else text for name, text in arguments.items()}


def changed_values(world: World, state: WorldState) -> set[str]:
    """Return the values, as texts, that a state holds and the initial one does not."""
    pairs = [(dict(leaves(change.before)), dict(leaves(change.after))) for change in world.changes(state)]
    return {str(value) for before, after in pairs for at, value in after.items() if before.get(at) != value}


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text in lower case, those of `camelCase` and `snake_case` names apart."""
    for name in re.findall(r"\w+", text):
        yield from words(name)
