"""Entities as they are in a state: the seeded ones, and what calls have made of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple

from toolbench.model import Json, JsonObject, is_array
from toolbench.world.dependence import of_all
from toolbench.world.marks import Mark, is_marked, marks, spellings
from toolbench.world.memory import Latest
from toolbench.world.nouns import KEY_NAMES, same_name
from toolbench.world.population import Population
from toolbench.world.query import Row, equals
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Resource
from toolbench.world.shapes import Shapes, main_type
from toolbench.world.state import Address, Key, WorldState

_AS_BEFORE: Final[JsonObject] = {}
"""Stands for an entity that no call has changed."""


class _Seeded(NamedTuple):
    """Finds the entities of a resource before the first call, without looking at each."""

    places: dict[Key, int]
    marked: dict[Mark, list[Key]]


@dataclass(frozen=True, slots=True)
class Entities:
    """Reads entities."""

    models: dict[str, ApiModel]
    """The world's APIs, by id."""
    relations: Relations
    population: Population
    seed: int
    latest: Latest = field(default_factory=Latest)
    """Keeps what follows from the state asked about last."""
    seeded: dict[str, "_Seeded"] = field(default_factory=dict[str, "_Seeded"])
    """What the entities before the first call are found by, by resource."""

    def shapes(self, resource: Resource) -> Shapes:
        """Return the views of the schemas of a resource's API."""
        return self.models[resource.api].shapes

    def properties(self, resource: Resource) -> JsonObject:
        """Return the properties of a resource's entities."""
        return self.shapes(resource).properties(resource.schema)

    def read(self, resource: Resource, key: Key, state: WorldState) -> JsonObject | None:
        """Return an entity as it is in a state, or None where there is none."""
        address = (resource.id, key)
        if address in state.entities:
            return state.entities[address]
        if resource.singleton and _has_new_owner(resource, key, state):
            return self.population.made(resource, key)
        return self.population.entity(resource, key)

    def rows(self, resource: Resource, ancestors: Key, state: WorldState) -> Iterable[Row]:
        """Return the entities there are in a state under given ancestors, seeded ones first."""

        def made() -> dict[Key, Row]:
            return {row.key: row for row in self._rows(resource, ancestors, state)}

        def amended(rows: dict[Key, Row], changed: tuple[Address, ...]) -> dict[Key, Row] | None:
            return self._amended(rows, resource, ancestors, changed, state)

        question = ("rows", resource.id, ancestors)
        return self.latest.of(state, question, made, lambda: of_all(resource), amended).values()

    def _rows(self, resource: Resource, ancestors: Key, state: WorldState) -> Iterator[Row]:
        for key in self._known(resource, ancestors, state):
            entity = state.entities.get((resource.id, key), _AS_BEFORE)
            if entity is _AS_BEFORE:
                entity = self.read(resource, key, state)
            if entity is not None:
                yield Row(key, entity)

    def _amended(
        self, rows: dict[Key, Row], resource: Resource, ancestors: Key, changed: tuple[Address, ...], state: WorldState
    ) -> dict[Key, Row] | None:
        """Return rows after some changes; None where an ancestor was changed, or a new row is not the last."""
        others = any(name != resource.id for name, _ in changed)
        if resource.singleton or others or not self._reachable(resource, ancestors, state):
            return None
        after = dict(rows)
        for key in (key for _, key in changed if key[:-1] == ancestors):
            entity = state.entities[resource.id, key]
            if entity is None:
                after.pop(key, None)
            elif key in after or self._comes_last(resource, key, after, state):
                after[key] = Row(key, entity)
            else:
                return None
        return after

    def _comes_last(self, resource: Resource, key: Key, rows: dict[Key, Row], state: WorldState) -> bool:
        """Tell whether an entity stands behind all others of its collection."""
        if key[-1] in self.population.keys(resource, key[:-1]):
            return False
        numbers = state.created.get((resource.id, key[:-1]))
        if numbers is None or key[-1] not in numbers:
            return False
        last = next(reversed(rows), None)
        return last is None or numbers.get(last[-1], -1) < numbers[key[-1]]

    def keys(self, resource: Resource, ancestors: Key, state: WorldState) -> list[Key]:
        """Return the keys of the entities there are in a state under given ancestors, seeded ones first."""
        found = self._known(resource, ancestors, state)
        return [key for key in found if state.entities.get((resource.id, key), key) is not None]

    def _known(self, resource: Resource, ancestors: Key, state: WorldState) -> list[Key]:
        """Return the keys of the entities there are or were."""
        if not self._reachable(resource, ancestors, state):
            return []
        own = dict.fromkeys((*self.population.keys(resource, ancestors), *state.born(resource.id, ancestors)))
        return [ancestors if resource.singleton else (*ancestors, name) for name in own]

    def everywhere(self, resource: Resource, state: WorldState) -> list[Key]:
        """Return the keys of all entities of a resource in a state; of a very large population a bounded part."""
        prefixes = dict.fromkeys(self.population.prefixes(resource))
        prefixes |= dict.fromkeys(sorted(place[1] for place in state.created if place[0] == resource.id))
        return [key for prefix in prefixes for key in self.keys(resource, prefix, state)]

    def _reachable(self, resource: Resource, ancestors: Key, state: WorldState) -> bool:
        """Tell whether no ancestor was deleted."""
        return not any(
            state.entities.get((parent.id, ancestors[: place + 1]), ancestors) is None
            for place, parent in enumerate(resource.parents[: len(ancestors)])
            if parent is not None
        )

    def having(
        self, resource: Resource, field: str, value: Json, state: WorldState, ancestors: Key | None = None
    ) -> Iterator[Key]:
        """Yield the keys of the entities that have a value in a field, seeded ones first.

        Args:
            resource: the resource.
            field: the field's name.
            value: the value, not null.
            state: the state.
            ancestors: those they stand under; None for any.
        """
        for key in self._candidates(resource, field, value, state):
            under = ancestors is None or key[:-1] == ancestors
            if under and equals((self.read(resource, key, state) or {}).get(field), value):
                yield key

    def _candidates(self, resource: Resource, field: str, value: Json, state: WorldState) -> Iterable[Key]:
        """Return the keys of entities that may have a value in a field: of created ones, not each is looked at."""
        if not is_marked(field):
            return self.everywhere(resource, state)
        seeded, held = self._seeded(resource), [(field, text) for text in spellings(value)]
        near = {key for mark in held for key in (*seeded.marked.get(mark, ()), *state.found(resource.id, mark))}
        before = sorted(near & seeded.places.keys(), key=seeded.places.__getitem__)
        made = (key for mark in held for key in state.marked(resource.id, mark))
        return (key for key in dict.fromkeys((*before, *made)) if self._is_there(resource, key, state))

    def _seeded(self, resource: Resource) -> "_Seeded":
        if resource.id not in self.seeded:
            found = _Seeded({}, {})
            for key in self._first(resource):
                found.places[key] = len(found.places)
                for mark in marks(key[-1] if key else "", self.population.entity(resource, key) or {}):
                    found.marked.setdefault(mark, []).append(key)
            self.seeded[resource.id] = found
        return self.seeded[resource.id]

    def _first(self, resource: Resource) -> Iterator[Key]:
        """Yield the keys of the entities before the first call; of a very large population a bounded part."""
        for prefix in self.population.prefixes(resource):
            own = ((),) if resource.singleton else ((own,) for own in self.population.keys(resource, prefix))
            yield from ((*prefix, *last) for last in own)

    def _is_there(self, resource: Resource, key: Key, state: WorldState) -> bool:
        gone = state.entities.get((resource.id, key), key) is None
        return not gone and self._reachable(resource, key[:-1], state)

    def keyed(self, resource: Resource, own: str, state: WorldState) -> Key | None:
        """Return the key of the first entity whose own key is the given one, or None."""
        prefixes = self.population.prefixes(resource)
        seeded = ((*prefix, own) for prefix in prefixes if own in self.population.keys(resource, prefix))
        made = state.marked(resource.id, ("", own))
        return next((key for key in chain(seeded, made) if self._is_there(resource, key, state)), None)

    def named(self, resource: Resource, name: Json, state: WorldState) -> Key | None:
        """Return the key of the entity that a body names by its key, login or name, or None."""
        by_key = self.keyed(resource, str(name), state)
        if by_key is not None or is_array(name):
            return by_key
        fields = (field for field in KEY_NAMES if field in self.properties(resource))
        return next((key for field in fields for key in self.having(resource, field, name, state)), None)

    def link(self, resource: Resource, target: Resource | None, name: str) -> str | None:
        """Return the field of an entity that refers to a target, or repeats a parameter's name."""
        for own, schema in self.properties(resource).items():
            refers = target is not None and self.relations.target(resource.api, own, schema) is target
            if refers or (same_name(own, name) and name != "id"):
                return own
        return None

    def typed(self, resource: Resource, field: str, text: str) -> Json:
        """Return the text of a path's parameter as a field holds it: `7` as 7 where it holds numbers."""
        shapes = self.shapes(resource)
        kind = main_type(shapes.view(self.properties(resource).get(field)))
        return int(text) if kind in ("integer", "number") and text.lstrip("-").isdecimal() else text


def _has_new_owner(resource: Resource, key: Key, state: WorldState) -> bool:
    """Tell whether a singleton belongs to an entity that a call has made."""
    return any(
        parent is not None and key[: place + 1][-1] in state.created.get((parent.id, key[:place]), ())
        for place, parent in enumerate(resource.parents[: len(key)])
    )
