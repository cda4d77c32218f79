"""One recipe for each role of an operation: what a user may want of it, and the calls that bring it about."""

import itertools
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from toolbench.model import Json
from toolbench.tasks.bodies import BodyWriter
from toolbench.tasks.draft import Draft, InfeasibleError, Template
from toolbench.tasks.fields import is_name
from toolbench.tasks.finding import Finder, Scoped
from toolbench.tasks.naming import thing
from toolbench.tasks.phrases import Detail, Intent, IntentKind, Mention, Part
from toolbench.tasks.picking import AGAIN, Picker
from toolbench.tasks.possible import fixed_query
from toolbench.tasks.questions import Questions
from toolbench.tasks.related import Relatives, ancestors, links
from toolbench.world.nouns import resulting_states, words
from toolbench.world.resources import Operation, Resource, Role
from toolbench.world.state import Key
from toolbench.world.world import Landscape

_DELETING: dict[str, IntentKind] = {
    **dict.fromkeys(("delete", "destroy", "erase", "purge"), "delete"),
    **dict.fromkeys(("detach", "dissociate", "remove", "unassign", "unlink", "unsave"), "remove"),
    **dict.fromkeys(("cancel", "dismiss", "end", "leave", "revoke", "terminate", "unfollow", "withdraw"), "action"),
}
"""Verbs in the names of operations that delete."""


class Recipes:
    """Brings about one wanted thing after another within a draft.

    Args:
        landscape: the APIs of the draft's world.
        draft: where the calls are made.
        r: source of randomness.
        again: how often a further wish is about what an earlier one was about, where it can be.
        finder: how keys are obtained; as a person's helper would, unless another is given.
    """

    def __init__(
        self,
        landscape: Landscape,
        draft: Draft,
        r: random.Random,
        again: float = AGAIN,
        finder: Finder | None = None,
    ) -> None:
        self._landscape, self._draft, self._r = landscape, draft, r
        self._finder = finder or Finder(landscape, draft, r)
        self._picker = Picker(draft, self._finder, r, again)
        self._questions = Questions(landscape, draft, self._finder, self._picker, r)
        self._by_role: dict[Role, Callable[[Operation, Resource], Part]] = {
            "create": self._create,
            "update": self._change,
            "replace": self._change,
            "delete": self._change,
            "action": self._change,
            "get": self._questions.about_one,
            "list": self._questions.about_many,
        }

    def make(self, operation: Operation) -> Part:
        """Have an operation called for a reason, and what it needs before it.

        Raises:
            InfeasibleError: it cannot be done in this world.
        """
        if operation.resource is None:
            raise InfeasibleError("unknown_semantics")
        return self._by_role[operation.role](operation, operation.resource)

    def _create(self, operation: Operation, resource: Resource) -> Part:
        place = self._picker.place_for_new(resource)
        intent, arguments = self._creation(operation, resource, place)
        call, shown = self._draft.call(operation.tool.name, arguments)
        self._finder.keep_made(operation, resource, place, call, shown)
        return Part(intent)

    def _creation(self, operation: Operation, resource: Resource, place: Key) -> tuple[Intent, dict[str, Template]]:
        """Return the wish for something new in a place, and the arguments that make it."""
        scoped, near = self._create_scope(operation, resource, place)
        near = {**self._finder.made, **near} if self._r.random() < self._picker.again else near
        body = BodyWriter(self._finder, operation, self._r, Relatives(self._draft, self._r, near))
        arguments = {
            **scoped.arguments,
            **(fixed_query(self._landscape, operation) or {}),
            **body.required(),
            **body.optional(2),
        }
        if body.arguments() and not body.details:
            raise InfeasibleError("nothing_to_say")
        intent = Intent("create", Mention(thing(resource.noun), (), scoped.holder), tuple(body.details))
        return intent, arguments

    def _create_scope(self, operation: Operation, resource: Resource, place: Key) -> tuple[Scoped, dict[str, Key]]:
        if [param.target for param in operation.scope] == list(resource.parents):
            return self._finder.scope(operation, (*place, ""), resource), _by_id(ancestors(resource, place))
        arguments: dict[str, Template] = {}
        near: dict[str, Key] = {}
        holder: Mention | None = None
        for param in operation.scope:
            if param.target is None or len(param.target.params) != 1:
                raise InfeasibleError("unknown_scope")
            key = near[param.target.id] = self._picker.entity(param.target)
            arguments[param.name] = self._finder.obtain(param.target, key)
            holder = self._finder.mention(param.target, key)
        return Scoped(arguments, holder), near

    def _writing(
        self, operation: Operation, resource: Resource, key: Key
    ) -> tuple[Mention, dict[str, Template], BodyWriter]:
        """Return how an entity to change is called, the arguments that lead to it, and a body to fill."""
        scoped = self._finder.scope(operation, key, resource)
        entity = self._finder.entity(resource, key)
        relatives = Relatives(self._draft, self._r, _by_id(ancestors(resource, key)))
        body = BodyWriter(self._finder, operation, self._r, relatives, entity)
        given = [self._target(operation, name, schema) for name, schema in body.arguments().items()]
        relatives.near |= _by_id(pair for pair in links(self._draft, resource, entity) if pair[0] not in given)
        return (
            self._finder.mention_of(resource, key, scoped),
            {**scoped.arguments, **(fixed_query(self._landscape, operation) or {})},
            body,
        )

    def _target(self, operation: Operation, name: str, schema: Json) -> Resource | None:
        return self._landscape.relations.target(operation.tool.api, name, schema)

    def _change(self, operation: Operation, resource: Resource) -> Part:
        change = self._changing(operation, resource, self._picker.entity(resource))
        self._draft.call(operation.tool.name, {**change.scope, **change.rest})
        return Part(change.intent)

    def _changing(self, operation: Operation, resource: Resource, key: Key) -> "_Change":
        """Return the wish to change an entity, and the arguments that do it."""
        mention, scope, body = self._writing(operation, resource, key)
        match operation.role:
            case "delete":
                return _Change(_deleting(operation, mention, body), scope, {})
            case "action":
                rest = {**body.required(), **body.optional(1)}
                return _Change(Intent("action", mention, tuple(body.details), verb=operation.verb), scope, rest)
            case "replace":
                rest = {**body.required(), **body.optional(2)}
            case _:
                rest = body.required() or body.changed(self._r.choice((1, 1, 2)))
        if not body.details:
            raise InfeasibleError("nothing_to_say")
        return _Change(Intent("update", mention, tuple(body.details)), scope, rest)

    # -- the same wish about several things --------------------------------------------------------------------------

    def several(self, operation: Operation, count: int) -> list[Part]:
        """Have an operation called for several things in one place: what they take is found first, for all of them.

        Raises:
            InfeasibleError: it cannot be done in this world, or the things cannot be spoken of in one breath.
        """
        resource = operation.resource
        if resource is None or resource.singleton:
            raise InfeasibleError("only_one")
        place = self._picker.place(resource)
        keys = self._draft.world.behaviour.keys(resource, place, self._draft.state)
        if operation.role == "create":
            made = [self._creation(operation, resource, place) for _ in range(count)]
        elif len(keys) < count:
            raise InfeasibleError("too_few_entities")
        else:
            keys = self._r.sample(keys, k=count)
            made = self._repeated(operation, resource, keys)
        intents = [intent for intent, _ in made]
        if not _is_one_breath(intents):
            raise InfeasibleError("not_in_one_breath")
        calls = [self._draft.call(operation.tool.name, arguments) for _, arguments in made]
        self._draft.part_ways([call for call, _ in calls])
        if operation.role == "get":
            targets, shown = [one.target for one in intents], self._finder.shown(resource, keys[0])
            return self._questions.alike(operation, targets, calls, shown)
        return [Part(intent) for intent in intents]

    def _repeated(
        self, operation: Operation, resource: Resource, keys: Sequence[Key]
    ) -> list[tuple[Intent, dict[str, Template]]]:
        """Return the same wish about several entities, and the arguments of each call."""
        fixed = fixed_query(self._landscape, operation) or {}
        if operation.role == "get":
            first = _Change(Intent("get", Mention("")), {}, fixed)
        else:
            first = self._changing(operation, resource, keys[0])
        made: list[tuple[Intent, dict[str, Template]]] = []
        for key in keys:
            scoped = self._finder.scope(operation, key, resource)
            intent = replace(first.intent, target=self._finder.mention_of(resource, key, scoped))
            made.append((intent, {**scoped.arguments, **fixed, **first.rest}))
        return made


class _Change(NamedTuple):
    """A wish to change something, and the call for it."""

    intent: Intent
    scope: dict[str, Template]
    """The arguments that lead to it."""
    rest: dict[str, Template]
    """The others."""


def _is_one_breath(intents: Sequence[Intent]) -> bool:
    """Tell whether people would wish the same for several things at once, and can be understood."""
    targets = [intent.target for intent in intents]
    if len({target.outer for target in targets}) > 1:
        return False
    if intents[0].kind == "create":
        names = [tuple(d.value for d in intent.details if _is_telling(d)) for intent in intents]
        return all(one != other for one, other in itertools.combinations(names, 2) if one)
    alike = len({tuple(target.adjectives()) for target in targets}) == 1
    return (alike or targets[0].outer is None) and not any(is_name(detail.label) for detail in intents[0].details)


def _is_telling(detail: Detail) -> bool:
    return isinstance(detail.value, Mention) or is_name(detail.label)


def _deleting(operation: Operation, mention: Mention, body: BodyWriter) -> Intent:
    kind, verb = _deletion(operation)
    if kind == "action" and set(resulting_states(verb)) & {str(value) for value in body.before.values()}:
        raise InfeasibleError("already_so")
    return Intent("delete" if kind == "remove" and mention.outer is None else kind, mention, verb=verb)


def _deletion(operation: Operation) -> tuple[IntentKind, str]:
    """Return what people call it when something is deleted: often it is only taken off something, or ended."""
    said = words(operation.tool.source.name or operation.tool.name)
    for verb in said:
        if verb in _DELETING:
            return _DELETING[verb], verb
    raise InfeasibleError("not_a_deletion")


def _by_id(pairs: Iterable[tuple[Resource, Key]]) -> dict[str, Key]:
    return {resource.id: key for resource, key in pairs}
