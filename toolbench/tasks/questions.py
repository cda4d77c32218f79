"""Questions a user may have, and the calls that answer them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from toolbench.model import Fact, Json, is_array, is_object
from toolbench.model.wording import mentions
from toolbench.tasks.draft import Bound, Draft, InfeasibleError
from toolbench.tasks.fields import asked, reference_label
from toolbench.tasks.finding import Finder, Listed, item_schema
from toolbench.tasks.naming import TOTALS, Trait, documented, is_news, thing, traits
from toolbench.tasks.phrases import Intent, Mention, Part
from toolbench.tasks.picking import Picker
from toolbench.tasks.possible import fixed_query
from toolbench.tasks.references import referring
from toolbench.world.query import snake
from toolbench.world.resources import Operation, Resource
from toolbench.world.world import Landscape

_MOST_FACTS = 3
_BEST_TRAITS = 10
_WHOLE_LIST = 20
"""Lists shorter than this are whole, whatever the page size."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks one thing after another within a draft."""

    landscape: Landscape
    draft: Draft
    finder: Finder
    picker: Picker
    r: random.Random

    def about_one(self, operation: Operation, resource: Resource) -> Part:
        """Ask about something that an operation gets: by its key, or because another thing refers to it."""
        holders = referring(self.landscape).get(resource.id, []) if len(operation.scope) == 1 else []
        if holders and self.r.random() < 0.5:
            return self._refer(operation, resource, *self.r.choice(holders))
        key = self.picker.entity(resource)
        scoped = self.finder.scope(operation, key, resource)
        call, body = self.draft.call(
            operation.tool.name, {**scoped.arguments, **(fixed_query(self.landscape, operation) or {})}
        )
        mention = self.finder.mention_of(resource, key, scoped)
        return self._ask(operation, mention, Listed(call, "", body), self.finder.shown(resource, key))

    def alike(
        self,
        operation: Operation,
        things: Sequence[Mention],
        calls: Sequence[tuple[str, Json]],
        before: Listed | None,
    ) -> list[Part]:
        """Ask the same of each of several things.

        Args:
            operation: the operation that got them.
            things: how they are called.
            calls: for each, the id of the call that got it and the answer.
            before: the first of them as a list showed it, where one did.
        """
        first = self._ask(operation, things[0], Listed(calls[0][0], "", calls[0][1]), before)
        parts: list[Part] = []
        for mention, (call, body) in zip(things, calls, strict=True):
            held = {trait.pointer: trait for trait in self._traits(operation, Listed(call, "", body))}
            if any(fact.source not in held for fact in first.facts):
                raise InfeasibleError("nothing_to_ask")
            facts = tuple(
                fact.model_copy(update={"call": call, "value": held[fact.source].value}) for fact in first.facts
            )
            parts.append(Part(replace(first.intent, target=mention), facts))
        return parts

    def _refer(self, operation: Operation, resource: Resource, holder: Resource, name: str) -> Part:
        """Ask about what another thing refers to: the customer of an order."""
        key = self.picker.entity(holder)
        self.finder.obtain(holder, key)
        shown = self.finder.shown(holder, key)
        value = shown.item.get(name) if shown else None
        if shown is None or not isinstance(value, str | int):
            raise InfeasibleError("reference_not_shown")
        if self.finder.knows(resource, (str(value),)):
            raise InfeasibleError("reference_known")
        bound = Bound(value, "observed", shown.call, f"{shown.pointer}/{name}")
        arguments = {operation.scope[0].name: bound, **(fixed_query(self.landscape, operation) or {})}
        call, body = self.draft.call(operation.tool.name, arguments)
        mention = Mention(thing(reference_label(name)), (), self.finder.mention(holder, key))
        return self._ask(operation, mention, Listed(call, "", body), shown)

    def about_many(self, operation: Operation, resource: Resource) -> Part:
        """Ask about something that a list shows, or how many there are."""
        return self.r.choice((self._find, self._count))(operation, resource)

    def _find(self, operation: Operation, resource: Resource) -> Part:
        """Ask about something as a list shows it."""
        key = self.picker.entity(resource)
        self.finder.look_in(operation, resource, key)
        listed = self.finder.shown(resource, key)
        if listed is None:
            raise InfeasibleError("not_listed")
        return self._ask(operation, self.finder.mention(resource, key), listed, None)

    def _ask(self, operation: Operation, mention: Mention, found: Listed, before: Listed | None) -> Part:
        """Ask for something that an observation shows, and none before it did."""
        if not mention.noun:
            raise InfeasibleError("unspeakable")
        said = mention.text()
        known = {_told(trait) for trait in traits(before.item)} if before else set[tuple[str, Json]]()
        options: dict[str, Trait] = {}
        for trait in self._traits(operation, found):
            if is_news(trait) and _told(trait) not in known and not _is_in(said, trait.value):
                options.setdefault(asked(trait.label, trait.value), trait)
        if not options:
            raise InfeasibleError("nothing_to_ask")
        names = list(options)[:_BEST_TRAITS]
        chosen = self.r.sample(names, k=min(len(names), self.r.choice((1, 1, 2, _MOST_FACTS))))
        facts = tuple(_fact(f"{name} of the {mention.noun}", options[name], found) for name in chosen)
        return Part(Intent("get", mention, (), tuple(chosen)), facts)

    def _traits(self, operation: Operation, found: Listed) -> list[Trait]:
        shapes = self.landscape.models[operation.tool.api].shapes
        schema = item_schema(self.landscape, operation) if operation.role == "list" else operation.tool.returns
        return traits(documented(found.item, schema, shapes))

    def _count(self, operation: Operation, resource: Resource) -> Part:
        key = self.picker.entity(resource)
        scoped = self.finder.scope(operation, key, resource)
        filters = self.finder.filters.to_count(operation, self.finder.entity(resource, key))
        arguments = {**scoped.arguments, **{name: found.bound for name, found in filters.items()}}
        call, body = self.draft.call(operation.tool.name, arguments)
        said = tuple(found.trait for found in filters.values() if found.trait is not None)
        mention = Mention(thing(resource.noun), said, scoped.holder)
        count, source = total(body, operation)
        fact = Fact(label=f"number of {mention.many()}", value=count, call=call, source=source)
        return Part(Intent("count", mention, (), (fact.label,)), (fact,))


def _fact(label: str, trait: Trait, found: Listed) -> Fact:
    return Fact(label=label, value=trait.value, call=found.call, source=found.pointer + trait.pointer)


def _is_in(said: str, value: Json) -> bool:
    return mentions(said, value.rstrip(".") if isinstance(value, str) else value)


def _told(trait: Trait) -> tuple[str, Json]:
    """Return a trait by the last part of its place: an answer may wrap what a list shows bare."""
    return trait.pointer.rpartition("/")[2], trait.value


def total(body: Json, operation: Operation) -> tuple[int, str]:
    """Return how many there are in all and where the answer says so: its total, or the list when it is whole.

    Raises:
        InfeasibleError: it does not tell.
    """
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
