"""One recipe for each role of an operation: what a user may want of it, and the calls that bring it about."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from toolbench.model import Fact, HttpBinding, Json, is_array, is_object
from toolbench.model.wording import mentions
from toolbench.tasks.bodies import BodyWriter
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template, at_pointer
from toolbench.tasks.finding import Finder, query_arguments
from toolbench.tasks.naming import Trait, is_classifying, label_of, traits
from toolbench.tasks.phrases import Detail, Intent, Mention
from toolbench.world.query import CONTROLS, is_search, snake
from toolbench.world.resources import Operation, Resource, Role
from toolbench.world.state import Key
from toolbench.world.world import Landscape

_MOST_FACTS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One thing wanted, done in the draft."""

    intent: Intent
    facts: tuple[Fact, ...] = ()


class Recipes:
    """Brings about one wanted thing after another within a draft."""

    def __init__(self, landscape: Landscape, draft: Draft, finder: Finder, r: random.Random) -> None:
        self._landscape, self._draft, self._finder, self._r = landscape, draft, finder, r
        self._by_role: dict[Role, Callable[[Operation, Resource], Part]] = {
            "create": self._create,
            "update": self._update,
            "replace": self._replace,
            "delete": self._delete,
            "action": self._act,
            "get": self._get,
            "list": self._count,
        }

    def make(self, operation: Operation) -> Part:
        """Have an operation called for a reason, and what it needs before it.

        Raises:
            InfeasibleError: it cannot be done in this world.
        """
        if operation.resource is None or operation.role not in self._by_role:
            raise InfeasibleError("unknown_semantics")
        self._check_required(operation)
        return self._by_role[operation.role](operation, operation.resource)

    def _check_required(self, operation: Operation) -> None:
        binding = operation.tool.binding
        required = operation.tool.parameters.get("required", ())
        for argument in binding.arguments if isinstance(binding, HttpBinding) else ():
            if argument.name in required and argument.location in ("header", "cookie"):
                raise InfeasibleError("required_header")

    def _constants(self, operation: Operation) -> dict[str, Template]:
        """Return the required query arguments of an operation that is no list; only fixed ones can be given."""
        shapes = self._landscape.models[operation.tool.api].shapes
        required = operation.tool.parameters.get("required", ())
        found: dict[str, Template] = {}
        for name, schema in query_arguments(operation.tool):
            if name not in required:
                continue
            view = shapes.view(schema)
            options = [view["default"]] if "default" in view else view.get("enum") or ()
            if len(options) != 1:
                raise InfeasibleError("required_query")
            found[name] = Bound(options[0], "default")
        return found

    def _entity(self, resource: Resource) -> Key:
        behaviour, state = self._draft.world.behaviour, self._draft.state
        prefixes = list(self._draft.world.population.prefixes(resource))
        keys = behaviour.keys(resource, self._r.choice(prefixes), state) if prefixes else []
        if not keys:
            raise InfeasibleError("no_entity")
        return self._r.choice(keys)

    def _mention(self, operation: Operation, resource: Resource, key: Key) -> Mention:
        if not resource.singleton:
            return self._finder.mention(resource, key)
        holder = operation.scope[-1].target if operation.scope else None
        outer = self._finder.mention(holder, key) if holder is not None and len(holder.params) == len(key) else None
        return Mention(resource.noun, (), outer)

    def _create(self, operation: Operation, resource: Resource) -> Part:
        prefixes = list(self._draft.world.population.prefixes(resource))
        if not prefixes:
            raise InfeasibleError("no_place")
        place = self._r.choice(prefixes)
        scope = self._create_scope(operation, resource, place)
        outer = self._outer(operation)
        body = BodyWriter(self._finder, operation, place, self._r)
        arguments = {**scope, **self._constants(operation), **body.required(), **body.optional(2)}
        self._draft.call(operation.tool.name, arguments)
        return Part(Intent("create", Mention(resource.noun, (), outer), tuple(body.details)))

    def _create_scope(self, operation: Operation, resource: Resource, place: Key) -> dict[str, Template]:
        home = len(operation.scope) == len(resource.ancestor_params)
        if home:
            return self._finder.scope(operation, (*place, ""), resource)
        arguments: dict[str, Template] = {}
        for param in operation.scope:
            if param.target is None or len(param.target.params) != 1:
                raise InfeasibleError("unknown_scope")
            arguments[param.name] = self._finder.obtain(param.target, self._entity(param.target))
        return arguments

    def _outer(self, operation: Operation) -> Mention | None:
        if not operation.scope or operation.scope[-1].target is None:
            return None
        return self._finder.last_mention(operation.scope[-1].target)

    def _writing(self, operation: Operation, resource: Resource) -> tuple[Key, dict[str, Template], BodyWriter]:
        key = self._entity(resource)
        scope = self._finder.scope(operation, key, resource)
        return key, {**scope, **self._constants(operation)}, BodyWriter(self._finder, operation, key[:-1], self._r)

    def _update(self, operation: Operation, resource: Resource) -> Part:
        key, scope, body = self._writing(operation, resource)
        entity = self._draft.world.entity(resource, key, self._draft.state) or {}
        needed = body.required()
        changed = needed or body.changed(entity, self._r.choice((1, 1, 2)))
        self._draft.call(operation.tool.name, {**scope, **changed})
        return Part(Intent("update", self._mention(operation, resource, key), tuple(body.details)))

    def _replace(self, operation: Operation, resource: Resource) -> Part:
        key, scope, body = self._writing(operation, resource)
        self._draft.call(operation.tool.name, {**scope, **body.required(), **body.optional(2)})
        if not body.details:
            raise InfeasibleError("nothing_to_say")
        return Part(Intent("update", self._mention(operation, resource, key), tuple(body.details)))

    def _delete(self, operation: Operation, resource: Resource) -> Part:
        key, scope, _ = self._writing(operation, resource)
        self._draft.call(operation.tool.name, scope)
        return Part(Intent("delete", self._mention(operation, resource, key)))

    def _act(self, operation: Operation, resource: Resource) -> Part:
        key, scope, body = self._writing(operation, resource)
        self._draft.call(operation.tool.name, {**scope, **body.required(), **body.optional(1)})
        mention = self._mention(operation, resource, key)
        return Part(Intent("action", mention, tuple(body.details), verb=operation.verb))

    def _get(self, operation: Operation, resource: Resource) -> Part:
        key = self._entity(resource)
        scope = self._finder.scope(operation, key, resource)
        call, body = self._draft.call(operation.tool.name, {**scope, **self._constants(operation)})
        mention = self._mention(operation, resource, key)
        if self._r.random() < 0.4 and (followed := self._follow(operation, resource, call, body, mention)):
            return followed
        return self._ask(mention, call, body)

    def _follow(self, operation: Operation, resource: Resource, call: str, body: Json, mention: Mention) -> Part | None:
        """Go on to something the entity refers to, and ask about that."""
        shapes = self._landscape.models[operation.tool.api].shapes
        properties = shapes.properties(operation.tool.returns)
        options: list[tuple[str, Operation]] = []
        for name, schema in properties.items():
            target = self._landscape.relations.target(operation.tool.api, name, schema)
            if (
                target is None
                or target is resource
                or len(target.params) != 1
                or not is_object(body)
                or not body.get(name)
            ):
                continue
            options += [(name, self._landscape.operations[tool]) for tool in target.tools.get("get", ())]
        options = [(name, getter) for name, getter in options if len(getter.scope) == 1 and not getter.tool.deprecated]
        if not options:
            return None
        name, getter = self._r.choice(options)
        bound = Bound(at_pointer(body, f"/{name}"), "observed", call, f"/{name}")
        next_call, found = self._draft.call(getter.tool.name, {getter.scope[0].name: bound, **self._constants(getter)})
        label = label_of([name]).removesuffix(" id")
        return self._ask(Mention(label, (), mention), next_call, found)

    def _ask(self, mention: Mention, call: str, body: Json) -> Part:
        said = mention.text()
        options = [t for t in traits(body) if not mentions(said, t.value) and _is_news(t)]
        distinct = {trait.label: trait for trait in reversed(options)}
        if not distinct:
            raise InfeasibleError("nothing_to_ask")
        pool = sorted(distinct.values(), key=lambda trait: trait.pointer)
        chosen = self._r.sample(pool, k=min(len(pool), self._r.choice((1, 1, 2, _MOST_FACTS))))
        facts = tuple(Fact(label=t.label, value=t.value, call=call, source=t.pointer) for t in chosen)
        return Part(Intent("get", mention, (), tuple(fact.label for fact in facts)), facts)

    def _count(self, operation: Operation, resource: Resource) -> Part:
        key = self._entity(resource)
        entity = self._draft.world.entity(resource, key, self._draft.state) or {}
        scope = self._finder.scope(operation, key, resource)
        required = operation.tool.parameters.get("required", ())
        filters = {
            name: (bound, trait)
            for name, (bound, trait) in self._finder.filters(operation, entity).items()
            if name in required or (not is_search(name) and trait is not None and is_classifying(trait))
        }
        arguments = {**scope, **{name: bound for name, (bound, _) in filters.items()}}
        call, body = self._draft.call(operation.tool.name, arguments)
        details = tuple(Detail(trait.label, trait.value) for _, trait in filters.values() if trait is not None)
        mention = Mention(resource.noun, (), self._outer(operation))
        count, source = _total(body, operation)
        fact = Fact(label="count", value=count, call=call, source=source)
        return Part(Intent("count", mention, details, ("count",)), (fact,))


def _is_news(trait: Trait) -> bool:
    if trait.label.split()[0] in ("created", "updated", "modified"):
        return False
    return snake(trait.label) not in CONTROLS and snake(trait.label) not in ("object", "kind", "api version", "type")


def _total(body: Json, operation: Operation) -> tuple[int, str]:
    """Return how many there are in all and where the answer says so: its total, or the list when it is whole."""
    items, at = body, ""
    for name in operation.envelope:
        items = items.get(name) if is_object(items) else None
        at += f"/{name}"
    shown = len(items) if is_array(items) else 0
    outer = body if is_object(body) else {}
    for holder, where in ((outer, ""), *((inner, f"/{name}") for name, inner in outer.items() if is_object(inner))):
        for name, value in holder.items():
            if snake(name) in ("total", "total_count", "total_items", "total_results") and isinstance(value, int):
                return value, f"{where}/{name}"
    if not 0 < shown < 20:
        raise InfeasibleError("cannot_count")
    return shown, at
