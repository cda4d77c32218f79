"""One recipe for each role of an operation: what a user may want of it, and the calls that bring it about."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from toolbench.model import Fact, HttpBinding, Json, JsonObject, is_array, is_object
from toolbench.model.wording import mentions
from toolbench.tasks.bodies import BodyWriter, links
from toolbench.tasks.draft import Bound, Draft, InfeasibleError, Template
from toolbench.tasks.fields import asked, reference_label
from toolbench.tasks.finding import Finder, Listed, Scoped, is_said, item_schema, query_arguments
from toolbench.tasks.naming import TOTALS, Trait, documented, is_news, thing, traits
from toolbench.tasks.phrases import Intent, IntentKind, Mention
from toolbench.tasks.references import referring
from toolbench.world.nouns import words
from toolbench.world.query import snake
from toolbench.world.resources import Operation, Resource, Role
from toolbench.world.state import Key
from toolbench.world.world import Landscape

CERTAIN_ENOUGH = 0.5
"""Confidence from which an operation is used."""

_DELETING: dict[str, IntentKind] = {
    **dict.fromkeys(("delete", "destroy", "erase", "purge"), "delete"),
    **dict.fromkeys(("detach", "dissociate", "remove", "unassign", "unlink", "unsave"), "remove"),
    **dict.fromkeys(("cancel", "dismiss", "end", "leave", "revoke", "terminate", "unfollow", "withdraw"), "action"),
}
"""Verbs in the names of operations that delete."""

_AGAIN = 0.6
"""How often a second wish is about what the first was about, where it can be."""

_MOST_FACTS = 3
_BEST_TRAITS = 10
_WHOLE_LIST = 20
"""Lists shorter than this are whole, whatever the page size."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing wanted, done in the draft."""

    intent: Intent
    facts: tuple[Fact, ...] = ()


def is_possible(landscape: Landscape, operation: Operation) -> bool:
    """Tell whether there is a recipe for an operation, as far as can be told without trying.

    It must be clear what the operation does, and to what sort of thing; the user must be able to supply what it needs.
    """
    tool, resource = operation.tool, operation.resource
    if resource is None or operation.role == "unknown" or operation.confidence < CERTAIN_ENOUGH or tool.deprecated:
        return False
    binding, required = tool.binding, tool.parameters.get("required", ())
    if isinstance(binding, HttpBinding) and any(
        argument.location in ("header", "cookie") and argument.name in required for argument in binding.arguments
    ):
        return False
    if thing(resource.noun) == "" or (operation.role == "get" and _is_redundant(landscape, operation, resource)):
        return False
    return operation.role == "list" or fixed_query(landscape, operation) is not None


def _is_redundant(landscape: Landscape, operation: Operation, resource: Resource) -> bool:
    """Tell whether an operation gets only what any list that shows the key shows beside it."""
    lists = [landscape.operations[name] for name in resource.tools.get("list", ())]
    if resource.singleton or is_said(resource) or not lists or referring(landscape).get(resource.id):
        return False
    shapes = landscape.models[resource.api].shapes
    wanted = shapes.reference(operation.tool.returns)
    return wanted != "" and all(shapes.reference(item_schema(landscape, one)) == wanted for one in lists)


def fixed_query(landscape: Landscape, operation: Operation) -> dict[str, Template] | None:
    """Return the required query arguments of an operation that is no list; None where one is open."""
    shapes = landscape.models[operation.tool.api].shapes
    required = operation.tool.parameters.get("required", ())
    found: dict[str, Template] = {}
    for name, schema in query_arguments(operation.tool):
        view = shapes.view(schema)
        options: list[Json] = [view["default"]] if "default" in view else view.get("enum") or []
        if name in required and len(options) != 1:
            return None
        if name in required:
            found[name] = Bound(options[0], "default")
    return found


class Recipes:
    """Brings about one wanted thing after another within a draft."""

    def __init__(self, landscape: Landscape, draft: Draft, r: random.Random) -> None:
        self._landscape, self._draft, self._r = landscape, draft, r
        self._finder = Finder(landscape, draft, r)
        self._by_role: dict[Role, Callable[[Operation, Resource], Part]] = {
            "create": self._create,
            "update": self._update,
            "replace": self._replace,
            "delete": self._delete,
            "action": self._act,
            "get": self._get,
            "list": self._list,
        }

    def make(self, operation: Operation) -> Part:
        """Have an operation called for a reason, and what it needs before it.

        Raises:
            InfeasibleError: it cannot be done in this world.
        """
        if operation.resource is None:
            raise InfeasibleError("unknown_semantics")
        return self._by_role[operation.role](operation, operation.resource)

    def _constants(self, operation: Operation) -> dict[str, Template]:
        found = fixed_query(self._landscape, operation)
        if found is None:
            raise InfeasibleError("required_query")
        return found

    def _some(self, resource: Resource) -> Key:
        """Return the key of any entity there is."""
        keys = self._draft.world.behaviour.keys(resource, self._place(resource), self._draft.state)
        known = [key for key in keys if self._finder.knows(resource, key)]
        if not keys:
            raise InfeasibleError("no_entity")
        return self._r.choice(known if known and self._r.random() < _AGAIN else keys)

    def _place(self, resource: Resource) -> Key:
        """Return the ancestors' keys of any place where such entities are."""
        prefixes = list(self._draft.world.population.prefixes(resource))
        known = [prefix for prefix in prefixes if self._knows_place(resource, prefix)]
        if not prefixes:
            raise InfeasibleError("no_place")
        return self._r.choice(known if known and self._r.random() < _AGAIN else prefixes)

    def _knows_place(self, resource: Resource, prefix: Key) -> bool:
        parent = resource.parents[len(prefix) - 1] if prefix and len(resource.parents) >= len(prefix) else None
        return parent is not None and self._finder.knows(parent, prefix[-len(parent.params) :])

    def _entity(self, resource: Resource, key: Key) -> JsonObject:
        return self._draft.world.entity(resource, key, self._draft.state) or {}

    def _mention(self, resource: Resource, key: Key, scoped: Scoped) -> Mention:
        if resource.singleton:
            return Mention(thing(resource.noun), (), scoped.holder)
        return self._finder.mention(resource, key)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _create(self, operation: Operation, resource: Resource) -> Part:
        scoped, near = self._create_scope(operation, resource, self._place(resource))
        body = BodyWriter(self._finder, operation, self._r, near)
        arguments = {**scoped.arguments, **self._constants(operation), **body.required(), **body.optional(2)}
        if body.arguments() and not body.details:
            raise InfeasibleError("nothing_to_say")
        self._draft.call(operation.tool.name, arguments)
        return Part(Intent("create", Mention(thing(resource.noun), (), scoped.holder), tuple(body.details)))

    def _create_scope(self, operation: Operation, resource: Resource, place: Key) -> tuple[Scoped, dict[str, Key]]:
        if [param.target for param in operation.scope] == list(resource.parents):
            return self._finder.scope(operation, (*place, ""), resource), _near(resource, place)
        arguments: dict[str, Template] = {}
        near: dict[str, Key] = {}
        holder: Mention | None = None
        for param in operation.scope:
            if param.target is None or len(param.target.params) != 1:
                raise InfeasibleError("unknown_scope")
            key = near[param.target.id] = self._some(param.target)
            arguments[param.name] = self._finder.obtain(param.target, key)
            holder = self._finder.mention(param.target, key)
        return Scoped(arguments, holder), near

    def _writing(self, operation: Operation, resource: Resource) -> tuple[Mention, dict[str, Template], BodyWriter]:
        """Choose an entity to change; return how it is called, the arguments that lead to it, and a body to fill."""
        key = self._some(resource)
        scoped = self._finder.scope(operation, key, resource)
        entity = self._entity(resource, key)
        body = BodyWriter(self._finder, operation, self._r, _near(resource, key), entity)
        given = [self._target(operation, name, schema) for name, schema in body.arguments().items()]
        kept = ((target, linked) for target, linked in links(self._finder, resource, entity) if target not in given)
        body.near |= {target.id: linked for target, linked in kept}
        return self._mention(resource, key, scoped), {**scoped.arguments, **self._constants(operation)}, body

    def _target(self, operation: Operation, name: str, schema: Json) -> Resource | None:
        return self._landscape.relations.target(operation.tool.api, name, schema)

    def _update(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        changed = body.required() or body.changed(self._r.choice((1, 1, 2)))
        self._draft.call(operation.tool.name, {**scope, **changed})
        return Part(Intent("update", mention, tuple(body.details)))

    def _replace(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        self._draft.call(operation.tool.name, {**scope, **body.required(), **body.optional(2)})
        if not body.details:
            raise InfeasibleError("nothing_to_say")
        return Part(Intent("update", mention, tuple(body.details)))

    def _delete(self, operation: Operation, resource: Resource) -> Part:
        kind, verb = _deletion(operation)
        mention, scope, _ = self._writing(operation, resource)
        self._draft.call(operation.tool.name, scope)
        return Part(Intent("delete" if kind == "remove" and mention.outer is None else kind, mention, verb=verb))

    def _act(self, operation: Operation, resource: Resource) -> Part:
        mention, scope, body = self._writing(operation, resource)
        self._draft.call(operation.tool.name, {**scope, **body.required(), **body.optional(1)})
        return Part(Intent("action", mention, tuple(body.details), verb=operation.verb))

    # -- reading -----------------------------------------------------------------------------------------------------

    def _get(self, operation: Operation, resource: Resource) -> Part:
        holders = referring(self._landscape).get(resource.id, []) if len(operation.scope) == 1 else []
        if holders and self._r.random() < 0.5:
            return self._refer(operation, resource, *self._r.choice(holders))
        key = self._some(resource)
        scoped = self._finder.scope(operation, key, resource)
        call, body = self._draft.call(operation.tool.name, {**scoped.arguments, **self._constants(operation)})
        mention = self._mention(resource, key, scoped)
        return self._ask(mention, Listed(call, "", body), operation.tool.returns, self._finder.shown(resource, key))

    def _refer(self, operation: Operation, resource: Resource, holder: Resource, name: str) -> Part:
        """Ask about what another thing refers to: the customer of an order."""
        key = self._some(holder)
        self._finder.obtain(holder, key)
        shown = self._finder.shown(holder, key)
        value = shown.item.get(name) if shown else None
        if shown is None or not isinstance(value, str | int):
            raise InfeasibleError("reference_not_shown")
        if self._finder.knows(resource, (str(value),)):
            raise InfeasibleError("reference_known")
        bound = Bound(value, "observed", shown.call, f"{shown.pointer}/{name}")
        arguments = {operation.scope[0].name: bound, **self._constants(operation)}
        call, body = self._draft.call(operation.tool.name, arguments)
        mention = Mention(thing(reference_label(name)), (), self._finder.mention(holder, key))
        return self._ask(mention, Listed(call, "", body), operation.tool.returns, shown)

    def _list(self, operation: Operation, resource: Resource) -> Part:
        return self._r.choice((self._find, self._count))(operation, resource)

    def _find(self, operation: Operation, resource: Resource) -> Part:
        """Ask about something as a list shows it."""
        key = self._some(resource)
        self._finder.look_in(operation, resource, key)
        listed = self._finder.shown(resource, key)
        if listed is None:
            raise InfeasibleError("not_listed")
        schema = item_schema(self._landscape, operation)
        return self._ask(self._finder.mention(resource, key), listed, schema, None)

    def _ask(self, mention: Mention, found: Listed, schema: Json, before: Listed | None) -> Part:
        """Ask for something that an observation shows, and none before it did."""
        if not mention.noun:
            raise InfeasibleError("unspeakable")
        said = mention.text()
        shapes = self._landscape.models[self._landscape.operations[self._tool(found.call)].tool.api].shapes
        known = {_told(trait) for trait in traits(before.item)} if before else set[tuple[str, Json]]()
        options: dict[str, Trait] = {}
        for trait in traits(documented(found.item, schema, shapes)):
            if is_news(trait) and _told(trait) not in known and not _is_in(said, trait.value):
                options.setdefault(asked(trait.label, trait.value), trait)
        if not options:
            raise InfeasibleError("nothing_to_ask")
        names = list(options)[:_BEST_TRAITS]
        chosen = self._r.sample(names, k=min(len(names), self._r.choice((1, 1, 2, _MOST_FACTS))))
        facts = tuple(self._fact(f"{name} of the {mention.noun}", options[name], found) for name in chosen)
        return Part(Intent("get", mention, (), tuple(chosen)), facts)

    def _tool(self, call: str) -> str:
        return next(gold.call.tool for gold in self._draft.gold if gold.call.id == call)

    def _fact(self, label: str, trait: Trait, found: Listed) -> Fact:
        return Fact(label=label, value=trait.value, call=found.call, source=found.pointer + trait.pointer)

    def _count(self, operation: Operation, resource: Resource) -> Part:
        key = self._some(resource)
        scoped = self._finder.scope(operation, key, resource)
        filters = self._finder.sorting(operation, self._entity(resource, key))
        arguments = {**scoped.arguments, **{name: found.bound for name, found in filters.items()}}
        call, body = self._draft.call(operation.tool.name, arguments)
        said = tuple(found.trait for found in filters.values() if found.trait is not None)
        mention = Mention(thing(resource.noun), said, scoped.holder)
        count, source = _total(body, operation)
        fact = Fact(label=f"number of {mention.many()}", value=count, call=call, source=source)
        return Part(Intent("count", mention, (), (fact.label,)), (fact,))


def _is_in(said: str, value: Json) -> bool:
    return mentions(said, value.rstrip(".") if isinstance(value, str) else value)


def _deletion(operation: Operation) -> tuple[IntentKind, str]:
    """Return what people call it when something is deleted: often it is only taken off something, or ended."""
    said = words(operation.tool.source.name or operation.tool.name)
    for verb in said:
        if verb in _DELETING:
            return _DELETING[verb], verb
    raise InfeasibleError("not_a_deletion")


def _near(resource: Resource, key: Key) -> dict[str, Key]:
    """Return the ancestors of a place, by the ids of their resources."""
    return {
        parent.id: key[place + 1 - len(parent.params) : place + 1]
        for place, parent in enumerate(resource.parents[: len(resource.ancestor_params)])
        if parent is not None and not parent.singleton
    }


def _told(trait: Trait) -> tuple[str, Json]:
    """Return a trait by the last part of its place: an answer may wrap what a list shows bare."""
    return trait.pointer.rpartition("/")[2], trait.value


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
            if snake(name) in TOTALS and isinstance(value, int):
                return value, f"{where}/{name}"
    if not 0 < shown < _WHOLE_LIST:
        raise InfeasibleError("cannot_count")
    return shown, at
