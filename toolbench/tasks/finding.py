"""Finding the key of an entity as a person's helper would: by a list, a search, or because the user says it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from toolbench.model import HttpBinding, Json, JsonObject, Tool, is_array, is_object
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template, at_pointer
from toolbench.tasks.naming import Trait, label_of, telling, traits
from toolbench.tasks.phrases import Mention
from toolbench.world.nouns import same_name
from toolbench.world.population import is_spoken
from toolbench.world.query import is_search
from toolbench.world.resources import Operation, Resource
from toolbench.world.state import Key
from toolbench.world.world import Landscape

_DEEPEST = 4


@dataclass
class Finder:
    """Obtains keys within one draft, and remembers how each entity is called."""

    landscape: Landscape
    draft: Draft
    r: random.Random
    avoid: frozenset[str] = frozenset()
    """Tools not to use."""
    _known: dict[tuple[str, Key], Bound] = field(default_factory=dict[tuple[str, Key], Bound])
    _called: dict[tuple[str, Key], Mention] = field(default_factory=dict[tuple[str, Key], Mention])

    def obtain(self, resource: Resource, key: Key, depth: int = 0) -> Bound:
        """Return the entity's own key, bound to where it was seen or to the user who says it.

        Raises:
            InfeasibleError: there is no way to find it.
        """
        if (resource.id, key) in self._known:
            return self._known[resource.id, key]
        if depth > _DEEPEST:
            raise InfeasibleError("too_deep")
        own = resource.key_path[-1] if resource.key_path else resource.own_param
        if is_spoken(own) or is_spoken(resource.own_param):
            return self.remember(resource, key, self._said(resource, key))
        return self._look_up(resource, key, depth)

    def remember(self, resource: Resource, key: Key, bound: Bound) -> Bound:
        """Keep where an entity's key was seen."""
        self._known.setdefault((resource.id, key), bound)
        return self._known[resource.id, key]

    def mention(self, resource: Resource, key: Key) -> Mention:
        """Return how an entity is called; the bare noun where nothing was said of it."""
        return self._called.get((resource.id, key), Mention(resource.noun))

    def last_mention(self, resource: Resource) -> Mention | None:
        """Return how the last entity found of a resource is called, or None where none was."""
        found = [said for (name, _), said in self._called.items() if name == resource.id]
        return found[-1] if found else None

    def call_it(self, resource: Resource, key: Key, reference: Mention) -> None:
        """Keep how an entity is called."""
        self._called.setdefault((resource.id, key), reference)

    def scope(self, operation: Operation, key: Key, resource: Resource, depth: int = 0) -> dict[str, Template]:
        """Return the path's arguments that lead to the place of an entity.

        Args:
            operation: the operation to call.
            key: the entity's key; for a collection, the ancestors' are used.
            resource: the entity's resource.
            depth: how many look-ups led here.
        """
        arguments: dict[str, Template] = {}
        for place, param in enumerate(operation.scope):
            arguments[param.name] = self._scope_value(operation, place, key, resource, depth)
        return arguments

    def _scope_value(self, operation: Operation, place: int, key: Key, resource: Resource, depth: int) -> Bound:
        param = operation.scope[place]
        if operation.by and place == len(operation.scope) - 1:
            return self._named_by(operation, key, resource, depth)
        if param.target is resource and len(operation.scope) == len(resource.params) and place == len(key) - 1:
            return self.obtain(resource, key, depth + 1)
        if param.target is None or param.target.singleton:
            return self._unresolved(operation, place, key)
        if param.nested and place < len(key):
            return self.obtain(param.target, key[: place + 1], depth + 1)
        if place < len(resource.parents) and resource.parents[place] is param.target:
            return self.obtain(param.target, (key[place],), depth + 1)
        return self._linked(operation, place, key, resource, depth)

    def _named_by(self, operation: Operation, key: Key, resource: Resource, depth: int) -> Bound:
        """Bind a parameter that names the entity by one of its fields: its own key, or something people say."""
        if operation.scope[-1].target is resource:
            return self.obtain(resource, key, depth + 1)
        entity = self.draft.world.entity(resource, key, self.draft.state) or {}
        value = entity.get(operation.by)
        if not isinstance(value, str | int):
            raise InfeasibleError("unnamed")
        trait = Trait(f"/{operation.by}", label_of([operation.by]), value)
        self.call_it(resource, key, Mention(resource.noun, (trait,)))
        return Bound(value, "user")

    def _unresolved(self, operation: Operation, place: int, key: Key) -> Bound:
        if place >= len(key):
            raise InfeasibleError("unknown_scope")
        schema = operation.tool.parameters.get("properties", {}).get(operation.scope[place].name, {})
        text = key[place]
        kind = self.landscape.models[operation.tool.api].shapes.view(schema).get("type")
        value: Json = int(text) if kind == "integer" and text.lstrip("-").isdigit() else text
        return Bound(value, "user")

    def _linked(self, operation: Operation, place: int, key: Key, resource: Resource, depth: int) -> Bound:
        """Bind a parameter that stands for something the entity refers to: the customer of an order."""
        param = operation.scope[place]
        entity = self.draft.world.entity(resource, key, self.draft.state) or {}
        link = self.draft.world.behaviour.link(resource, param.target, param.name)
        if link is None or entity.get(link) is None or param.target is None or len(param.target.params) != 1:
            raise InfeasibleError("unknown_scope")
        return self.obtain(param.target, (str(entity[link]),), depth + 1)

    def _said(self, resource: Resource, key: Key) -> Bound:
        value = self.draft.world.population.keys(resource, key[:-1]).get(key[-1], key[-1])
        outer: Mention | None = None
        for place, parent in enumerate(resource.parents[: len(key) - 1]):
            if parent is None:
                outer = Mention(label_of([resource.params[place]]), (Trait("", "name", key[place]),), outer)
        self.call_it(resource, key, Mention(resource.noun, (Trait("", "name", value),), outer))
        return Bound(value, "user")

    def _look_up(self, resource: Resource, key: Key, depth: int) -> Bound:
        entity = self.draft.world.entity(resource, key, self.draft.state)
        if entity is None:
            raise InfeasibleError("no_such_entity")
        reasons = ["no_list"]
        for operation in self._lists(resource):
            mark, known, called = self.draft.mark(), dict(self._known), dict(self._called)
            try:
                return self._look_in(operation, resource, key, entity, depth)
            except InfeasibleError as reason:
                reasons.append(str(reason))
                self.draft.reset(mark)
                self._known, self._called = known, called
        raise InfeasibleError(reasons[-1])

    def _lists(self, resource: Resource) -> list[Operation]:
        names = [name for name in resource.tools.get("list", ()) if name not in self.avoid]
        operations = [self.landscape.operations[name] for name in names]
        operations = [o for o in operations if not o.tool.deprecated or self.r.random() < 0.1]
        self.r.shuffle(operations)
        return sorted(operations, key=lambda operation: len(operation.scope))

    def _look_in(self, operation: Operation, resource: Resource, key: Key, entity: JsonObject, depth: int) -> Bound:
        scope = self.scope(operation, key, resource, depth)
        filters = self.filters(operation, entity)
        call, body = self.draft.call(
            operation.tool.name, {**scope, **{name: bound for name, (bound, _) in filters.items()}}
        )
        pointer = self._place(operation, resource, key, body)
        said = [trait.pointer for _, trait in filters.values() if trait is not None]
        self._name(resource, key, said, operation)
        return self.remember(resource, key, Bound(at_pointer(body, pointer), "observed", call, pointer))

    def _name(self, resource: Resource, key: Key, said: list[str], operation: Operation) -> None:
        world = self.draft.world
        rivals = self._rivals(operation, resource, key)
        entity = world.entity(resource, key, self.draft.state) or {}
        told = telling(entity, rivals, said)
        if told is None:
            raise InfeasibleError("no_telling_traits")
        self.call_it(resource, key, Mention(resource.noun, tuple(told), self._outer(operation, resource, key)))

    def _rivals(self, operation: Operation, resource: Resource, key: Key) -> list[JsonObject]:
        world = self.draft.world
        narrow = len(operation.scope) == len(resource.ancestor_params)
        prefixes = [key[:-1]] if narrow else list(world.population.prefixes(resource))
        keys = [found for prefix in prefixes for found in world.behaviour.keys(resource, prefix, self.draft.state)]
        entities = [world.entity(resource, other, self.draft.state) for other in keys if other != key]
        return [entity for entity in entities if entity is not None]

    def _outer(self, operation: Operation, resource: Resource, key: Key) -> Mention | None:
        """Return how the thing is called that an entity is found in: the book of a copy."""
        for place in range(len(operation.scope) - 1, -1, -1):
            param = operation.scope[place]
            if param.target is None and place < len(key):
                return Mention(label_of([param.name]), (Trait("", "name", key[place]),))
            if param.target is None or param.target is resource:
                continue
            holder = key[: place + 1] if param.nested else None
            found = [
                said for (name, at), said in self._called.items() if name == param.target.id and holder in (None, at)
            ]
            if found:
                return found[-1]
        return None

    def _place(self, operation: Operation, resource: Resource, key: Key, body: Json) -> str:
        """Return the pointer to an entity's own key in a list, telling it from namesakes under other ancestors."""
        base = "".join(f"/{name}" for name in operation.envelope)
        if not resource.key_path:
            raise InfeasibleError("key_not_shown")
        entity = self.draft.world.entity(resource, key, self.draft.state) or {}
        for index, item in enumerate(self._items(body, operation)):
            held = self._own_key(item, resource)
            if str(held) == key[-1] and self._agrees(item, entity):
                return f"{base}/{index}" + "".join(f"/{name}" for name in resource.key_path)
        raise InfeasibleError("not_listed")

    def _items(self, body: Json, operation: Operation) -> Iterator[Json]:
        for name in operation.envelope:
            body = body.get(name) if is_object(body) else None
        yield from body if is_array(body) else ()

    def _own_key(self, item: Json, resource: Resource) -> Json:
        for name in resource.key_path:
            item = item.get(name) if is_object(item) else None
        return item

    def _agrees(self, item: Json, entity: JsonObject) -> bool:
        shared = [t for t in traits(item, 0) if t.pointer[1:] in entity]
        return all(entity[t.pointer[1:]] == t.value for t in shared)

    def filters(self, operation: Operation, entity: JsonObject) -> dict[str, tuple[Bound, Trait | None]]:
        """Return query arguments that narrow a list to an entity, each with the trait it says.

        Raises:
            InfeasibleError: a required one cannot be given.
        """
        said = {trait.pointer[1:]: trait for trait in traits(entity, 0)}
        options: dict[str, tuple[Bound, Trait | None]] = {}
        for name, schema in query_arguments(operation.tool):
            if made := self._filter(operation, name, schema, said):
                options[name] = made
        required = [n for n, _ in query_arguments(operation.tool) if n in operation.tool.parameters.get("required", ())]
        if any(name not in options for name in required):
            raise InfeasibleError("required_filter")
        chosen = {name: options[name] for name in required}
        free = [name for name in options if name not in chosen]
        naming = [name for name in free if options[name][1] in list(said.values())[:2]]
        pick = self.r.choice(naming) if naming and self.r.random() < 0.7 else None
        if pick is None and free and self.r.random() < 0.5:
            pick = self.r.choice(free)
        return {**chosen, **({pick: options[pick]} if pick and not chosen else {})}

    def _filter(
        self, operation: Operation, name: str, schema: Json, said: dict[str, Trait]
    ) -> tuple[Bound, Trait | None] | None:
        view = self.landscape.models[operation.tool.api].shapes.view(schema)
        if is_search(name):
            best = next((t for t in said.values() if isinstance(t.value, str) and len(t.value) > 3), None)
            return (Bound(best.value, "user"), best) if best else None
        trait = next((t for field, t in said.items() if same_name(field, name) and not t.is_moment), None)
        if trait is not None and view.get("type") in (None, "string", "integer", "number"):
            if "enum" in view and trait.value not in view["enum"]:
                return None
            if view.get("type") == "string" and not isinstance(trait.value, str):
                return None
            return Bound(trait.value, "user"), trait
        if "default" in view:
            return Bound(view["default"], "default"), None
        return None


def query_arguments(tool: Tool) -> list[tuple[str, Json]]:
    """Return a tool's query arguments with their schemas."""
    if not isinstance(tool.binding, HttpBinding):
        return []
    properties = tool.parameters.get("properties", {})
    return [
        (a.name, properties[a.name]) for a in tool.binding.arguments if a.location == "query" and a.name in properties
    ]
