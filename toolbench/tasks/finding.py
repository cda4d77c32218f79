"""Finding the key of an entity as a person's helper would: by a list, a search, or because the user says it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.pointers import at
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template
from toolbench.tasks.fields import label_of, reference_label
from toolbench.tasks.filters import Filters
from toolbench.tasks.naming import Trait, documented, telling, thing, traits
from toolbench.tasks.phrases import Mention
from toolbench.world.population import is_spoken
from toolbench.world.resources import Operation, Resource
from toolbench.world.state import Key
from toolbench.world.world import Landscape

_DEEPEST = 4


class Scoped(NamedTuple):
    """The path's arguments of a call, and how the thing they lead to is called."""

    arguments: dict[str, Template]
    holder: Mention | None
    """What the entity belongs to, where the path says so."""


class Listed(NamedTuple):
    """An entity as a list shows it."""

    call: str
    """Id of the call that listed it."""
    pointer: str
    """JSON pointer to it in that call's observation."""
    item: JsonObject


@dataclass
class Finder:
    """Obtains keys within one draft, and remembers how each entity is called."""

    landscape: Landscape
    draft: Draft
    r: random.Random
    filters: Filters = field(init=False)
    _known: dict[tuple[str, Key], Bound] = field(default_factory=dict[tuple[str, Key], Bound])
    _called: dict[tuple[str, Key], Mention] = field(default_factory=dict[tuple[str, Key], Mention])
    _shown: dict[tuple[str, Key], Listed] = field(default_factory=dict[tuple[str, Key], Listed])
    made: dict[str, Key] = field(default_factory=dict[str, Key])
    """By id of a resource: the key of the one that a call of this draft made."""

    def __post_init__(self) -> None:
        """Share the randomness with the choice of filters."""
        self.filters = Filters(self.landscape, self.r)

    def obtain(self, resource: Resource, key: Key, depth: int = 0) -> Bound:
        """Return the entity's own key, bound to where it was seen or to the user who says it.

        Raises:
            InfeasibleError: there is no way to find it.
        """
        if (resource.id, key) in self._known:
            return self._known[resource.id, key]
        if not key:
            raise InfeasibleError("no_key")
        if depth > _DEEPEST:
            raise InfeasibleError("too_deep")
        if is_said(resource):
            return self._keep(resource, key, self._said(resource, key), self._said_mention(resource, key))
        return self._look_up(resource, key, depth)

    def mention(self, resource: Resource, key: Key) -> Mention:
        """Return how an entity is called; the bare noun where nothing was said of it."""
        return self._called.get((resource.id, key), Mention(thing(resource.noun)))

    def mention_of(self, resource: Resource, key: Key, scoped: Scoped) -> Mention:
        """Return how an entity is called that a path leads to; a single one goes by what it belongs to."""
        if resource.singleton:
            return Mention(thing(resource.noun), (), scoped.holder)
        return self.mention(resource, key)

    def shown(self, resource: Resource, key: Key) -> Listed | None:
        """Return the entity as a list showed it, or None where none did."""
        return self._shown.get((resource.id, key))

    def knows(self, resource: Resource, key: Key) -> bool:
        """Tell whether an entity was found already."""
        return (resource.id, key) in self._known

    def keep_made(self, operation: Operation, resource: Resource, place: Key, call: str, body: Json) -> None:
        """Remember what a call made, where its answer shows the key; it is spoken of as `the new order` then.

        Only the first thing made in a draft is: the server's key for another depends on what was made before it, and
        nobody has to keep to the order of the gold.
        """
        pointer = "".join(f"/{name}" for name in (*operation.envelope, *resource.key_path))
        own = at(body, pointer, None)
        known = isinstance(own, str | int) and self.entity(resource, (*place, str(own)))
        if self.draft.state.serial != 1 or is_said(resource) or not resource.key_path or not known:
            return
        key = (*place, str(own))
        self.made[resource.id] = key
        self._keep(resource, key, Bound(own, "observed", call, pointer), Mention(thing(resource.noun), new=True))

    def referred(self, resource: Resource, name: str, holder: Resource, key: Key) -> Key:
        """Return the key of what another entity refers to, as a list shows it: the customer of an order.

        Args:
            resource: what it refers to.
            name: the field that does.
            holder: the other entity's resource.
            key: its key.

        Raises:
            InfeasibleError: the list does not show it, or what it shows is known already or is not there.
        """
        self.obtain(holder, key)
        shown = self.shown(holder, key)
        value = shown.item.get(name) if shown else None
        if shown is None or not isinstance(value, str | int):
            raise InfeasibleError("reference_not_shown")
        found = (str(value),)
        if self.knows(resource, found) or not self.entity(resource, found):
            raise InfeasibleError("reference_known")
        mention = Mention(thing(reference_label(name)), (), self.mention(holder, key))
        self._keep(resource, found, Bound(value, "observed", shown.call, f"{shown.pointer}/{name}"), mention)
        return found

    def _keep(self, resource: Resource, key: Key, bound: Bound, mention: Mention) -> Bound:
        if not mention.noun:
            raise InfeasibleError("unspeakable")
        self._called[resource.id, key] = mention
        self._known[resource.id, key] = bound
        return bound

    # -- the way to an entity ----------------------------------------------------------------------------------------

    def scope(self, operation: Operation, key: Key, resource: Resource, depth: int = 0) -> Scoped:
        """Return the path's arguments that lead to the place of an entity.

        Args:
            operation: the operation to call.
            key: the entity's key; for a collection, the ancestors' are used.
            resource: the entity's resource.
            depth: how many look-ups led here.
        """
        arguments: dict[str, Template] = {}
        holder: Mention | None = None
        for place, param in enumerate(operation.scope):
            bound, mention = self._scope_value(operation, place, key, resource, depth)
            arguments[param.name] = bound
            holder = self._within(mention, holder) if mention is not None else holder
        return Scoped(arguments, holder)

    def _within(self, mention: Mention, holder: Mention | None) -> Mention:
        return mention if mention.outer is not None else Mention(mention.noun, mention.traits, holder)

    def _scope_value(
        self, operation: Operation, place: int, key: Key, resource: Resource, depth: int
    ) -> tuple[Bound, Mention | None]:
        param = operation.scope[place]
        if operation.by and place == len(operation.scope) - 1:
            return self._named_by(operation, key, resource, depth), None
        if param.target is resource and len(operation.scope) == len(resource.params) and place == len(key) - 1:
            return self.obtain(resource, key, depth + 1), None
        if param.target is None or param.target.singleton:
            return self._unresolved(operation, place, key)
        if place < len(resource.parents) and resource.parents[place] is param.target:
            return self._of(param.target, key[place + 1 - len(param.target.params) : place + 1], depth)
        return self._linked(operation, place, key, resource, depth)

    def _of(self, target: Resource, key: Key, depth: int) -> tuple[Bound, Mention]:
        return self.obtain(target, key, depth + 1), self.mention(target, key)

    def _named_by(self, operation: Operation, key: Key, resource: Resource, depth: int) -> Bound:
        """Bind a parameter that names the entity by one of its fields: its own key, or something people say."""
        if operation.scope[-1].target is resource:
            return self.obtain(resource, key, depth + 1)
        value = self.entity(resource, key).get(operation.by)
        if not isinstance(value, str | int):
            raise InfeasibleError("unnamed")
        trait = Trait(f"/{operation.by}", label_of([operation.by]), value)
        self._called[resource.id, key] = Mention(thing(resource.noun), (trait,))
        return Bound(value, "user")

    def _unresolved(self, operation: Operation, place: int, key: Key) -> tuple[Bound, Mention]:
        if place >= len(key):
            raise InfeasibleError("unknown_scope")
        name, text = operation.scope[place].name, key[place]
        schema = operation.tool.parameters.get("properties", {}).get(name, {})
        kind = self.landscape.models[operation.tool.api].shapes.view(schema).get("type")
        value = int(text) if kind == "integer" and text.lstrip("-").isdigit() else text
        return Bound(value, "user"), _called_by_param(name, text)

    def _linked(
        self, operation: Operation, place: int, key: Key, resource: Resource, depth: int
    ) -> tuple[Bound, Mention]:
        """Bind a parameter that stands for something the entity refers to: the customer of an order."""
        param = operation.scope[place]
        entity = self.entity(resource, key)
        link = self.draft.world.behaviour.link(resource, param.target, param.name)
        if link is None or entity.get(link) is None or param.target is None or len(param.target.params) != 1:
            raise InfeasibleError("unknown_scope")
        return self._of(param.target, (str(entity[link]),), depth)

    def entity(self, resource: Resource, key: Key) -> JsonObject:
        """Return an entity as it is now; empty where there is none."""
        return self.draft.world.entity(resource, key, self.draft.state) or {}

    def _said(self, resource: Resource, key: Key) -> Bound:
        return Bound(self.draft.world.population.keys(resource, key[:-1]).get(key[-1], key[-1]), "user")

    def _said_mention(self, resource: Resource, key: Key) -> Mention:
        outer: Mention | None = None
        for place, parent in enumerate(resource.parents[: len(key) - 1]):
            if parent is None or is_said(parent):
                outer = self._within(_called_by_param(resource.params[place], key[place]), outer)
        return Mention(thing(resource.noun), (Trait("", "name", key[-1]),), outer)

    # -- lists -------------------------------------------------------------------------------------------------------

    def _look_up(self, resource: Resource, key: Key, depth: int) -> Bound:
        if not self.entity(resource, key):
            raise InfeasibleError("no_such_entity")
        reason = "no_list"
        for operation in self._lists(resource):
            mark, known = self.draft.mark(), (dict(self._known), dict(self._called), dict(self._shown))
            try:
                return self.look_in(operation, resource, key, depth)
            except InfeasibleError as infeasible:
                reason = str(infeasible)
                self.draft.reset(mark)
                self._known, self._called, self._shown = known
        raise InfeasibleError(reason)

    def _lists(self, resource: Resource) -> list[Operation]:
        operations = [self.landscape.operations[name] for name in resource.tools.get("list", ())]
        operations = [operation for operation in operations if not operation.tool.deprecated]
        self.r.shuffle(operations)
        return sorted(operations, key=lambda operation: len(operation.scope))

    def look_in(self, operation: Operation, resource: Resource, key: Key, depth: int = 0) -> Bound:
        """Return an entity's own key as a list shows it; one that was made before, where that shows it too.

        Raises:
            InfeasibleError: this list cannot be made, or does not tell the entity from others.
        """
        scoped = self.scope(operation, key, resource, depth)
        listed, said = self._seen(operation, resource, key, scoped.arguments), list[Trait]()
        if listed is None:
            filters = self.filters.to_find(operation, self.entity(resource, key))
            said = [found.trait for found in filters.values() if found.trait is not None]
            arguments = {**scoped.arguments, **{name: found.bound for name, found in filters.items()}}
            call, body = self.draft.call(operation.tool.name, arguments)
            listed = self._place(operation, resource, key, call, body)
        told = telling(self._options(operation, listed.item, said), self._rivals(operation, resource, key), said)
        if told is None:
            raise InfeasibleError("no_telling_traits")
        self._shown[resource.id, key] = listed
        pointer = listed.pointer + "".join(f"/{name}" for name in resource.key_path)
        bound = Bound(_own_key(listed.item, resource), "observed", listed.call, pointer)
        return self._keep(resource, key, bound, Mention(thing(resource.noun), tuple(told), scoped.holder))

    def _seen(
        self, operation: Operation, resource: Resource, key: Key, arguments: dict[str, Template]
    ) -> Listed | None:
        """Return the entity as an earlier call of the same list showed it, or None where none did."""
        scope = {name: bound.value for name, bound in arguments.items() if isinstance(bound, Bound)}
        for gold, seen in zip(self.draft.gold, self.draft.observations, strict=True):
            same = gold.call.tool == operation.tool.name
            if same and all(gold.call.arguments.get(name) == value for name, value in scope.items()):
                try:
                    return self._place(operation, resource, key, gold.call.id, seen.body)
                except InfeasibleError:
                    continue
        return None

    def _options(self, operation: Operation, item: JsonObject, said: list[Trait]) -> list[Trait]:
        shapes = self.landscape.models[operation.tool.api].shapes
        options = traits(documented(item, item_schema(self.landscape, operation), shapes))
        return [*(trait for trait in said if trait not in options), *options]

    def _rivals(self, operation: Operation, resource: Resource, key: Key) -> list[JsonObject]:
        """Return the others that a description may fit, as they are now and as they were when the user spoke."""
        world = self.draft.world
        narrow = len(operation.scope) == len(resource.ancestor_params)
        prefixes = [key[:-1]] if narrow else list(world.population.prefixes(resource))
        rivals: list[JsonObject] = []
        for state in (self.draft.state, world.initial):
            keys = [found for prefix in prefixes for found in world.behaviour.keys(resource, prefix, state)]
            entities = (world.entity(resource, other, state) for other in keys if other != key)
            rivals += [entity for entity in entities if entity is not None]
        return rivals

    def _place(self, operation: Operation, resource: Resource, key: Key, call: str, body: Json) -> Listed:
        """Return an entity in a list, telling it from namesakes under other ancestors."""
        if not resource.key_path:
            raise InfeasibleError("key_not_shown")
        entity = self.entity(resource, key)
        base = "".join(f"/{name}" for name in operation.envelope)
        found = [
            Listed(call, f"{base}/{index}", item)
            for index, item in enumerate(_items(body, operation))
            if is_object(item) and str(_own_key(item, resource)) == key[-1]
        ]
        if not found:
            raise InfeasibleError("not_listed")
        return max(found, key=lambda listed: _likeness(listed.item, entity))


def is_said(resource: Resource) -> bool:
    """Tell whether people say the key of such an entity (a name, a login) rather than look it up."""
    own = resource.key_path[-1] if resource.key_path else resource.own_param
    return is_spoken(own) or is_spoken(resource.own_param)


def item_schema(landscape: Landscape, operation: Operation) -> Json:
    """Return the open schema of what a list lists."""
    shapes = landscape.models[operation.tool.api].shapes
    schema: Json = operation.tool.returns
    for name in operation.envelope:
        schema = shapes.properties(schema)[name]
    return shapes.items(schema)


def _called_by_param(name: str, value: str) -> Mention:
    return Mention(thing(label_of([name])) or label_of([name]), (Trait("", "name", value),))


def _items(body: Json, operation: Operation) -> Iterator[Json]:
    for name in operation.envelope:
        body = body.get(name) if is_object(body) else None
    yield from body if is_array(body) else ()


def _own_key(item: Json, resource: Resource) -> Json:
    for name in resource.key_path:
        item = item.get(name) if is_object(item) else None
    return item


def _likeness(item: JsonObject, entity: JsonObject) -> int:
    return sum(1 for name, value in item.items() if entity.get(name) == value)
