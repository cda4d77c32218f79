"""Picking what a wish is about: anything there is, but often what an earlier wish was about."""

import random
from dataclasses import dataclass

from toolbench.tasks.draft import Draft, InfeasibleError
from toolbench.tasks.finding import Finder, is_said
from toolbench.tasks.references import referring
from toolbench.world.resources import Resource
from toolbench.world.state import Key

_BY_REFERENCE = 0.2
"""How often a thing is spoken of as what another refers to, where one does: the customer of an order."""
AGAIN = 0.6
"""How often a second wish is about what the first was about, where it can be."""


@dataclass(frozen=True, slots=True)
class Picker:
    """Picks entities, and places for them, within a draft."""

    draft: Draft
    finder: Finder
    r: random.Random
    again: float = AGAIN

    def entity(self, resource: Resource) -> Key:
        """Return the key of an entity there is; none that a call of the draft made.

        Raises:
            InfeasibleError: there is none.
        """
        return self._referred(resource) or self._any(resource)

    def _referred(self, resource: Resource) -> Key | None:
        """Return, now and then, the key of what some other thing refers to."""
        holders = referring(self.finder.landscape).get(resource.id, []) if len(resource.params) == 1 else []
        if not holders or is_said(resource) or self.r.random() >= _BY_REFERENCE:
            return None
        holder, name = self.r.choice(holders)
        return self.finder.referred(resource, name, holder, self._any(holder))

    def _any(self, resource: Resource) -> Key:
        keys = self.draft.world.behaviour.keys(resource, self.place(resource), self.draft.state)
        keys = [key for key in keys if key != self.finder.made.get(resource.id)]
        known = [key for key in keys if self.finder.knows(resource, key)]
        if not keys:
            raise InfeasibleError("no_entity")
        return self.r.choice(known if known and self.r.random() < self.again else keys)

    def place(self, resource: Resource) -> Key:
        """Return the ancestors' keys of a place where such entities are.

        Raises:
            InfeasibleError: there is none.
        """
        holder = resource.parents[0] if len(resource.ancestor_params) == 1 and resource.parents else None
        found = self._referred(holder) if holder is not None and not holder.singleton else None
        return found or self._any_place(resource)

    def _any_place(self, resource: Resource) -> Key:
        prefixes = list(self.draft.world.population.prefixes(resource))
        known = [prefix for prefix in prefixes if self._knows_place(resource, prefix)]
        if not prefixes:
            raise InfeasibleError("no_place")
        return self.r.choice(known if known and self.r.random() < self.again else prefixes)

    def place_for_new(self, resource: Resource) -> Key:
        """Return the ancestors' keys of a place where such an entity can be made: often in what was made before.

        Raises:
            InfeasibleError: there is none.
        """
        last = len(resource.ancestor_params) - 1
        holder = resource.parents[last] if 0 <= last < len(resource.parents) else None
        made = self.finder.made.get(holder.id) if holder is not None else None
        fits = made is not None and len(made) == len(resource.ancestor_params)
        return made if made is not None and fits and self.r.random() < self.again else self.place(resource)

    def _knows_place(self, resource: Resource, prefix: Key) -> bool:
        parent = resource.parents[len(prefix) - 1] if prefix and len(resource.parents) >= len(prefix) else None
        return parent is not None and self.finder.knows(parent, prefix[-len(parent.params) :])
