"""Which things belong together: what is referred to in one breath must agree, as a hotel with its room."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from toolbench.model import Json
from toolbench.tasks.draft import Draft, InfeasibleError
from toolbench.world.resources import Resource
from toolbench.world.state import Key


@dataclass
class Relatives:
    """Chooses things to refer to."""

    draft: Draft
    r: random.Random
    near: dict[str, Key] = field(default_factory=dict[str, Key])
    """By id of a resource: the one that what is chosen must belong with."""
    _used: set[tuple[str, Key]] = field(default_factory=set[tuple[str, Key]])

    def choose(self, target: Resource) -> Key:
        """Return the key of something to refer to, never the same twice.

        Raises:
            InfeasibleError: there is nothing that agrees with what was chosen before.
        """
        known = self.near.get(target.id)
        options = [known] if known and (target.id, known) not in self._used else self._options(target)
        options = [key for key in options if (target.id, key) not in self._used and self._agrees(target, key)]
        if not options:
            raise InfeasibleError("nothing_to_refer_to")
        key = self.r.choice(options)
        self._used.add((target.id, key))
        self.near[target.id] = key
        for resource, implied in (*self._links(target, key), *ancestors(target, key)):
            self.near.setdefault(resource.id, implied)
        return key

    def _options(self, target: Resource) -> list[Key]:
        world = self.draft.world
        prefixes = list(world.population.prefixes(target))
        for place, parent in enumerate(target.parents):
            if parent is not None and parent.id in self.near:
                prefixes = [prefix for prefix in prefixes if prefix[place] == self.near[parent.id][-1]]
        return world.behaviour.keys(target, self.r.choice(prefixes), self.draft.state) if prefixes else []

    def _agrees(self, target: Resource, key: Key) -> bool:
        return all(self.near.get(resource.id, linked) == linked for resource, linked in self._links(target, key))

    def _links(self, target: Resource, key: Key) -> Iterator[tuple[Resource, Key]]:
        yield from links(self.draft, target, self.draft.world.entity(target, key, self.draft.state) or {})


def links(draft: Draft, resource: Resource, entity: Mapping[str, Json]) -> Iterator[tuple[Resource, Key]]:
    """Yield the top-level things that an entity refers to, with their keys."""
    landscape = draft.world.landscape
    for name, schema in landscape.models[resource.api].shapes.properties(resource.schema).items():
        target = landscape.relations.target(resource.api, name, schema)
        if target is not None and target is not resource and len(target.params) == 1 and entity.get(name) is not None:
            yield target, (str(entity[name]),)


def ancestors(resource: Resource, key: Key) -> Iterator[tuple[Resource, Key]]:
    """Yield the things that an entity, or a place for one, stands in, with their keys."""
    for place, parent in enumerate(resource.parents[: len(resource.ancestor_params)]):
        if parent is not None and not parent.singleton:
            yield parent, key[place + 1 - len(parent.params) : place + 1]
