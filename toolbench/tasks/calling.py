"""Calls that a world really answers, made by one who knows every key: they show how an operation is called."""

import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from toolbench.model import Json, JsonObject
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template
from toolbench.tasks.finding import Finder
from toolbench.tasks.naming import thing
from toolbench.tasks.phrases import Mention
from toolbench.tasks.picking import Picker
from toolbench.tasks.possible import fixed_query
from toolbench.tasks.recipes import Recipes
from toolbench.world.resources import Operation, Resource
from toolbench.world.rng import rng
from toolbench.world.state import Key
from toolbench.world.world import World

ATTEMPTS, PATIENCE = 30, 100
"""Calls that are tried of an operation, and those while none is answered: few entities may be in the right state."""


class Knowing(Finder):
    """Obtains keys without looking anything up."""

    def obtain(self, resource: Resource, key: Key, depth: int = 0) -> Bound:
        """Return the entity's own key, as the entity holds it.

        Raises:
            InfeasibleError: it has none.
        """
        del depth
        if not key:
            raise InfeasibleError("no_key")
        return Bound(self.draft.world.population.keys(resource, key[:-1]).get(key[-1], key[-1]), "user")

    def mention(self, resource: Resource, key: Key) -> Mention:
        """Return the bare noun: one who knows the key needs no more to tell the entity from others."""
        del key
        return Mention(thing(resource.noun) or resource.noun)

    def referred(self, resource: Resource, name: str, holder: Resource, key: Key) -> Key:
        """Return the key of what another entity refers to, whether or not a list shows it.

        Raises:
            InfeasibleError: it refers to nothing that is there.
        """
        found = (str(self.entity(holder, key).get(name)),)
        if not self.entity(resource, found):
            raise InfeasibleError("refers_to_nothing")
        return found

    def _named_by(self, operation: Operation, key: Key, resource: Resource, depth: int) -> Bound:
        del depth
        value = self.entity(resource, key).get(operation.by)
        if not isinstance(value, str | int):
            raise InfeasibleError("unnamed")
        return Bound(value, "user")


def answered_calls(world: World, operation: Operation) -> Iterator[JsonObject]:
    """Yield the arguments of calls that a world answers in its initial state, each once; the same ones each time.

    They say what a user would who knows the keys. Where no user could say what the operation takes, its required
    arguments are made by their schemas.
    """
    said = _distinct(world, operation, by_schema=False)
    first = next(said, None)
    if first is None:
        yield from _distinct(world, operation, by_schema=True)
    else:
        yield first
        yield from said


def _distinct(world: World, operation: Operation, *, by_schema: bool) -> Iterator[JsonObject]:
    seen: list[JsonObject] = []
    for attempt in range(PATIENCE):
        if seen and attempt >= ATTEMPTS:
            return
        arguments = _tried(world, operation, attempt, by_schema=by_schema)
        if arguments is not None and arguments not in seen:
            seen.append(arguments)
            yield arguments


def _tried(world: World, operation: Operation, attempt: int, *, by_schema: bool) -> JsonObject | None:
    """Return the arguments of a call that was answered; None where it was turned down, or none could be made."""
    draft, r = Draft(world), rng(world.seed, "call", operation.tool.name, attempt)
    caller = _Caller(operation, draft, Knowing(world.landscape, draft, r), r)
    with suppress(InfeasibleError):
        caller.by_schema() if by_schema else caller.as_said()
        return draft.gold[-1].call.arguments
    return None


@dataclass(frozen=True, slots=True)
class _Caller:
    """Makes one call in a draft."""

    operation: Operation
    draft: Draft
    finder: Finder
    r: random.Random

    def as_said(self) -> None:
        """Call with what a user says.

        Raises:
            InfeasibleError: there is nothing that a user could say, or the world turned it down.
        """
        resource = self.operation.resource
        if resource is None or self.operation.role == "unknown":
            raise InfeasibleError("unknown_semantics")
        if self.operation.role == "bulk":
            raise InfeasibleError("many_at_once")
        if self.operation.role in ("list", "get"):
            self._call(self._asking(resource))
        else:
            Recipes(self.finder.landscape, self.draft, self.r, finder=self.finder).make(self.operation)

    def by_schema(self) -> None:
        """Call with required arguments made by their schemas.

        Raises:
            InfeasibleError: the world turned it down.
        """
        tool = self.operation.tool
        scoped, required = self._scope(), tool.parameters.get("required", ())
        needed = {n: s for n, s in tool.parameters.get("properties", {}).items() if n in required and n not in scoped}
        self._call({**scoped, **{name: self._made(name, schema) for name, schema in needed.items()}})

    def _call(self, arguments: Mapping[str, Template]) -> None:
        self.draft.call(self.operation.tool.name, arguments)

    def _asking(self, resource: Resource) -> dict[str, Template]:
        key = self._picker.entity(resource)
        scoped = self.finder.scope(self.operation, key, resource).arguments
        if self.operation.role == "get":
            return {**scoped, **(fixed_query(self.finder.landscape, self.operation) or {})}
        narrowed = self.r.choice((self.finder.filters.to_find, self.finder.filters.to_count))
        filters = narrowed(self.operation, self.finder.entity(resource, key))
        return {**scoped, **{name: found.bound for name, found in filters.items()}}

    def _scope(self) -> dict[str, Template]:
        """Return the arguments that lead to an entity; none where they cannot be told."""
        resource = self.operation.resource
        with suppress(InfeasibleError):
            if resource is not None and self.operation.role == "create":
                return self.finder.scope(self.operation, (*self._picker.place(resource), ""), resource).arguments
            if resource is not None:
                return self.finder.scope(self.operation, self._picker.entity(resource), resource).arguments
        return {}

    def _made(self, name: str, schema: Json) -> Bound:
        """Return a value whose references lead to entities that are there."""
        api, population = self.operation.tool.api, self.draft.world.population
        scoped = {param.name: param.target for param in self.operation.scope}
        target = scoped.get(name) or self.finder.landscape.relations.target(api, name, schema)
        if target is not None and not target.singleton:
            return self.finder.obtain(target, self._picker.entity(target))
        owner = self.operation.resource.noun if self.operation.resource else ""
        value = population.sampler(api).value(schema, self.r, name=name, owner=owner, depth=1)
        return Bound(population.related(api, value, schema, (self.draft.world.seed, name, self.r.random())), "user")

    @property
    def _picker(self) -> Picker:
        return Picker(self.draft, self.finder, self.r)
