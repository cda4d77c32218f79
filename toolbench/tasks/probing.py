"""Trying the edges of the dependency graph out: what one operation shows, another must take."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import networkx as nx

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import parts
from toolbench.world.resources import Operation, Resource
from toolbench.world.rng import rng
from toolbench.world.shapes import main_type
from toolbench.world.state import Key, WorldState
from toolbench.world.world import World

Verdict = Literal["works", "fails", "untried"]
"""`untried`: beyond the budget, or the producer showed no such key, or the call failed for another reason."""

_TRIES = 3
_ERROR, _NOT_FOUND = 400, 404


class _Made(NamedTuple):
    """A producer's answer; None where it was turned down."""

    body: Json
    state: WorldState


@dataclass
class Prober:
    """Tries edges in one world, whose state no call changes for the next. A producer is called a few times at most."""

    world: World
    _made: dict[str, list[_Made]] = field(default_factory=dict[str, list[_Made]])
    _sound: dict[str, bool] = field(default_factory=dict[str, bool])

    def probe(self, graph: "nx.MultiDiGraph[str]", most: int) -> None:
        """Write a verdict on every edge of the world's landscape, as its attribute `probed`.

        Args:
            graph: the dependency graph.
            most: how many edges are tried: one for every argument first, then a second for each, and so on.
        """
        for place, (producer, consumer, argument) in enumerate(_in_turn(graph)):
            edge = graph.edges[producer, consumer, argument]
            edge["probed"] = self.verdict(producer, consumer, edge) if place < most else "untried"

    def verdict(self, producer: str, consumer: str, edge: JsonObject) -> Verdict:
        """Return what comes of calling one operation with what another shows.

        Args:
            producer: name of the operation that shows the key.
            consumer: name of the one that takes it.
            edge: the edge's attributes.
        """
        operation = self.world.landscape.operations[consumer]
        place = str(edge["argument"]).split("/")
        for made in self._answers(producer):
            for value in _values(made.body, parts(str(edge["source"]))):
                return self._take(operation, place, value, made.state)
        return "untried"

    def _take(self, operation: Operation, place: list[str], value: Json, state: WorldState) -> Verdict:
        name = operation.tool.name
        given: JsonObject = {place[0]: value} if len(place) == 1 else {}
        made = self._arguments(operation, rng(self.world.seed, "probe", name, place), state, given)
        arguments = _with(made, place, value)
        problems = self.world.landscape.checks.problems(self.world.landscape.tool(name), arguments)
        if problems:
            at = [part.replace("*", "0") for part in place]
            blamed = any(parts(str(problem["pointer"])) == at for problem in problems)
            return "fails" if blamed else "untried"
        status = self.world.call(name, arguments, state).status
        if status < _ERROR:
            return "works"
        missed = status == _NOT_FOUND and not self._is_there(operation, place[0], value, state)
        return "fails" if missed and self._is_sound(operation) else "untried"

    def _is_there(self, operation: Operation, name: str, value: Json, state: WorldState) -> bool:
        """Tell whether the value is the key of what a parameter leads to: then something else was not found."""
        target = next((param.target for param in operation.scope if param.name == name), None)
        if target is None:
            return False
        prefixes = self.world.population.prefixes(target)
        keys = (key for prefix in prefixes for key in self.world.behaviour.keys(target, prefix, state))
        return any(key[-1] == str(value) for key in keys)

    def _is_sound(self, operation: Operation) -> bool:
        """Tell whether an operation is answered at all when it is given keys of things that are there."""
        name = operation.tool.name
        if name not in self._sound:
            arguments = self._arguments(operation, rng(self.world.seed, "probe", name), self.world.initial, {})
            self._sound[name] = self.world.call(name, arguments, self.world.initial).status != _NOT_FOUND
        return self._sound[name]

    def _answers(self, producer: str) -> Iterator[_Made]:
        """Yield some answers of an operation, each made when it is asked for."""
        known = self._made.setdefault(producer, [])
        operation, state = self.world.landscape.operations[producer], self.world.initial
        for place in range(_TRIES):
            if place == len(known):
                arguments = self._arguments(operation, rng(self.world.seed, "probe", producer, place), state, {})
                response = self.world.call(producer, arguments, state)
                known.append(_Made(response.body if response.status < _ERROR else None, response.state))
            yield known[place]

    # -- arguments ---------------------------------------------------------------------------------------------------

    def _arguments(self, operation: Operation, r: random.Random, state: WorldState, given: JsonObject) -> JsonObject:
        """Return the required arguments of a call that ought to succeed, with those given among them."""
        tool = operation.tool
        properties = tool.parameters.get("properties", {})
        made = {**self._scope(operation, r, state, given), **given}
        rest = [name for name in tool.parameters.get("required", ()) if name not in made and name in properties]
        # A change that changes nothing is turned down by some.
        more = [name for name in properties if name not in made and name not in rest]
        rest += more[: max(0, int(tool.parameters.get("minProperties", 0)) - len(made) - len(rest))]
        return {**{name: self._sampled(operation, name, properties[name], r) for name in rest}, **made}

    def _sampled(self, operation: Operation, name: str, schema: Json, r: random.Random) -> Json:
        """Return a value for an argument in which every reference leads to an entity that is there."""
        api, population = operation.tool.api, self.world.population
        value = population.sampler(api).value(schema, r, name=name)
        address = (self.world.seed, "probe", operation.tool.name, name)
        if is_object(value) or is_array(value):
            return population.related(api, value, schema, address)
        linked = population.related(api, {name: value}, operation.tool.parameters, address)
        return linked.get(name) if is_object(linked) else value

    def _scope(self, operation: Operation, r: random.Random, state: WorldState, given: JsonObject) -> JsonObject:
        """Return arguments that lead to something that is there, and through what is given."""
        names = [param.name for param in operation.scope]
        found: dict[int, str] = {place: str(given[name]) for place, name in enumerate(names) if name in given}
        for place in reversed(range(len(names))):
            target = operation.scope[place].target
            nested = target is not None and len(target.params) == place + 1
            if target is not None and nested:
                key = self._key_through(target, found, r, state)
                found = {**dict(enumerate(key)), **found} if key else found
            elif place not in found:
                found[place] = self._value(operation, place, r, state)
        properties = operation.tool.parameters.get("properties", {})
        view = self.world.landscape.models[operation.tool.api].shapes.view
        spelt = {names[place]: _spelt(text, view(properties.get(names[place], {}))) for place, text in found.items()}
        return {name: value for name, value in spelt.items() if name not in given}

    def _key_through(self, target: Resource, fixed: dict[int, str], r: random.Random, state: WorldState) -> Key:
        """Return the key of an entity whose parts are those fixed; one that fits most of them where none fits all."""
        prefixes = list(self.world.population.prefixes(target))
        r.shuffle(prefixes)
        best: Key = ()
        for prefix in prefixes:
            for key in self.world.behaviour.keys(target, prefix, state):
                if all(key[place] == text for place, text in fixed.items() if place < len(key)):
                    return key
                best = best or key
        return best

    def _value(self, operation: Operation, place: int, r: random.Random, state: WorldState) -> str:
        """Return a value for a parameter of the path that no parameters before it belong to."""
        param, resource, population = operation.scope[place], operation.resource, self.world.population
        if param.target is not None and not param.target.singleton:
            key = self._key_through(param.target, {}, r, state)
            return key[-1] if key else ""
        if operation.by and resource is not None and (key := self._key_through(resource, {}, r, state)):
            return str((self.world.entity(resource, key, state) or {}).get(operation.by, ""))
        if resource is not None and place < len(resource.ancestor_params):
            return next(iter(population.domain(resource, place, ())), "")
        schema = operation.tool.parameters.get("properties", {}).get(param.name, {})
        return str(population.sampler(operation.tool.api).value(schema, r, name=param.name))


def working(graph: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """Return the graph without the edges that were tried and failed."""
    found = graph.copy()
    found.remove_edges_from([edge for edge in graph.edges(keys=True) if graph.edges[edge].get("probed") == "fails"])
    return found


def _in_turn(graph: "nx.MultiDiGraph[str]") -> list[tuple[str, str, str]]:
    """Return the edges so that every argument has its first before any has its second."""
    turns = Counter[tuple[str, str]]()
    placed: list[tuple[int, tuple[str, str, str]]] = []
    for producer, consumer, argument in sorted(graph.edges(keys=True)):
        placed.append((turns[consumer, argument], (producer, consumer, argument)))
        turns[consumer, argument] += 1
    return [edge for _, edge in sorted(placed)]


def _values(body: Json, place: Sequence[str]) -> Iterator[Json]:
    """Yield what an answer holds at a place; `*` stands for any item."""
    if not place:
        if body is not None and not is_object(body) and not is_array(body):
            yield body
    elif place[0] == "*":
        yield from itertools.chain.from_iterable(_values(item, place[1:]) for item in (body if is_array(body) else ()))
    elif is_object(body) and place[0] in body:
        yield from _values(body[place[0]], place[1:])


def _with(value: Json, place: Sequence[str], leaf: Json) -> JsonObject:
    """Return arguments with a value put where a place leads; what is not there is made."""
    made = _put(value, place, leaf)
    return made if is_object(made) else {}


def _put(value: Json, place: Sequence[str], leaf: Json) -> Json:
    if not place:
        return leaf
    if place[0] == "*":
        items = value if is_array(value) else []
        return [_put(items[0] if items else None, place[1:], leaf), *items[1:]]
    held = value if is_object(value) else {}
    return {**held, place[0]: _put(held.get(place[0]), place[1:], leaf)}


def _spelt(text: str, view: JsonObject) -> Json:
    return int(text) if main_type(view) == "integer" and text.lstrip("-").isdecimal() else text
